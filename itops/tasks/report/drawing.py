"""Draw a report: one record, five forms."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from itops.reports.monthly.plain import report_json
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Paper
from itops.reports.words import load_words

Form: TypeAlias = Literal["pdf", "xlsx", "docx", "html", "json"]
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the office wants its papers to look like."""

    font: str | None = None
    font_dirs: tuple[Path, ...] = ()
    letterhead: Path | None = None


def draw(report: Report, languages: Iterable[str], forms: Iterable[Form], look: Look) -> Mapping[str, bytes]:
    """Each file by its name: `alborz-1405-08.json`, `alborz-1405-08-fa.pdf`.

    Raises ConfigInvalid for a font or a letterhead that cannot be used.
    """
    wanted = tuple(dict.fromkeys(forms))
    facts = report_json(report)
    stem = f"{report.office.id}-{report.period.name}"
    if report.redaction != "internal":
        stem += f"-{report.redaction}"
    files = {f"{stem}.json": facts} if "json" in wanted else {}
    for language in dict.fromkeys(languages):
        paper = _paper_of(report, language, sha256(facts).hexdigest())
        for form in wanted:
            if form != "json":
                files[f"{stem}-{language}.{form}"] = _WRITERS[form](paper, facts, look)
    return files


def _paper_of(report: Report, language: str, facts_sha256: str) -> Paper:
    """The report in the words of one language."""
    from itops.reports.monthly.composing import compose  # noqa: PLC0415  only where something is drawn

    zone = ZoneInfo(report.office.timezone)
    words = load_words(language, calendar=report.office.calendar, marks=False, zone=zone)
    return compose(report, words, facts_sha256=facts_sha256)


def write_paper(paper: Paper, form: Form, look: Look) -> bytes:
    """Any paper in one of the forms that have pages; "json" is none of them."""
    return _WRITERS[form](paper, None, look)


def _pdf(paper: Paper, facts: bytes | None, look: Look) -> bytes:
    from itops.reports.paper.pdf import write_pdf  # noqa: PLC0415  each form loads what it needs

    return write_pdf(paper, attachment=facts, font=look.font, font_dirs=look.font_dirs)


def _xlsx(paper: Paper, facts: bytes | None, look: Look) -> bytes:
    from itops.reports.paper.xlsx import write_xlsx  # noqa: PLC0415  as above

    return write_xlsx(paper, font=look.font)


def _docx(paper: Paper, facts: bytes | None, look: Look) -> bytes:
    from itops.reports.paper.docx import write_docx  # noqa: PLC0415  as above

    return write_docx(paper, letterhead=look.letterhead, font=look.font)


def _html(paper: Paper, facts: bytes | None, look: Look) -> bytes:
    from itops.reports.paper.html import write_html  # noqa: PLC0415  as above

    return write_html(paper)


_WRITERS: Mapping[str, Callable[[Paper, bytes | None, Look], bytes]] = {
    "pdf": _pdf,
    "xlsx": _xlsx,
    "docx": _docx,
    "html": _html,
}
