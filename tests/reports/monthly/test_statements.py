"""Statements: word for word where the facts bear them out, weaker where not, never stronger for knowing less."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

import itops.reports
from itops.names import Names
from itops.reports.monthly.assembling import Parts
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import (
    AssetRow,
    BackupPart,
    CoverRow,
    DepositRow,
    DocumentRow,
    DrillRow,
    HardwarePart,
    JobRow,
    OrderRow,
    PaperPart,
    ServerPart,
    SiteRow,
    SlotRow,
    UploadRow,
)
from itops.reports.monthly.statement_words import names_nothing, sentence
from itops.reports.monthly.statements import more_than, statements_of
from itops.reports.paper.model import Span, said
from tests.reports.monthly.judged_office import (
    DATABASES,
    EN,
    FA,
    FIRST,
    ISSUER,
    MONTH,
    MONTHS,
    YEAR,
    backups,
    change,
    codes,
    deed,
    hardware,
    office,
    papers,
    servers,
    texts,
    with_backup_figures,
    with_document_figure,
)

EXPECTED = (
    "حذف ۵ دستگاه سرور مجازی (kaspersky، RDC، Citrix، DFSR، SCCM) از سرورهای ESX به دستور اداره کل زیرساخت سازمان",
    "نصب و راه‌اندازی ۶ دستگاه سرور مجازی جدید (WSUS، SQL، PDC، VCSA، DC، KMS) در سرورهای ESX",
    "ارتقای سیستم‌عامل، نصب آخرین پچ‌ها و تنظیمات جدید ۳ دستگاه سرور مجازی (Padvish، Backup Server، FileServer)",
    "ثبت و به‌روزرسانی مشخصات فنی بیش از ۳۰۰ مورد تجهیزات سخت‌افزاری اداره کل و شهرستان‌ها در سامانه بودجه IT",
    "تهیه ماهانه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی",
    "تهیه و بارگذاری ماهانه ۲۷ مورد مستندات در سامانه اهداف عملیاتی",
    "پشتیبان‌گیری روزانه، هفتگی و ماهانه از کلیه بانک‌های اطلاعاتی مستقر در اداره کل"
    " و انتقال ماهانه به صندوق امانات بانک رفاه",
)
TEXT = Path(itops.reports.__file__).parent / "text"


@pytest.mark.parametrize("expected", EXPECTED)
def test_the_sentences_of_the_office_come_out_word_for_word(expected: str) -> None:
    assert expected in texts(office())


def test_of_a_month_they_are_the_same() -> None:
    of_month = office(papers=papers(months=MONTH.months), backups=backups(MONTH.months))
    assert set(EXPECTED) <= set(texts(of_month, MONTH))


def test_what_the_log_tells_besides_is_said_too() -> None:
    assert texts(office())[3] == "نصب آخرین پچ‌ها ۱ دستگاه سرور مجازی (SolarWinds)"
    assert texts(office())[-2:] == ["پشتیبانی بیش از ۱۰۰ جلسه مجازی", "انجام بیش از ۴۰۰ مورد مکاتبات"]


def test_english_says_the_same() -> None:
    assert texts(office(), words=EN) == [
        f"Virtual servers removed from ESX hosts on the order of {ISSUER}: 5 (kaspersky, RDC, Citrix, DFSR, SCCM)",
        "New virtual servers installed on ESX hosts: 6 (WSUS, SQL, PDC, VCSA, DC, KMS)",
        "Virtual servers with upgraded operating system, latest patches installed and new settings: 3 "
        "(Padvish, Backup Server, FileServer)",
        "Virtual servers with latest patches installed: 1 (SolarWinds)",
        "Technical details of hardware items in the head office and the county offices registered and updated in "
        "IT budget system: more than 300",
        "Servers (physical and virtual) in the monthly technical file: 16",
        "Documents made and uploaded monthly to Operational goals system: 27",
        "Backups (daily, weekly and monthly) of all databases of the head office and their monthly deposit in "
        "the safe-deposit box at Refah bank",
        "Virtual meetings supported: more than 100",
        "Letters handled: more than 400",
    ]


@pytest.mark.parametrize(
    ("count", "persian"),
    [(1, "۱"), (99, "۹۹"), (100, "۱۰۰"), (101, "بیش از ۱۰۰"), (299, "بیش از ۲۰۰"), (300, "۳۰۰"), (347, "بیش از ۳۰۰"),
     (412, "بیش از ۴۰۰"), (1250, "بیش از ۱٬۲۰۰")],
)  # fmt: skip
def test_large_numbers_are_floored_to_the_hundred(count: int, persian: str) -> None:
    (told,) = [one for one in texts(office(hardware=hardware(count, counties=1))) if "تجهیزات" in one]
    assert f"مشخصات فنی {persian} مورد" in told


@given(st.integers(0, 10**7))
def test_more_than_is_never_said_of_a_number_that_is_not_larger(count: int) -> None:
    told = more_than(count)
    floor = told["rounded_count"]
    assert isinstance(floor, int)
    assert floor <= count < floor + 100
    assert told["is_rounded"] is (count > floor)


def _removals(*issuers: str | None) -> ServerPart:
    orders = [None if issuer is None else OrderRow(issuer=issuer) for issuer in issuers]
    rows = (change(f"VM{number}", "removed", number, order=order) for number, order in enumerate(orders))
    return ServerPart(changes=tuple(rows))


@pytest.mark.parametrize(
    ("issuers", "expected"),
    [
        (("A", "A"), ["حذف ۲ دستگاه سرور مجازی (VM0، VM1) از سرورهای ESX به دستور A"]),
        (
            ("A", None, "A"),
            [
                "حذف ۲ دستگاه سرور مجازی (VM0، VM2) از سرورهای ESX به دستور A",
                "حذف ۱ دستگاه سرور مجازی (VM1) از سرورهای ESX",
            ],
        ),
        (
            ("A", "B"),
            [
                "حذف ۱ دستگاه سرور مجازی (VM0) از سرورهای ESX به دستور A",
                "حذف ۱ دستگاه سرور مجازی (VM1) از سرورهای ESX به دستور B",
            ],
        ),
        ((None,), ["حذف ۱ دستگاه سرور مجازی (VM0) از سرورهای ESX"]),
        (("",), ["حذف ۱ دستگاه سرور مجازی (VM0) از سرورهای ESX"]),
        (("سازمان كل", "سازمان کل"), ["حذف ۲ دستگاه سرور مجازی (VM0، VM1) از سرورهای ESX به دستور سازمان كل"]),
        ((), []),
    ],
)
def test_an_order_is_named_of_those_alone_that_it_was_given_for(issuers: Any, expected: list[str]) -> None:
    assert texts(Parts(servers=_removals(*issuers))) == expected


def test_a_server_that_was_removed_twice_is_one_server() -> None:
    twice = (change("test", "removed", 1), change("test", "added", 2), change("test", "removed", 3))
    assert texts(Parts(servers=ServerPart(changes=twice))) == [
        "حذف ۱ دستگاه سرور مجازی (test) از سرورهای ESX",
        "نصب و راه‌اندازی ۱ دستگاه سرور مجازی جدید (test) در سرورهای ESX",
    ]


def test_what_was_only_discovered_or_is_a_host_was_not_installed() -> None:
    host = replace(change("esx09", "added", 2), kind="host")
    assert texts(Parts(servers=ServerPart(changes=(change("old", "discovered", 1), host)))) == []


def test_without_entries_in_the_log_nothing_was_upgraded() -> None:
    """A guest's system that changed is observed; that somebody upgraded it, only people know."""
    seen = change("Padvish", "upgraded", 1, field="guest_os", before="2016", after="2022")
    assert texts(Parts(servers=replace(servers(), changes=(seen,), deeds=()))) == [
        "تهیه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی"
    ]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ([deed(1, "patched", "SQL", "DC")], ["نصب آخرین پچ‌ها ۲ دستگاه سرور مجازی (SQL، DC)"]),
        ([deed(1, "patched", "SQL"), deed(2, "patched", "sql")], ["نصب آخرین پچ‌ها ۱ دستگاه سرور مجازی (SQL)"]),
        ([deed(1, "upgraded", "esx01")], ["ارتقای سیستم‌عامل ۱ دستگاه سرور فیزیکی (esx01)"]),
        ([deed(1, "upgraded", "A-3")], ["ارتقای سیستم‌عامل ۱ دستگاه سرور فیزیکی (esx03)"]),
        ([deed(1, "upgraded", "PRN-7")], ["ارتقای سیستم‌عامل ۱ دستگاه (PRN-7)"]),
        ([deed(1, "upgraded", "kaspersky")], ["ارتقای سیستم‌عامل ۱ دستگاه سرور مجازی (kaspersky)"]),
        (
            [deed(1, "reconfigured", "SQL", "DC"), deed(2, "upgraded", "DC")],
            ["تنظیمات جدید ۱ دستگاه سرور مجازی (SQL)", "ارتقای سیستم‌عامل و تنظیمات جدید ۱ دستگاه سرور مجازی (DC)"],
        ),
        ([deed(1, "upgraded")], []),
        ([deed(1, "moved", "SQL"), deed(2, "other", "SQL")], []),
    ],
)
def test_servers_with_the_same_work_share_a_sentence(deeds: list[Any], expected: list[str]) -> None:
    told = texts(office(servers=replace(servers(), deeds=tuple(deeds))))
    assert told[2 : 2 + len(expected)] == expected
    assert not any("پچ" in one or "سیستم‌عامل" in one or "تنظیمات" in one for one in told[2 + len(expected) :])


def test_servers_that_moved_are_named_with_where_to() -> None:
    moved = (
        change("SQL", "moved", 1, field="host", before="esx01", after="esx02"),
        change("SQL", "moved", 2, field="host", before="esx02", after="esx03"),
        change("DC", "moved", 3, field="cluster", before="old", after="new"),
    )
    assert texts(Parts(servers=ServerPart(changes=moved))) == [
        "انتقال ۱ دستگاه سرور مجازی (SQL) به سرور ESX دیگر (esx03)"
    ]


def test_a_server_that_came_back_has_not_moved() -> None:
    moved = change("SQL", "moved", 1, field="host", before="esx01", after="esx01")
    assert texts(Parts(servers=ServerPart(changes=(moved,)))) == []


def _standing(counts: dict[str, int], *, has_head: bool = True) -> HardwarePart:
    sites = (SiteRow(id="head", is_head=has_head), SiteRow(id="fardis"), SiteRow(id=""))
    return replace(hardware(40), sites=sites, counts={"computer": counts}, registered_in=())


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (_standing({"head": 39, "fardis": 1}), "اداره کل و شهرستان‌ها"),
        (_standing({"head": 40, "fardis": 0}), "اداره کل"),
        (_standing({"fardis": 40}), "شهرستان‌ها"),
        (_standing({"head": 39, "": 1}), ""),
        (_standing({"head": 39, "fardis": 1}, has_head=False), ""),
        (_standing({"head": 39, "nowhere": 1}), ""),
        (_standing({}), ""),
    ],
)
def test_places_are_named_only_where_every_item_stands_in_them(part: HardwarePart, expected: str) -> None:
    told = "ثبت و به‌روزرسانی مشخصات فنی ۴۰ مورد تجهیزات سخت‌افزاری"
    assert texts(Parts(hardware=part)) == [f"{told} {expected}".strip()]


def test_items_are_registered_only_in_systems_that_the_list_was_sent_to() -> None:
    two = (Names(fa="سامانه یک", en="One"), Names(fa="سامانه دو", en="Two"))
    (told,) = texts(Parts(hardware=replace(hardware(40, 1), registered_in=two)))
    assert told.endswith("شهرستان‌ها در سامانه یک، سامانه دو")
    (told,) = texts(Parts(hardware=replace(hardware(40, 1), registered_in=())))
    assert told.endswith("اداره کل و شهرستان‌ها")


def _verified(day: Any) -> HardwarePart:
    item = AssetRow(id="A-1", kind="computer", status="in_use", site="head", verified_on=day)
    return replace(hardware(40, 1), changes=(), items=(item,))


@pytest.mark.parametrize(
    ("part", "verb"),
    [
        (_verified(YEAR.first), "ثبت و به‌روزرسانی"),
        (_verified(None), "ثبت"),
        (_verified(FIRST.replace(year=2022).date()), "ثبت"),
    ],
)
def test_a_register_that_nobody_touched_was_not_updated(part: HardwarePart, verb: str) -> None:
    (told,) = texts(Parts(hardware=part))
    assert told.startswith(f"{verb} مشخصات")


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (papers(), "تهیه ماهانه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی"),
        (
            papers(months=[month for month in MONTHS if month != "1402-05"]),
            "تهیه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی در ۱۱ ماه از ۱۲ ماه (تهیه‌نشده: 1402-05)",
        ),
        (PaperPart(), "تهیه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی"),
    ],
)
def test_the_technical_file_is_monthly_when_it_was_made_every_month(part: PaperPart, expected: str) -> None:
    assert expected in texts(office(papers=part))


def test_of_one_month_the_file_is_in_the_report_that_is_being_built() -> None:
    told = texts(office(papers=PaperPart(), servers=replace(servers(), changes=(), deeds=())), MONTH)
    assert "تهیه ماهانه فایل اطلاعات فنی ۱۶ دستگاه سرور فیزیکی و مجازی" in told


def test_kinds_of_servers_are_named_only_where_there_are_some() -> None:
    virtual = tuple(row for row in servers().rows if row.kind == "virtual")
    part = ServerPart(rows=virtual, figures=(Figure(id="servers.total", value=12),))
    assert texts(Parts(servers=part), MONTH) == ["تهیه ماهانه فایل اطلاعات فنی ۱۲ دستگاه سرور مجازی"]


def _without(part: PaperPart, number: int, month: str, **changed: Any) -> PaperPart:
    rows = (
        replace(row, **changed) if (row.name, row.period) == (f"doc-{number:02}", month) else row
        for row in part.documents
    )
    return with_document_figure(replace(part, documents=tuple(rows)))


NOT_MADE = {"is_made": False, "uploads": (UploadRow(system="goals", state="missing"),)}


@pytest.mark.parametrize("lacking", [NOT_MADE, *({"uploads": (UploadRow(system="goals", state=state),)} for state in
                                                 ("to-upload", "outdated", "missing"))])  # fmt: skip
def test_twenty_six_of_twenty_seven_documents_are_counted_and_the_missing_one_is_named(lacking: dict[str, Any]) -> None:
    part = _without(papers(months=MONTH.months), 2, "1402-12", **lacking)
    (told,) = [one for one in texts(office(papers=part), MONTH) if "مستندات" in one]
    assert told == "تهیه و بارگذاری ۲۶ مورد از ۲۷ مورد مستندات در سامانه اهداف عملیاتی (انجام‌نشده: گزارش الفالف)"


def test_of_a_year_the_month_of_a_missing_document_is_named_too() -> None:
    part = _without(_without(papers(), 2, "1402-05", **NOT_MADE), 2, "1402-07", **NOT_MADE)
    (told,) = [one for one in texts(office(papers=part)) if "مستندات" in one]
    assert told == (
        "تهیه و بارگذاری ۳۲۲ مورد از ۳۲۴ مورد مستندات در سامانه اهداف عملیاتی "
        "(انجام‌نشده: گزارش الفالف برای 1402-05، 1402-07)"
    )


def test_a_month_without_a_row_is_no_month_with_documents() -> None:
    part = with_document_figure(replace(papers(), documents=papers().documents[:-1]))
    (told,) = [one for one in texts(office(papers=part)) if "مستندات" in one]
    assert told == "تهیه و بارگذاری ۳۲۳ مورد مستندات در سامانه اهداف عملیاتی"


def _documents(*rows: DocumentRow) -> Parts:
    return Parts(papers=with_document_figure(PaperPart(documents=rows)))


def _document(cadence: str, period: str, *systems: str, is_made: bool = True) -> DocumentRow:
    uploads = tuple(UploadRow(system=system, state="uploaded") for system in systems)
    title = Names(fa="نامه", en="Letter")
    return DocumentRow(name="a", title=title, period=period, cadence=cadence, is_made=is_made, uploads=uploads)


def test_documents_that_no_system_asks_for_are_only_made() -> None:
    assert texts(_documents(_document("monthly", "1402-12")), MONTH) == ["تهیه ماهانه ۱ مورد مستندات"]


def test_a_system_without_a_name_is_called_by_its_key() -> None:
    told = texts(_documents(_document("monthly", "1402-12", "goals")), MONTH)
    assert told == ["تهیه و بارگذاری ماهانه ۱ مورد مستندات در goals"]


def test_what_is_made_once_a_year_is_told_of_the_year_alone() -> None:
    yearly = _document("yearly", "1402", "goals")
    assert texts(_documents(yearly)) == ["تهیه و بارگذاری سالانه ۱ مورد مستندات در goals"]
    assert texts(_documents(yearly), MONTH) == []


def test_where_nothing_was_done_nothing_is_claimed() -> None:
    assert texts(_documents(_document("monthly", "1402-12", is_made=False)), MONTH) == []


def _backup_texts(part: BackupPart, period: Any = YEAR, **more: Any) -> list[str]:
    told = texts(office(backups=part, **more), period)
    return [one for one in told if "پشتیبان" in one and "جلسه" not in one]


def _slots(part: BackupPart, state: str, tier: str, object_: str = DATABASES[0], count: int = 1) -> BackupPart:
    rows = list(part.slots)
    fitting = [place for place, one in enumerate(rows) if (one.object, one.tier) == (object_, tier)]
    for place in fitting[:count]:
        rows[place] = replace(rows[place], state=state)
    return with_backup_figures(replace(part, slots=tuple(rows)))


ALL = "از کلیه بانک‌های اطلاعاتی مستقر در اداره کل و انتقال ماهانه به صندوق امانات بانک رفاه"


@pytest.mark.parametrize("state", ["MISSING", "DAMAGED", "UNKNOWN", "WEAK"])
def test_a_slot_that_is_not_filled_takes_its_tier_out_of_the_sentence(state: str) -> None:
    assert _backup_texts(_slots(backups(), state, "weekly")) == [
        f"پشتیبان‌گیری روزانه و ماهانه {ALL}",
        "انجام ۱۱ نوبت از ۱۲ نوبت پشتیبان‌گیری هفتگی از ۳ بانک اطلاعاتی",
    ]


@pytest.mark.parametrize("state", ["OPEN", "PENDING"])
def test_a_slot_that_has_time_is_neither_filled_nor_missed(state: str) -> None:
    assert _backup_texts(_slots(backups(), state, "monthly")) == [
        f"پشتیبان‌گیری روزانه و هفتگی {ALL}",
        "انجام ۳۵ نوبت از ۳۵ نوبت پشتیبان‌گیری ماهانه از ۳ بانک اطلاعاتی",
    ]


@pytest.mark.parametrize("state", ["OK", "OK-LATE", "EXEMPT"])
def test_late_and_excused_slots_take_nothing_away(state: str) -> None:
    assert _backup_texts(_slots(backups(), state, "weekly")) == [f"پشتیبان‌گیری روزانه، هفتگی و ماهانه {ALL}"]


@pytest.mark.parametrize(("days", "tiers"), [
    (0, "روزانه، هفتگی و ماهانه"), (1, "هفتگی"), (6, "هفتگی"), (7, ""),
])  # fmt: skip
def test_of_days_when_nobody_looked_yet_no_tier_is_claimed(days: int, tiers: str) -> None:
    late = tuple(replace(one, on=YEAR.first + timedelta(days=days)) for one in backups().slots)
    told = _backup_texts(with_backup_figures(replace(backups(), slots=late)))
    claimed = [one for one in told if "کلیه" in one]
    assert claimed == ([f"پشتیبان‌گیری {tiers} {ALL}"] if tiers else [])
    assert tiers == "روزانه، هفتگی و ماهانه" or any(one.startswith("انجام") for one in told)


def test_a_slot_of_before_anybody_looked_takes_its_tier_out_of_the_sentence() -> None:
    part = _slots(backups(), "EXEMPT", "daily")
    slots = tuple(replace(one, reason="before-policy" if one.state == "EXEMPT" else "") for one in part.slots)
    assert _backup_texts(with_backup_figures(replace(part, slots=slots)))[0] == f"پشتیبان‌گیری هفتگی و ماهانه {ALL}"


def test_a_tier_of_which_every_slot_was_excused_is_not_claimed() -> None:
    assert _backup_texts(_slots(backups(), "EXEMPT", "weekly", count=99))[0] == f"پشتیبان‌گیری روزانه و ماهانه {ALL}"


def test_a_tier_that_one_database_lacks_is_counted() -> None:
    rows = tuple(one for one in backups().slots if (one.object, one.tier) != (DATABASES[0], "weekly"))
    assert _backup_texts(with_backup_figures(replace(backups(), slots=rows))) == [
        f"پشتیبان‌گیری روزانه و ماهانه {ALL}",
        "پشتیبان‌گیری هفتگی از ۲ بانک اطلاعاتی از ۳ بانک اطلاعاتی",
    ]


def test_no_tier_that_is_whole_and_no_sentence_of_all_databases() -> None:
    part = backups()
    for tier in ("daily", "weekly", "monthly"):
        part = _slots(part, "MISSING", tier, count=99)
    told = _backup_texts(part)
    assert told[0] == "انتقال ماهانه نسخه پشتیبان بانک‌های اطلاعاتی به صندوق امانات بانک رفاه"
    assert not any("کلیه" in one for one in told)


def _covered(cover: str, *, lists_databases: bool = True) -> BackupPart:
    more = CoverRow(object="sql01/Archive", kind="database", cover=cover)
    part = replace(backups(), covers=(*backups().covers, more), lists_databases=lists_databases)
    return with_backup_figures(part)


@pytest.mark.parametrize(
    ("part", "scope"),
    [
        (backups(), "از کلیه بانک‌های اطلاعاتی مستقر در اداره کل و"),
        (_covered("unprotected"), "از ۳ بانک اطلاعاتی از ۴ بانک اطلاعاتی و"),
        (_covered("exemption expired"), "از ۳ بانک اطلاعاتی از ۴ بانک اطلاعاتی و"),
        (_covered("exempt"), "از ۳ بانک اطلاعاتی از ۴ بانک اطلاعاتی و"),
        (_covered("never listed"), "از ۳ بانک اطلاعاتی (فهرست بانک‌های همه سرورها در دست نیست) و"),
        (_covered("protects nothing"), "از کلیه بانک‌های اطلاعاتی مستقر در اداره کل و"),
        (
            with_backup_figures(replace(backups(), lists_databases=False, covers=())),
            "از ۳ بانک اطلاعاتی (فهرست بانک‌های همه سرورها در دست نیست) و",
        ),
    ],
)
def test_one_database_outside_the_plan_forbids_all(part: BackupPart, scope: str) -> None:
    assert scope in _backup_texts(part)[0]


def test_a_list_of_before_the_period_forbids_all() -> None:
    (told,) = _backup_texts(replace(backups(), has_old_lists=True))
    assert "کلیه" not in told


def test_without_a_head_office_databases_are_not_placed_there() -> None:
    nowhere = replace(hardware(), sites=())
    assert "از کلیه بانک‌های اطلاعاتی و انتقال" in _backup_texts(backups(), hardware=nowhere)[0]


def test_a_protected_database_whose_job_tells_nothing_has_no_tier() -> None:
    part = backups()
    assert _backup_texts(replace(part, jobs=part.jobs[1:]))[0].startswith("انتقال ماهانه نسخه پشتیبان")


def test_a_job_that_keeps_whatever_the_server_has_keeps_each_database() -> None:
    rows = tuple(replace(one, object="sql01/*") for one in backups().slots if one.object == DATABASES[0])
    jobs = tuple(replace(one, jobs=(rows[0].job,)) for one in backups().covers[:2])
    part = with_backup_figures(replace(backups(), slots=rows, covers=jobs))
    assert _backup_texts(part) == [f"پشتیبان‌گیری روزانه، هفتگی و ماهانه {ALL}"]


def _more_slots(part: BackupPart, object_: str, *states: str, reason: str = "") -> BackupPart:
    """Slots of one more object, every tier alike."""
    rows = (
        SlotRow(job=f"job-{object_}", object=object_, tier=tier, slot=f"{tier}-{n}", on=YEAR.first, state=state,
                reason=reason)
        for tier in ("daily", "weekly", "monthly") for n, state in enumerate(states)
    )  # fmt: skip
    return with_backup_figures(replace(part, slots=(*part.slots, *rows)))


def test_a_job_of_a_database_that_no_server_listed_forbids_all() -> None:
    (told,) = _backup_texts(_more_slots(backups(), "pg02/notes", "OK"))
    assert "از ۴ بانک اطلاعاتی (فهرست بانک‌های همه سرورها در دست نیست)" in told


def test_a_job_of_a_database_that_is_not_there_says_nothing_of_the_others() -> None:
    absent = CoverRow(object="SQL01/Old", kind="database", cover="protects nothing", jobs=("job-sql01/Old",))
    part = _more_slots(replace(backups(), covers=(*backups().covers, absent)), "sql01/Old", "MISSING")
    assert _backup_texts(part) == [f"پشتیبان‌گیری روزانه، هفتگی و ماهانه {ALL}"]


def test_slots_that_were_counted_and_are_not_told_are_not_filled() -> None:
    part = backups()
    told = _backup_texts(replace(part, slots=part.slots[1:]))
    assert told[0] == f"پشتیبان‌گیری هفتگی و ماهانه {ALL}"


def test_slots_that_are_nobodys_leave_nothing_certain() -> None:
    stray = SlotRow(job="x", object="y", tier="daily", slot="s", on=YEAR.first, state="OK", reason="")
    part = backups()
    assert not any("کلیه" in one for one in _backup_texts(replace(part, slots=(*part.slots, stray))))


def test_a_copy_that_nobody_demanded_is_not_counted() -> None:
    part = _slots(backups(), "MISSING", "daily")
    rows = tuple(replace(one, reason="anyway") if one.slot == "daily-7" else one for one in part.slots)
    told = _backup_texts(with_backup_figures(replace(part, slots=rows)))
    assert told[1] == "انجام ۸۳ نوبت از ۸۴ نوبت پشتیبان‌گیری روزانه از ۳ بانک اطلاعاتی"


def test_copies_of_servers_are_no_copies_of_databases() -> None:
    job = JobRow(job="dc-vm", object="vm/DC", is_database=False, tiers={"daily": {"MISSING": 30}})
    part = backups()
    assert _backup_texts(replace(part, jobs=(*part.jobs, job)))[0] == f"پشتیبان‌گیری روزانه، هفتگی و ماهانه {ALL}"


def _deposits(part: BackupPart, *months: str, is_late: bool = True) -> BackupPart:
    rows = (
        replace(row, is_deposited=False, is_late=is_late) if row.month in months and row.object == DATABASES[1] else row
        for row in part.deposits
    )
    return with_backup_figures(replace(part, deposits=tuple(rows)))


PARTLY = "انتقال نسخه پشتیبان بانک‌های اطلاعاتی به صندوق امانات بانک رفاه در"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (_deposits(backups(), "1402-07"), f"{PARTLY} ۱۱ ماه از ۱۲ ماه (کامل‌نشده: 1402-07)"),
        (_deposits(backups(), "1402-12", is_late=False), f"{PARTLY} ۱۱ ماه از ۱۲ ماه (در مهلت انتقال: 1402-12)"),
        (backups(MONTHS[2:]), f"{PARTLY} ۱۰ ماه از ۱۲ ماه"),
    ],
)
def test_eleven_of_twelve_deposits_are_not_monthly_and_the_month_is_named(part: BackupPart, expected: str) -> None:
    first, told = _backup_texts(part)
    assert first == "پشتیبان‌گیری روزانه، هفتگی و ماهانه از کلیه بانک‌های اطلاعاتی مستقر در اداره کل"
    assert told == expected


def test_of_a_month_without_a_deposit_nothing_is_claimed() -> None:
    told = _backup_texts(_deposits(backups(MONTH.months), "1402-12"), MONTH)
    assert told == ["پشتیبان‌گیری روزانه، هفتگی و ماهانه از کلیه بانک‌های اطلاعاتی مستقر در اداره کل"]


def test_two_places_are_judged_each_for_itself() -> None:
    more = (DepositRow(place="safe", month=month, job="j", object="o", slot=month, is_deposited=month != "1402-02",
                       is_late=True) for month in MONTHS)  # fmt: skip
    part = with_backup_figures(replace(backups(), deposits=(*backups().deposits, *more)))
    first, told = _backup_texts(part)
    assert first.endswith("و انتقال ماهانه به صندوق امانات بانک رفاه")
    assert told == "انتقال نسخه پشتیبان بانک‌های اطلاعاتی به safe در ۱۱ ماه از ۱۲ ماه (کامل‌نشده: 1402-02)"


def _drill(object_: str, *, is_good: bool = True) -> DrillRow:
    return DrillRow(job="j", object=object_, at=FIRST, seconds=60, into="sqlite", is_good=is_good)


@pytest.mark.parametrize(
    ("drills", "expected"),
    [
        ((_drill("sql01/A"), _drill("pg01/b")), ["انجام ۲ مورد تست بازیابی موفق (sql01/A، pg01/b)"]),
        (
            (_drill("sql01/A"), _drill("sql01/A", is_good=False)),
            ["انجام ۲ مورد تست بازیابی (sql01/A) که ۱ مورد آن موفق بود"],
        ),
        ((_drill("sql01/A", is_good=False),), []),
        ((), []),
    ],
)
def test_restore_tests_that_failed_are_told_with_the_others(drills: Any, expected: list[str]) -> None:
    assert texts(Parts(backups=BackupPart(drills=drills))) == expected


def _unknown(parts: Parts, figure: str) -> Parts:
    def without(part: Any) -> Any:
        figures = (replace(one, value=None, part=None, reason="x") if one.id == figure else one for one in part.figures)
        return replace(part, figures=tuple(figures))

    return replace(
        parts, **{name: without(getattr(parts, name)) for name in ("servers", "hardware", "papers", "backups")}
    )


@pytest.mark.parametrize(
    ("figure", "word"),
    [
        ("servers.total", "فایل اطلاعات فنی"),
        ("hardware.total", "تجهیزات"),
        ("documents.done", "مستندات"),
        ("backup.databases_protected", "کلیه"),
        ("backup.slots_ok", "پشتیبان‌گیری"),
        ("custody.months", "صندوق"),
    ],
)
def test_what_rests_on_an_unknown_figure_is_not_said(figure: str, word: str) -> None:
    assert any(word in one for one in texts(office()))
    assert not any(word in one for one in texts(_unknown(office(), figure)))


def test_every_statement_points_to_figures_that_are_known() -> None:
    known = {figure.id for figure in office().figures if figure.value is not None}
    for one in statements_of(office(), YEAR):
        assert set(one.figures) <= known, one.code
    assert sum(bool(one.figures) for one in statements_of(office(), YEAR)) == 6


def test_where_rows_and_figure_disagree_the_weaker_is_said() -> None:
    low = replace(papers(), figures=(Figure(id="documents.done", value=0.9, unit="ratio", part=9, of=10),))
    assert "تهیه و بارگذاری ۳۲۴ مورد مستندات در سامانه اهداف عملیاتی" in texts(office(papers=low))
    part = replace(backups(), figures=tuple(
        replace(one, value=0.75, part=3, of=4) if one.id == "backup.databases_protected" else one
        for one in backups().figures))  # fmt: skip
    assert not any("کلیه" in one for one in texts(office(backups=part)))
    part = replace(backups(), covers=backups().covers[1:], jobs=backups().jobs[1:], slots=backups().slots[46:])
    # rows of two databases, and a figure that was counted from three
    assert not any("کلیه" in one for one in texts(office(backups=part)))
    part = replace(backups(), figures=tuple(
        replace(one, value=0.5, part=6, of=12) if one.id == "custody.months" else one for one in backups().figures
    ))  # fmt: skip
    assert not any("انتقال ماهانه" in one for one in texts(office(backups=part)))


# Facts that can be lost, one by one. What is demanded (a slot, a document, a month) stays: losing a demand is no loss.
LOSSES: tuple[Callable[[Parts, int], Parts], ...] = (
    lambda p, n: replace(p, backups=_lost_slot(p.backups, n)),
    lambda p, n: replace(p, backups=_lost_row(p.backups, "jobs", n)),
    lambda p, n: replace(p, backups=_lost_row(p.backups, "slots", n)),
    lambda p, n: replace(p, backups=_lost_row(p.backups, "covers", n)),
    lambda p, n: replace(p, backups=_lost_row(p.backups, "deposits", n)),
    lambda p, n: replace(p, backups=replace(p.backups, lists_databases=False)),
    lambda p, n: replace(p, backups=_changed(p.backups, "deposits", n, is_deposited=False)),
    lambda p, n: replace(p, backups=_changed(p.backups, "covers", n, cover="unprotected")),
    lambda p, n: replace(p, papers=_lost_row(p.papers, "documents", n)),
    lambda p, n: replace(p, papers=_changed(p.papers, "documents", n, is_made=False)),
    lambda p, n: replace(p, servers=_changed(p.servers, "changes", n, order=None)),
    lambda p, n: replace(p, servers=_lost_row(p.servers, "deeds", n)),
    lambda p, n: replace(p, hardware=replace(p.hardware, registered_in=())),
    lambda p, n: replace(p, hardware=replace(p.hardware, sites=())),
    lambda p, n: replace(p, hardware=replace(p.hardware, changes=())),
    lambda p, n: _unknown(p, sorted(one.id for one in p.figures)[n % len(p.figures)]),
)


def _changed(part: Any, name: str, number: int, **more: Any) -> Any:
    rows = list(getattr(part, name))
    if rows:
        rows[number % len(rows)] = replace(rows[number % len(rows)], **more)
    return replace(part, **{name: tuple(rows)})


def _lost_row(part: Any, name: str, number: int) -> Any:
    rows = list(getattr(part, name))
    if rows:
        del rows[number % len(rows)]
    return replace(part, **{name: tuple(rows)})


def _lost_slot(part: BackupPart, number: int) -> BackupPart:
    """Nobody could look: the rooms count anew, or have not yet."""
    lost = _changed(part, "slots", number, state="UNKNOWN")
    return replace(lost, jobs=with_backup_figures(lost).jobs) if number % 2 else lost


STARTS = {
    "all is well": office(),
    "one database outside the plan": office(backups=_covered("unprotected")),
    "a deposit is missing": office(backups=_deposits(backups(), "1402-07")),
    "a slot is missing": office(backups=_slots(backups(), "MISSING", "monthly")),
    "a document is missing": office(papers=_without(papers(), 2, "1402-05", **NOT_MADE)),
    "nothing is listed": office(backups=with_backup_figures(replace(backups(), lists_databases=False, covers=()))),
}
STRONG = (
    "کلیه",
    "انتقال ماهانه",
    "تهیه ماهانه",
    "بارگذاری ماهانه",
    "به دستور",
    "در سامانه بودجه",
    "شهرستان‌ها",
    "ارتقای",
)


def _claims(parts: Parts) -> set[str]:
    told = " | ".join(texts(parts))
    main = next((one.names["tier_phrase"] for one in statements_of(parts, YEAR) if one.code == "backup.made"), ())
    return {claim for claim in STRONG if claim in told} | {f"tier {tier}" for tier in main}


@pytest.mark.parametrize("start", STARTS)
@profile(max_examples=40, deadline=None)
@given(lost=st.lists(st.tuples(st.sampled_from(range(len(LOSSES))), st.integers(0, 400)), min_size=1, max_size=5))
def test_knowing_less_never_makes_a_stronger_sentence(start: str, lost: list[tuple[int, int]]) -> None:
    parts = STARTS[start]
    before = _claims(parts)
    for which, number in lost:
        parts = LOSSES[which](parts, number)
    assert _claims(parts) <= before


@profile(max_examples=20, deadline=None)
@given(st.permutations(range(40)))
def test_every_id_swapped_changes_nothing(order: list[int]) -> None:
    parts = office()
    ids = list(dict.fromkeys(row.id for row in (*parts.servers.rows, *parts.servers.changes)))
    other = {old: f"other-{order[number]}" for number, old in enumerate(ids)}
    deeds = (
        replace(one, subjects=tuple(other.get(name, name) for name in one.subjects)) for one in parts.servers.deeds
    )
    swapped = replace(
        parts.servers,
        rows=tuple(replace(row, id=other[row.id]) for row in parts.servers.rows),
        changes=tuple(replace(row, id=other[row.id]) for row in parts.servers.changes),
        deeds=tuple(deeds),
    )
    assert statements_of(replace(parts, servers=swapped), YEAR) == statements_of(parts, YEAR)


def test_names_of_machines_are_codes_and_the_office_own_words_are_not() -> None:
    line = sentence(statements_of(office(), YEAR)[0], FA)
    assert [span for span in line if span.is_code] == [Span(name, is_code=True) for name in
                                                       ("kaspersky", "RDC", "Citrix", "DFSR", "SCCM")]  # fmt: skip
    assert line[-1] == Span(f") از سرورهای ESX به دستور {ISSUER}")


def test_nothing_from_outside_steers_the_sentence() -> None:
    evil = change("a\u202e{count}\nb", "removed", 1, order=OrderRow(issuer="x\u2067{servers}\n"))
    line = sentence(statements_of(Parts(servers=ServerPart(changes=(evil,))), YEAR)[0], FA)
    assert said(line) == "حذف ۱ دستگاه سرور مجازی (a{count} b) از سرورهای ESX به دستور x{servers} "


def test_a_long_list_is_cut_and_says_so() -> None:
    many = tuple(change(f"VM{number}", "removed", number) for number in range(45))
    told = texts(Parts(servers=ServerPart(changes=many)))[0]
    assert told.startswith("حذف ۴۵ دستگاه")
    assert "VM39 و ۵ مورد دیگر) از" in told


def test_sentences_that_name_nothing_are_known() -> None:
    told = {one.code for one in statements_of(office(), YEAR) if names_nothing(one)}
    assert told == {"servers.file", "work.meetings", "work.letters"}


def _templates(language: str) -> dict[str, str]:
    table = tomllib.loads((TEXT / f"statement.{language}.toml").read_text(encoding="utf-8"))["statement"]
    flat = {key: text for key, text in table.items() if isinstance(text, str)}
    return flat | {f"phrase.{key}": text for key, text in table["phrase"].items()}


def test_no_template_holds_a_number_or_a_name_of_the_case() -> None:
    names = ("kaspersky", "رفاه", "زیرساخت", "اهداف", "بودجه", "Padvish", "البرز")
    for language in ("fa", "en"):
        for key, text in _templates(language).items():
            assert not re.search(r"\d", text), key
            assert not any(name in text for name in names), key
    words = re.sub(r"\{[a-z0-9_]+\}|ESX", "", " ".join(_templates("fa").values()))
    assert not re.search(r"[A-Za-z0-9]", words)


def _all_cases() -> list[tuple[Parts, Any]]:
    """Facts that bring out every sentence and every phrase between them."""
    worked = (deed(1, "upgraded", "esx01"), deed(2, "upgraded", "PRN-7"))
    moved = change("SQL", "moved", 1, field="host", before="esx01", after="esx02")
    lame = with_backup_figures(replace(backups(), slots=backups().slots[:46] + backups().slots[76:]))
    no_tier = _slots(_slots(_slots(backups(), "MISSING", "daily"), "MISSING", "weekly"), "MISSING", "monthly")
    drills = (_drill("sql01/A"), _drill("sql01/A", is_good=False))
    return [
        *((parts, YEAR) for parts in STARTS.values()),
        (Parts(servers=_removals(None)), YEAR),
        (Parts(servers=ServerPart(deeds=worked, changes=(moved,), rows=servers().rows)), YEAR),
        (office(papers=papers(months=MONTHS[1:])), YEAR),
        (_documents(_document("yearly", "1402")), YEAR),
        (_documents(_document("monthly", "1402-12"), replace(_document("monthly", "1402-12"), is_made=False)), MONTH),
        (office(backups=lame, hardware=replace(hardware(), sites=())), YEAR),
        (office(backups=no_tier), YEAR),
        (office(backups=_deposits(backups(), "1402-12", is_late=False)), YEAR),
        (Parts(backups=BackupPart(drills=drills)), YEAR),
        (Parts(backups=BackupPart(drills=drills[:1])), YEAR),
    ]


def test_every_template_is_brought_out_by_some_facts_and_said_in_both_languages() -> None:
    told = [one for parts, period in _all_cases() for one in statements_of(parts, period)]
    assert all(said(sentence(one, words)) for one in told for words in (FA, EN))
    phrases = {f"phrase.{key}" for one in told for name, keys in one.names.items() if name.endswith("_phrase")
               for key in keys}  # fmt: skip
    assert {one.code for one in told} | phrases == set(_templates("fa")) == set(_templates("en"))


def test_no_facts_no_sentences() -> None:
    assert codes(Parts()) == []
    assert codes(Parts(), MONTH) == []
