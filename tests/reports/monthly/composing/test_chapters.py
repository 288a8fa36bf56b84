"""Each chapter: what must be marked, named and counted."""

from dataclasses import replace

import pytest

from itops.reports.monthly.parts import SlotRow
from itops.reports.paper.model import HeatMap, IndicatorRow, Indicators, Mark, said
from tests.reports.monthly.composing.reading import everything, paper_of, rows_of, table_of
from tests.reports.monthly.reports import empty_report, sample_report, yearly_report

REPORT = sample_report()
EN, FA = paper_of(REPORT, "en"), paper_of(REPORT, "fa")


def test_the_removal_without_an_order_is_marked_and_said() -> None:
    removed = table_of(FA, "changes-removed")
    by_name = {said(row.cells[1].line): row for row in removed.rows}
    assert by_name["Citrix"].mark is Mark.BAD
    assert said(by_name["Citrix"].cells[-1].line) == "بدون دستور"
    assert by_name["RDC"].mark is None
    assert "۱۴۰۵/۳۲۱/ص" in said(by_name["RDC"].cells[-1].line)
    assert removed.note == "بدون دستور: ۱ مورد از ۲ مورد"


def test_an_order_without_a_letter_number_is_said_to_have_none() -> None:
    created = {row[1]: row for row in rows_of(table_of(EN, "changes-created"))}
    assert created["KMS"][-1].endswith("no letter number")


def test_a_resized_server_shows_before_and_after_with_their_units() -> None:
    row = table_of(FA, "changes-resized").rows[0]
    assert [said(cell.line) for cell in row.cells[3:6]] == ["حافظه (RAM)", "۶۴ گیگابایت", "۱۲۸ گیگابایت"]
    assert [cell.value for cell in row.cells[4:6]] == [64 << 30, 128 << 30]


def test_an_action_of_a_newer_itops_is_listed_with_the_others() -> None:
    change = replace(REPORT.servers.changes[0], action="cloned")
    report = replace(REPORT, servers=replace(REPORT.servers, changes=(change,)))
    assert rows_of(table_of(paper_of(report, "en"), "changes-other"))[0][1] == "RDC"


def test_discovered_servers_are_no_changes() -> None:
    change = replace(REPORT.servers.changes[0], action="discovered")
    report = replace(REPORT, servers=replace(REPORT.servers, changes=(change,)))
    paper = everything(paper_of(report, "en"))
    assert "No server was seen to come, go or change" in paper
    assert "they were there before anybody looked: 1." in paper


def test_sixteen_servers_are_sixteen_rows_physical_first() -> None:
    physical, virtual = table_of(FA, "servers-physical"), table_of(FA, "servers-virtual")
    assert (len(physical.rows), len(virtual.rows)) == (4, 12)
    numbers = [row.cells[0].value for table in (physical, virtual) for row in table.rows]
    assert numbers == list(range(1, 17))
    assert len(table_of(FA, "annex-servers").rows) == 16


def test_a_field_that_headquarters_asks_for_and_nobody_told_is_marked() -> None:
    nas = next(row for row in table_of(EN, "servers-physical").rows if said(row.cells[1].line) == "NAS01")
    assert (said(nas.cells[3].line), nas.cells[3].mark) == ("—", Mark.NOTICE)
    assert "NAS01: serial number, memory; KMS: ESX host." in everything(EN)


def test_names_keep_their_letters_and_digits_in_both_languages() -> None:
    for paper in (EN, FA):
        names = [row.cells[1].line for row in table_of(paper, "servers-virtual").rows]
        assert "App01 <b>{name}</b>" in [said(line) for line in names]
        assert all(span.is_code for line in names for span in line if span.text.isascii())


def test_hardware_by_kind_and_place_adds_up() -> None:
    table = table_of(FA, "hardware-kinds")
    assert table.total is not None
    *sites, total = [cell.value for cell in table.total.cells[1:]]
    assert total == 340 == sum(value for value in sites if isinstance(value, int | float))
    assert [said(cell.line) for cell in table.total.cells][-1] == "۳۴۰"
    assert len(table_of(FA, "annex-assets").rows) == 340


def test_a_place_that_only_an_item_names_has_a_column() -> None:
    hardware = replace(REPORT.hardware, counts={"computer": {"head-office": 2, "somewhere": 3}})
    table = table_of(paper_of(replace(REPORT, hardware=hardware), "en"), "hardware-kinds")
    assert "somewhere" in [column.title for column in table.columns]
    assert table.rows[0].cells[-1].value == 5


def test_the_calendar_has_a_row_for_each_job_and_a_sign_for_each_day() -> None:
    calendar = next(block for block in FA.blocks if isinstance(block, HeatMap))
    assert (len(calendar.days), calendar.days[0], calendar.days[-1]) == (30, "۱", "۳۰")
    assert [len(row.cells) for row in calendar.rows] == [30] * 6
    by_label = {said(row.label): "".join(cell.sign for cell in row.cells) for row in calendar.rows}
    assert by_label["sql01/Insurance"] == "–سسسسسس–سسسسنت–سسسسسس–سسسسسس–س"
    explained = {cell.sign for cell, _ in calendar.legend}
    assert explained == {cell.sign for row in calendar.rows for cell in row.cells}


def test_a_year_has_a_calendar_for_each_month() -> None:
    backups = yearly_report().backups
    days = tuple(day.replace(month=month) for month in (10, 11) for day in backups.days if day.month == 11)
    report = replace(yearly_report(), backups=replace(backups, days=days))
    calendars = [block for block in paper_of(report, "en").blocks if isinstance(block, HeatMap)]
    assert [block.id for block in calendars] == ["calendar-1405-07", "calendar-1405-08"]


def test_a_weekly_job_stands_in_the_calendar_by_its_weeks() -> None:
    slots = tuple(slot for slot in REPORT.backups.slots if slot.tier == "weekly" and slot.job == "files")
    report = replace(REPORT, backups=replace(REPORT.backups, slots=slots))
    row = next(block for block in paper_of(report, "en").blocks if isinstance(block, HeatMap)).rows[0]
    assert said(row.label) == "files/fs01/scans, weekly"
    assert [number for number, cell in enumerate(row.cells) if cell.sign] == [1, 8, 15, 22]


def test_a_week_that_began_before_the_period_stands_at_its_first_day() -> None:
    week = SlotRow(job="files", object="files/fs01/scans", tier="weekly", slot="w1405-07-25",
                   on=REPORT.backups.days[0].replace(day=17), state="OK", reason="in-slot")  # fmt: skip
    report = replace(REPORT, backups=replace(REPORT.backups, slots=(week,)))
    row = next(block for block in paper_of(report, "en").blocks if isinstance(block, HeatMap)).rows[0]
    assert row.cells[0].sign == "G"
    assert row.cells[0].title.startswith("week of 1405-07-25")


def test_tiers_are_counted_without_what_was_not_demanded() -> None:
    table = table_of(EN, "backup-tiers")
    daily = next(row for row in table.rows if said(row.cells[0].line) == "insurance-db")
    assert [cell.value for cell in daily.cells[3:]] == [25, 23, 1, 0, 0, 1, 0, 0]
    assert table.total is not None
    assert table.total.cells[3].value == 180


def test_slots_that_were_not_filled_as_they_should_be_are_all_in_the_annex() -> None:
    states = [row[5] for row in rows_of(table_of(EN, "annex-slots"))]
    odd = [one for one in REPORT.backups.slots if one.state not in {"OK", "EXEMPT"}]
    assert len(states) == len(odd) == 7
    assert {"missing", "damaged", "late, in its grace", "nobody looked"} <= set(states)


def test_proof_levels_are_named() -> None:
    levels = {row[0]: row[1] for row in rows_of(table_of(FA, "backup-levels"))}
    assert levels["L3 سالم"] == "۱۶۰"


def test_what_was_never_restored_is_called_not_tested() -> None:
    jobs = {row[0]: row for row in rows_of(table_of(FA, "backup-jobs"))}
    assert jobs["personnel-db"][6] == "آزموده نشده"
    services = {row[0]: row for row in rows_of(table_of(EN, "services"))}
    assert services["Portal of the office"][6] == "not tested"


def test_a_plan_that_may_lose_more_than_promised_is_marked() -> None:
    portal = table_of(EN, "services").rows[1]
    assert portal.cells[4].mark is Mark.BAD
    assert table_of(EN, "services").rows[0].cells[4].mark is Mark.GOOD


def test_a_deposit_that_is_late_is_marked() -> None:
    late = table_of(EN, "backup-deposits").rows[2]
    assert (said(late.cells[4].line), late.mark) == ("overdue", Mark.BAD)


def test_where_no_server_listed_its_databases_all_of_them_is_not_claimed() -> None:
    report = replace(REPORT, backups=replace(REPORT.backups, lists_databases=False))
    sentence = "No server told which databases it has"
    assert sentence in everything(paper_of(report, "en"))
    assert sentence not in everything(EN)


def test_twenty_seven_documents_are_twenty_seven_rows_and_the_missing_one_is_marked() -> None:
    table = table_of(FA, "documents")
    assert len(table.rows) == 27
    marked = [said(row.cells[1].line) for row in table.rows if row.mark is Mark.BAD]
    assert marked == ["گزارش شماره 14 فناوری"]
    assert [column.title for column in table.columns[3:6]] == [
        "سامانه اهداف عملیاتی",
        "کنترل کیفیت",
        "سامانه طرح شهید رجایی",
    ]


def test_uploads_are_counted_by_system() -> None:
    goals = table_of(EN, "systems").rows[0]
    assert [cell.value for cell in goals.cells[1:]] == [27, 26, 0, 0, 1]


def test_documents_of_several_months_say_which() -> None:
    documents = (REPORT.papers.documents[0], replace(REPORT.papers.documents[0], period="1405-07"))
    table = table_of(paper_of(replace(REPORT, papers=replace(REPORT.papers, documents=documents)), "fa"), "documents")
    assert [said(row.cells[2].line) for row in table.rows] == ["آبان ۱۴۰۵", "مهر ۱۴۰۵"]


def test_ten_exceptions_are_shown_and_the_rest_is_counted() -> None:
    table = table_of(FA, "exceptions-worst")
    assert (len(table.rows), table.note) == (10, "۸ مورد دیگر در پیوست آمده است.")
    assert len(table_of(FA, "annex-exceptions").rows) == 18


def test_a_cause_that_nobody_typed_is_a_dash_and_said_to_be_missing() -> None:
    causes = [row[6] for row in rows_of(table_of(FA, "exceptions-worst"))]
    assert causes[:2] == ["— نوشته نشده است", "برق شبکه قطع بود"]


@pytest.mark.parametrize(("months", "persian", "english"), [
    (1, "ماه اول", "1st month"), (3, "ماه سوم", "3rd month"), (12, "ماه دوازدهم", "12th month"),
    (13, "ماه ۱۳", "month 13"),
])  # fmt: skip
def test_how_long_an_exception_stands_is_said_in_words(months: int, persian: str, english: str) -> None:
    report = replace(REPORT, exceptions=(replace(REPORT.exceptions[0], months=months),))
    told = [rows_of(table_of(paper_of(report, language), "exceptions-worst"))[0][3] for language in ("fa", "en")]
    assert told == [persian, english]


def indicator(language: str, number: int) -> IndicatorRow:
    paper = FA if language == "fa" else EN
    return next(block for block in paper.blocks if isinstance(block, Indicators)).rows[number]


def test_an_indicator_shows_now_target_last_month_and_change() -> None:
    row = indicator("fa", 1)
    cells = [said(cell.line) for cell in (row.now, row.target, row.before, row.change)]
    assert cells == ["۹۷٫۷٪", "۱۰۰٪", "۱۰۰٪", "-۲٫۳"]
    assert row.change.line[0].is_code
    assert (row.mark, row.ceiling) == (Mark.NOTICE, 1.0)


def test_a_trend_keeps_its_unknown_months() -> None:
    row = indicator("en", 7)
    assert row.trend[:3] == (None, None, None)
    assert row.trend_texts[2:] == ("—", "19", "17", "18")
    assert row.trend_labels[-1] == "1405-08"


def test_an_indicator_without_a_target_is_not_judged() -> None:
    assert (indicator("en", 0).mark, indicator("en", 0).state) == (Mark.NONE, "no target")


def test_a_gap_that_says_the_same_of_every_subject_is_told_in_the_words_of_the_paper() -> None:
    told = {
        paper.language: [said(cell.line) for cell in table_of(paper, "gaps").rows[1].cells[:4]] for paper in (FA, EN)
    }
    assert told["en"] == [
        "monitor",
        "source",
        "nobody ever looked at it to the end: nothing of it is known",
        "let it be scanned",
    ]
    assert told["fa"] == [
        "monitor",
        "منبع",
        "هیچ بازدید کاملی از آن انجام نشده و چیزی از آن معلوم نیست",
        "بازدید شود",
    ]


def test_other_gaps_are_codes_in_persian_and_words_in_english() -> None:
    problems = [table_of(paper, "gaps").rows[0].cells[2].line[0].is_code for paper in (FA, EN)]
    assert problems == [True, False]


def test_what_headquarters_asks_of_a_server_and_nobody_knows_is_told_in_words_and_marked() -> None:
    report = sample_report()
    (first, *others) = report.servers.rows
    bare = replace(first, addresses=(), site="", missing=("host", "ip", "os", "serial", "site"))
    found = replace(report, servers=replace(report.servers, rows=(bare, *others)))
    told = everything(paper_of(found, "en"))
    assert "ESX host, IP address, operating system, serial number, office" in told
    assert "سرور ESX، نشانی IP، سیستم‌عامل، شماره سریال، اداره" in everything(paper_of(found, "fa"))
    table = "servers-virtual" if first.kind == "vm" else "servers-physical"
    marked = [cell for cell in table_of(paper_of(found, "en"), table).rows[0].cells if cell.mark is Mark.NOTICE]
    assert len(marked) == 3


def test_an_input_that_was_never_seen_is_marked() -> None:
    monitor = next(row for row in table_of(EN, "sources").rows if said(row.cells[0].line) == "monitor")
    assert (monitor.mark, said(monitor.cells[3].line)) == (Mark.UNKNOWN, "—")


def test_every_figure_of_the_report_is_defined_once() -> None:
    rows = rows_of(table_of(FA, "annex-definitions"))
    assert [row[0] for row in rows] == list(REPORT.figures)
    assert all(row[3] != "—" for row in rows)


def test_problems_that_nobody_typed_are_said_to_be_missing() -> None:
    assert everything(paper_of(empty_report(), "en")).count("— not written") == 2


def test_of_what_may_have_stood_longer_no_number_of_months_is_claimed() -> None:
    report = replace(REPORT, exceptions=(replace(REPORT.exceptions[0], months=6, is_longer=True),))
    told = [rows_of(table_of(paper_of(report, language), "exceptions-worst"))[0][3] for language in ("fa", "en")]
    assert told == ["ماه ششم یا بیشتر", "6th month or later"]
