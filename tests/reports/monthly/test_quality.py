"""Data quality: an input that nobody looked at is unknown, whatever it said before."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itops.backup.ledger import LookRecord
from itops.inventory.freshness import Freshness, SourceReport
from itops.inventory.history import Scan, ScanState
from itops.reports.monthly.parts import FindingRow, GapRow, QualityPart, SourceRow
from itops.reports.monthly.quality import UNREADABLE_ROW, quality_of, repository_row, source_row
from itops.reports.words import LANGUAGES, load_words, placeholders
from itops.verdict import State

BEGIN = datetime(2026, 10, 22, 20, 30, tzinfo=UTC)
AS_OF = BEGIN + timedelta(days=30) - timedelta(microseconds=1)
DAY = timedelta(days=1)
LIMIT = timedelta(hours=26)
GAP = GapRow(source="vc01", subject="vm KMS", code="vm.host-unknown", problem="p", remedy="r")


def source(name: str = "vc01", **more: Any) -> SourceRow:
    known: dict[str, Any] = {"kind": "source", "state": "fresh", "seen_at": AS_OF - DAY, "looks": 30}
    return SourceRow(name=name, **(known | more))


def told(part: QualityPart) -> list[tuple[str, str, State]]:
    return [(one.code, one.subject, one.state) for one in part.findings]


def look(days: float, *, repository: str = "nas", is_complete: bool = True) -> LookRecord:
    at = AS_OF - timedelta(days=days)
    return LookRecord(repository=repository, looked_at=at, ended_at=at, is_complete=is_complete)


def scan(at: datetime) -> Scan:
    return Scan(id=1, source="vc01", observed_at=at, started_at=at, ended_at=at, state=ScanState.COMPLETE,
                entity_counts={}, gap_count=0, problem=None, remedy=None)  # fmt: skip


def test_a_source_is_told_as_its_report_has_it() -> None:
    seen = scan(AS_OF - DAY)
    report = SourceReport(source="vc01", state=Freshness.STALE, last_attempt=seen, last_complete=seen, age=DAY)
    row = source_row(report, 3, "VMware vCenter Server 8.0.2")
    assert row == source(state="stale", looks=3, tool="VMware vCenter Server 8.0.2")
    never = SourceReport(source="vc01", state=Freshness.NEVER_SEEN, last_attempt=None, last_complete=None, age=None)
    assert source_row(never, 0) == source(state="never_seen", seen_at=None, looks=0)


@pytest.mark.parametrize(
    ("looks", "state", "count", "seen"),
    [
        ([], "never_seen", 0, None),
        ([look(0)], "fresh", 1, 0),
        ([look(26 / 24)], "fresh", 1, 26 / 24),
        ([look(27 / 24)], "stale", 1, 27 / 24),
        ([look(1), look(0.5, is_complete=False)], "failed", 1, 1),
        ([look(0.5, is_complete=False)], "failed", 0, None),
        ([look(0.5), look(1, is_complete=False)], "fresh", 1, 0.5),
        ([look(40)], "stale", 0, 40),
        ([look(-1), look(0.5)], "fresh", 1, 0.5),
        ([look(0, repository="tape"), look(0.5)], "fresh", 1, 0.5),
        ([look(0.1), look(2), look(3)], "fresh", 3, 0.1),
    ],
)
def test_a_repository_is_told_by_its_looks_up_to_the_end(
    looks: list[LookRecord], state: str, count: int, seen: float | None
) -> None:
    row = repository_row("nas", looks, LIMIT, (BEGIN, AS_OF), AS_OF)
    assert (row.state, row.looks) == (state, count)
    assert row.seen_at == (None if seen is None else AS_OF - timedelta(days=seen))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (source(), []),
        (source(state="stale"), [("report.source-stale", "vc01", State.WARNING)]),
        (source(state="failed"), [("report.source-failed", "vc01", State.WARNING)]),
        (source(state="fresh", looks=0), [("report.source-unwatched", "vc01", State.UNKNOWN)]),
        (source(state="failed", looks=0), [("report.source-unwatched", "vc01", State.UNKNOWN)]),
        (source(state="never_seen", looks=0, seen_at=None), [("report.source-unwatched", "vc01", State.UNKNOWN)]),
        (source(state="retired", looks=4), [("report.no-source", "sources", State.UNKNOWN)]),
    ],
)
def test_what_is_wrong_with_a_source(row: SourceRow, expected: list[tuple[str, str, State]]) -> None:
    assert told(quality_of([row], [])) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (source("nas", kind="repository"), []),
        (source("nas", kind="repository", looks=0), [("report.repository-unwatched", "nas", State.UNKNOWN)]),
        (source("nas", kind="repository", state="failed"), [("report.repository-failed", "nas", State.WARNING)]),
        (source("nas", kind="repository", state="stale"), [("report.repository-stale", "nas", State.WARNING)]),
        (SourceRow(name="inventory.yaml", kind="register", state="complete"), []),
        (
            SourceRow(name="inventory.yaml", kind="register", state="absent"),
            [("report.register-absent", "inventory.yaml", State.UNKNOWN)],
        ),
        (SourceRow(name="backup", kind="plan", state="absent"), [("report.plan-absent", "backup", State.UNKNOWN)]),
        (SourceRow(name="worklog", kind="log", state="complete"), []),
        (SourceRow(name="worklog", kind="log", state="failed"), [("report.log-unreadable", "worklog", State.WARNING)]),
    ],
)
def test_what_is_wrong_with_other_inputs(row: SourceRow, expected: list[tuple[str, str, State]]) -> None:
    assert told(quality_of([source(), row], [])) == expected


def test_without_any_source_nothing_is_fine() -> None:
    part = quality_of([], [])
    assert told(part) == [("report.no-source", "sources", State.UNKNOWN)]
    fresh = {one.id: one for one in part.figures}["quality.sources_fresh"]
    assert (fresh.value, fresh.reason) == (None, "nothing")


def test_inputs_are_counted_with_what_shows_them() -> None:
    rows = [
        source(),
        source("esx01", state="stale"),
        source("nas", kind="repository"),
        source("old", state="retired"),
        SourceRow(name="backup", kind="plan", state="complete"),
    ]
    figures = {one.id: one for one in quality_of(rows, [GAP, GAP]).figures}
    assert {name: one.value for name, one in figures.items()} == {
        "quality.sources": 3,
        "quality.sources_fresh": 2 / 3,
        "quality.gaps": 2,
    }
    assert figures["quality.sources"].evidence[0].ref == "vc01 2026-11-20T20:29:59Z"
    assert figures["quality.gaps"].evidence[0].ref == "vc01 vm KMS"


def test_unreadable_rows_are_counted() -> None:
    gaps = [GAP, *(GapRow(source="worklog", subject=f"log {n}", code=UNREADABLE_ROW, problem="p") for n in (3, 4))]
    part = quality_of([source(), SourceRow(name="worklog", kind="log", state="failed")], gaps)
    assert part.findings[0].facts == {"row_count": 2}


def test_since_when_is_the_last_whole_look() -> None:
    (one,) = quality_of([source(looks=0)], []).findings
    assert one.since == AS_OF - DAY
    assert one.facts == {"seen_at": (AS_OF - DAY).isoformat()}
    assert one.evidence


def _every_finding() -> list[FindingRow]:
    rows = [source("a", state=state, looks=looks, kind=kind) for state in ("fresh", "stale", "failed")
            for looks in (0, 1) for kind in ("source", "repository")]  # fmt: skip
    others = [SourceRow(name=kind, kind=kind, state=state) for kind, state in
              (("register", "absent"), ("plan", "absent"), ("log", "failed"))]  # fmt: skip
    return [*quality_of([*rows, *others], []).findings, *quality_of([], []).findings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_words_that_its_facts_fill(language: str) -> None:
    words = load_words(language)
    codes = set()
    for one in _every_finding():
        assert (one.room, one.table) == ("sources", "report")
        assert placeholders(words.template("report", one.code)) <= set(one.facts)
        assert "{" not in words.say("report", one.code, data=one.facts)
        codes.add(one.code)
    assert len(codes) == 10


def test_a_repository_that_was_looked_at_while_late_copies_still_counted_was_looked_at() -> None:
    late = AS_OF + timedelta(hours=8)
    looks = [look(-8 / 24)]
    assert repository_row("nas", looks, LIMIT, (BEGIN, AS_OF), late).state == "fresh"
    assert repository_row("nas", looks, LIMIT, (BEGIN, AS_OF), AS_OF).state == "never_seen"


def test_without_anything_that_looks_nobody_knows_how_many_gaps_there_are() -> None:
    told = {figure.id: figure for figure in quality_of((), ()).figures}
    assert (told["quality.gaps"].value, told["quality.gaps"].reason) == (None, "nothing")
