"""The whole paper: both languages, every kind of report, digits and codes where they belong."""

import re
from dataclasses import replace

import pytest

from itops.reports.monthly.records import Report
from itops.reports.monthly.redacting import redacted
from itops.reports.paper.model import (
    Cell,
    Column,
    Heading,
    HeatMap,
    Indicators,
    PageBreak,
    Paper,
    Paragraph,
    Signatures,
    Table,
    said,
)
from tests.reports.monthly.composing.reading import cells_of, everything, lines_of, paper_of, rows_of, table_of
from tests.reports.monthly.reports import empty_report, sample_report, yearly_report

REPORTS = {"month": sample_report, "year": yearly_report, "empty": empty_report}
PROFILES = ("internal", "hq", "public")
LANGUAGES = ("en", "fa")
PERSIAN_LETTER = re.compile("[\u0600-\u06ff]")
UNFILLED = re.compile(r"\{[a-z_]+\}")
HYPHENATED_DAY = re.compile(r"[0-9۰-۹]{4}-[0-9۰-۹]{2}-[0-9۰-۹]{2}")


def papers() -> list[object]:
    return [
        pytest.param(redacted(make(), profile), language, id=f"{name}-{profile}-{language}")
        for name, make in REPORTS.items()
        for profile in PROFILES
        for language in LANGUAGES
    ]


@pytest.mark.parametrize(("report", "language"), papers())
def test_no_sentence_has_an_unfilled_brace(report: Report, language: str) -> None:
    written = [said(line).replace("App01 <b>{name}</b>", "").replace("{patch}", "") for line in
               lines_of(paper_of(report, language))]  # fmt: skip
    assert [line for line in written if UNFILLED.search(line)] == []


@pytest.mark.parametrize(("report", "language"), papers())
def test_the_same_report_makes_the_same_paper(report: Report, language: str) -> None:
    assert paper_of(report, language) == paper_of(replace(report), language)


@pytest.mark.parametrize(("report", "language"), papers())
def test_no_line_carries_direction_marks_or_empty_spans(report: Report, language: str) -> None:
    for line in lines_of(paper_of(report, language)):
        assert not set(said(line)) & set("\u2066\u2067\u2068\u2069\u200e\u200f\n"), line
        assert all(span.text for span in line), line


@pytest.mark.parametrize(("report", "language"), papers())
def test_rows_are_as_wide_as_their_table_and_ids_are_unique(report: Report, language: str) -> None:
    paper = paper_of(report, language)
    tables = [block for block in paper.blocks if isinstance(block, Table)]
    for table in tables:
        assert all(
            len(row.cells) == len(table.columns) for row in (*table.rows, *([table.total] if table.total else []))
        )
        assert table.rows or table.empty, table.id
    ids = [block.id for block in paper.blocks if isinstance(block, Heading | Table | HeatMap)]
    assert len(ids) == len(set(ids))
    assert all(one.isascii() and " " not in one for one in ids)


@pytest.mark.parametrize("report", [sample_report(), empty_report(), redacted(sample_report(), "public")])
def test_no_latin_digit_stands_in_persian_words(report: Report) -> None:
    spans = [span for line in lines_of(paper_of(report, "fa")) for span in line if not span.is_code]
    assert [span.text for span in spans if re.search("[0-9]", span.text)] == []


@pytest.mark.parametrize("report", [sample_report(), empty_report(), yearly_report()])
def test_an_english_paper_has_no_persian_but_in_names(report: Report) -> None:
    spans = [span for line in lines_of(paper_of(report, "en")) for span in line if not span.is_code]
    assert [span.text for span in spans if PERSIAN_LETTER.search(span.text)] == []


@pytest.mark.parametrize("calendar", ["jalali", "gregorian"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_with_hyphens_is_always_a_code(language: str, calendar: str) -> None:
    spans = [span for line in lines_of(paper_of(sample_report(), language, calendar)) for span in line]
    assert [span.text for span in spans if not span.is_code and HYPHENATED_DAY.search(span.text)] == []


def test_days_in_persian_are_jalali_with_slashes() -> None:
    due = rows_of(table_of(paper_of(sample_report(), "fa"), "exceptions-worst"))[1][5]
    assert due == "۱۴۰۵/۰۹/۱۰"


def test_days_of_an_office_with_the_gregorian_calendar_are_iso_codes() -> None:
    row = table_of(paper_of(sample_report(), "fa", "gregorian"), "exceptions-worst").rows[1]
    assert [tuple(span) for span in row.cells[5].line] == [("2026-12-01", True)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_in_a_table_has_its_value(language: str) -> None:
    paper = paper_of(sample_report(), language)
    for table in (block for block in paper.blocks if isinstance(block, Table)):
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if column.kind in {"number", "percent", "day"} and said(cell.line) != "—" and _is_told(column, cell):
                    assert cell.value is not None, (table.id, column.title, said(cell.line))


def _is_told(column: Column, cell: Cell) -> bool:
    """Words in the place of a number, such as "not tested", have no value."""
    return bool(re.search("[0-9۰-۹]", said(cell.line)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_a_dash_and_its_reason_stands_beside_it(language: str) -> None:
    paper = paper_of(sample_report(), language)
    row = next(one for one in table_of(paper, "hardware-figures").rows if said(one.cells[1].line) == "—")
    reason = {"en": "no list of this period was made", "fa": "فهرست این دوره برای سازمان تهیه نشده است"}[language]
    notes = [said(block.line) for block in paper.blocks if isinstance(block, Paragraph) and block.role == "note"]
    assert row.cells[1].value is None
    assert any(reason in note and said(row.cells[0].line) in note for note in notes)


def test_the_pages_come_in_their_order() -> None:
    paper = paper_of(sample_report(), "en")
    chapters = [block.id for block in paper.blocks if isinstance(block, Heading) and block.level == 1]
    assert chapters == [
        "summary", "exceptions", "changes", "servers", "hardware", "backups", "papers", "problems-proposals",
        "quality", "identity", "annexes",
    ]  # fmt: skip


def test_page_one_holds_the_verdict_the_period_the_change_and_the_indicators() -> None:
    blocks = paper_of(sample_report(), "fa").blocks
    first = blocks[: next(number for number, block in enumerate(blocks) if isinstance(block, PageBreak))]
    leads = [said(block.line) for block in first if isinstance(block, Paragraph)]
    assert leads[0] == "نیازمند رسیدگی فوری: ۱۸ مورد"
    assert leads[1] == "آبان ۱۴۰۵: ۱۴۰۵/۰۸/۰۱ تا ۱۴۰۵/۰۸/۳۰ (میلادی: 2026-10-23 تا 2026-11-21)"
    assert leads[2].startswith("سرور Citrix بدون دستور حذف شد")
    assert sum(isinstance(block, Indicators) for block in first) == 1


def test_without_a_typed_summary_the_counts_are_told() -> None:
    english = everything(paper_of(replace(sample_report(), summary=None), "en"))
    assert "Servers of this period: created: 3, removed: 2, upgraded: 1, moved: 1, resized: 1." in english
    assert "not there in the last report: 3; exceptions of the last report that are gone: 2." in english


def test_a_count_that_nobody_knows_is_not_told_as_nought() -> None:
    report = replace(sample_report(), summary=None)
    unknown = replace(report.figures["servers.removed"], value=None, of=None, reason="never-scanned", evidence=())
    report = replace(report, figures={**report.figures, "servers.removed": unknown})
    assert "removed: —" in everything(paper_of(report, "en"))


@pytest.mark.parametrize(("language", "first", "third"), [
    ("fa", "گزارش عملکرد ماهانه", "آبان ۱۴۰۵"), ("en", "Monthly performance report", "Aban 1405"),
])  # fmt: skip
def test_the_cover_says_what_whose_and_of_when(language: str, first: str, third: str) -> None:
    cover = [said(line) for line in paper_of(sample_report(), language).cover]
    assert (cover[0], cover[-1]) == (first, third)


def test_the_report_of_a_year_is_called_so() -> None:
    paper = paper_of(yearly_report(), "fa")
    assert paper.title == "گزارش عملکرد سالانه"
    assert said(paper.cover[-1]) == "۱۴۰۵"
    assert "سال سوم" in everything(paper)
    assert "ماه سوم" not in everything(paper)


def test_three_people_sign_and_a_name_that_nobody_gave_is_left_to_the_hand() -> None:
    signatures = next(block for block in paper_of(sample_report(), "fa").blocks if isinstance(block, Signatures))
    assert [one.role.split(" ")[0] for one in signatures.signatures] == ["تهیه‌کننده", "تأییدکننده", "تصویب‌کننده"]
    assert [one.name for one in signatures.signatures] == ["م. نمونه", "", ""]


def test_the_foot_tells_the_tool_and_the_hash_of_the_facts() -> None:
    assert said(paper_of(sample_report(), "en").footer) == "Aban 1405 – itops 0.3.0 – facts 3f9a1c2b3f9a1c2b"


def test_a_public_copy_says_that_rows_were_taken_out_and_not_that_there_are_none() -> None:
    public = everything(paper_of(redacted(sample_report(), "public"), "en"))
    assert "Taken out of this copy." in public
    assert "No server is known" not in public
    assert "No restore was tested" not in public
    assert "Citrix" not in public
    assert "not written" not in public
    assert "1st month" not in public
    assert "everything that identifies servers, people and places was taken out" in public


def test_a_report_that_may_still_change_says_so() -> None:
    assert "this is the state of 1405-08-30 23:59" in everything(paper_of(empty_report(), "en"))
    assert "this is the state of" not in everything(paper_of(sample_report(), "en"))


def test_all_text_of_annex_cells_is_on_one_line() -> None:
    paper: Paper = paper_of(sample_report(), "fa")
    annexes = [block for block in paper.blocks if isinstance(block, Table) and block.is_annex]
    assert [table.id for table in annexes] == [
        "annex-exceptions", "annex-servers", "annex-assets", "annex-slots", "annex-hashes", "annex-definitions",
    ]  # fmt: skip
    assert all("\n" not in said(cell.line) for table in annexes for cell in cells_of(table))
