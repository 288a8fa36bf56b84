"""What may be said of the documents: made, and uploaded where a system asks for them; what is missing by its title."""

from collections.abc import Iterator, Mapping, Sequence

from itops.names import Names
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.indicators import share_of
from itops.reports.monthly.parts import DocumentRow, PaperPart
from itops.reports.monthly.records import PeriodRow, Statement
from itops.worklog.documents import UploadState

_DONE = "documents.done"


def document_statements(papers: PaperPart, period: PeriodRow, figures: Mapping[str, Figure]) -> Iterator[Statement]:
    """For each system that asks for documents, then for those that none asks for."""
    figure = figures.get(_DONE)
    if figure is None or figure.value is None:
        return
    asked = [row for row in papers.documents if row.cadence == "monthly" or period.is_year]
    is_doubtful = share_of(figure) != 1 and all(map(_is_done, asked))
    for cadence in ("monthly", "yearly") if period.is_year else ("monthly",):
        rows = [row for row in papers.documents if row.cadence == cadence]
        asking = dict.fromkeys([*papers.systems, *(upload.system for row in rows for upload in row.uploads)])
        for system in (*asking, ""):
            found = _of_system(rows, system)
            is_whole = not is_doubtful and _is_everywhere(found, cadence, period)
            yield from _statement(found, system, papers.systems, cadence if is_whole else "")


def _of_system(rows: Sequence[DocumentRow], system: str) -> list[tuple[DocumentRow, bool]]:
    """Its documents, and whether each is done; with "" those that no system asks for."""
    if not system:
        return [(row, row.is_made) for row in rows if not row.uploads]
    wanted = [(row, upload) for row in rows for upload in row.uploads if upload.system == system]
    return [(row, row.is_made and upload.state == UploadState.UPLOADED) for row, upload in wanted]


def _is_done(row: DocumentRow) -> bool:
    return row.is_made and all(upload.state == UploadState.UPLOADED for upload in row.uploads)


def _is_everywhere(found: Sequence[tuple[DocumentRow, bool]], cadence: str, period: PeriodRow) -> bool:
    """Whether each document is done of each month (of the year), so that the word for it is true."""
    wanted = set(period.months) if cadence == "monthly" else {period.name}
    done: dict[str, set[str]] = {}
    for row, is_done in found:
        if is_done:
            done.setdefault(row.name, set()).add(row.period)
    return all(wanted <= done.get(row.name, set()) for row, _ in found) and all(is_done for _, is_done in found)


def _statement(
    found: Sequence[tuple[DocumentRow, bool]], system: str, systems: Mapping[str, Names], cadence: str
) -> Iterator[Statement]:
    """`cadence` "": it is not true of each of them."""
    missing = [row for row, is_done in found if not is_done]
    if len(missing) == len(found):
        return
    code = "documents.uploaded" if system else "documents.made"
    texts = {"system": systems.get(system, Names(fa=system, en=system))} if system else {}
    if missing:
        yield _partly(f"{code}-part", found, missing, texts)
        return
    count = len({row.name for row, _ in found}) if cadence else len(found)
    phrase = (cadence,) if cadence else ()
    yield Statement(code=code, data={"count": count}, names={"cadence_phrase": phrase}, texts=texts, figures=(_DONE,))


def _partly(
    code: str, found: Sequence[tuple[DocumentRow, bool]], missing: Sequence[DocumentRow], texts: Mapping[str, Names]
) -> Statement:
    titles = {row.name: row.title for row in missing}
    months = tuple(dict.fromkeys(row.period for row in missing))
    is_longer = len({row.period for row, _ in found}) > 1
    return Statement(
        code=code,
        data={"part_count": len(found) - len(missing), "count": len(found)},
        names={"months": months, "month_phrase": ("of-months",) if is_longer else ()},
        texts={**texts, **{f"missing.{number}": title for number, title in enumerate(titles.values())}},
        figures=(_DONE,),
    )
