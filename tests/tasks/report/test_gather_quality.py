"""Data quality, gathered from a store: the past is told as it was, however much was seen since."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.backup.ledger import LookRecord
from itops.backup.repositories import LookGap
from itops.config.settings import Plugins, Settings, load
from itops.dates import parse_period
from itops.inventory.entities import Entity, EntityKey, Kind
from itops.names import Names
from itops.reports.monthly.parts import QualityPart, SourceRow
from itops.store import StoreLocation, open_reader, open_store
from itops.store.writing import Store
from itops.tasks.report.asking import Asking, Memory
from itops.tasks.report.quality import gather_quality
from itops.worklog.entries import Entry, LogRow, WorkKind
from tests.store.building import gap, scan, vm

MONTH = parse_period("1405-08")
OFFICE = """
office: {id: alborz, calendar: jalali}
sources:
  vc01: {type: vsphere, host: vc01.example.ir, username: itops-ro, password: file:secret}
  exports: {type: rvtools, path: exports}
"""
PLAN = """
backup:
  repositories:
    nas: {type: folder, path: copies}
  jobs:
    insurance-db: {protects: sql01/Insurance, repository: nas, files: "I_{year}{month}{day}.bak", daily: {keep: 14}}
"""
DAY = timedelta(days=1)


class Office:
    """A folder with itops.yaml, a store, and one month to ask for."""

    def __init__(self, folder: Path, text: str = OFFICE + PLAN) -> None:
        (folder / "itops.yaml").write_text(text, encoding="utf-8")
        (folder / "inventory.yaml").write_text("assets:\n", encoding="utf-8")
        self.folder = folder
        self.location = StoreLocation(folder=folder / "state")
        with open_store(self.location, self.at(-60)):
            pass

    def settings(self) -> Settings:
        return load(self.folder / "itops.yaml", Plugins.installed())

    def at(self, day: float) -> datetime:
        """A moment, in days after the month began."""
        begin = MONTH.moments(self.settings().office.zone)[0]
        return begin + day * DAY

    def store(self) -> Store:
        return open_store(self.location, self.at(100))

    def part(self, *, now: float = 90, log: list[LogRow] | None = None) -> QualityPart:
        """As it is built `now` days after the month began."""
        with open_reader(self.location) as reader:
            memory = Memory(reader)
            if log is not None:
                memory.__dict__["log"] = log
            asking = Asking(settings=self.settings(), memory=memory, period=MONTH, now=self.at(now))
            return gather_quality(asking)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def rows(part: QualityPart) -> dict[str, SourceRow]:
    return {row.name: row for row in part.sources}


def codes(part: QualityPart) -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in part.findings}


def seen(office: Office, source: str, *days: float, gaps: Any = ()) -> None:
    with office.store() as store:
        for day in days:
            scan(store, source, office.at(day), [vm("a", source=source), *gaps])


def look(office: Office, day: float, *, is_complete: bool = True, gaps: Any = ()) -> None:
    at = office.at(day)
    why = {} if is_complete else {"problem": "no route", "remedy": "plug it in"}
    record = LookRecord(repository="nas", looked_at=at, ended_at=at, is_complete=is_complete, gaps=tuple(gaps), **why)
    with office.store() as store:
        store.ledger.record_look(record, (), (), ())


def test_an_office_that_was_watched_is_told_with_its_last_whole_looks(office: Office) -> None:
    seen(office, "vc01", 1, 15, 29.5)
    seen(office, "exports", 20)
    look(office, 29.9)
    part = office.part()
    told = rows(part)
    assert list(told) == ["vc01", "exports", "nas", "inventory.yaml", "backup"]
    assert (told["vc01"].state, told["vc01"].seen_at, told["vc01"].looks) == ("fresh", office.at(29.5), 3)
    assert (told["exports"].state, told["exports"].looks) == ("fresh", 1)
    assert (told["nas"].kind, told["nas"].state, told["nas"].looks) == ("repository", "fresh", 1)
    assert (told["inventory.yaml"].state, told["backup"].state) == ("complete", "complete")
    assert part.findings == ()
    assert {one.id: one.value for one in part.figures} == {
        "quality.sources": 3,
        "quality.sources_fresh": 1,
        "quality.gaps": 0,
    }


def test_what_nobody_looked_at_in_the_period_is_unknown(office: Office) -> None:
    seen(office, "vc01", -5, 31)
    look(office, -3)
    part = office.part()
    assert rows(part)["vc01"].seen_at == office.at(-5)
    assert {name: rows(part)[name].looks for name in ("vc01", "exports", "nas")} == {"vc01": 0, "exports": 0, "nas": 0}
    assert codes(part) == {
        ("report.source-unwatched", "vc01"),
        ("report.source-unwatched", "exports"),
        ("report.repository-unwatched", "nas"),
    }
    assert {(one.source, one.code) for one in part.gaps} == {
        ("vc01", "source.not-watched"),
        ("exports", "source.not-yet-seen"),
    }


def test_a_live_source_that_fell_silent_is_stale_at_the_end(office: Office) -> None:
    seen(office, "vc01", 10)
    seen(office, "exports", 10)
    assert {name: row.state for name, row in rows(office.part()).items()} == {
        "vc01": "stale",
        "exports": "fresh",
        "nas": "never_seen",
        "inventory.yaml": "complete",
        "backup": "complete",
    }


def test_gaps_are_those_of_the_last_whole_look_before_the_end(office: Office) -> None:
    seen(office, "vc01", 10, gaps=[gap()])
    seen(office, "exports", 28)
    look(office, 10, gaps=[LookGap(subject="folder x", code="not-readable", problem="p", remedy="r")])
    expected = {("vc01", "permission.missing"), ("nas", "not-readable")}
    assert {(one.source, one.code) for one in office.part().gaps} == expected
    seen(office, "vc01", 29)
    look(office, 29)
    assert office.part().gaps == ()


def test_a_look_that_failed_says_why_and_the_last_whole_one_counts(office: Office) -> None:
    look(office, 10)
    look(office, 29, is_complete=False)
    part = office.part()
    assert (rows(part)["nas"].state, rows(part)["nas"].seen_at) == ("failed", office.at(10))
    (told,) = [one for one in part.gaps if one.source == "nas"]
    assert (told.code, told.problem, told.remedy) == ("look-failed", "no route", "plug it in")
    assert ("report.repository-failed", "nas") in codes(part)


def test_a_report_says_the_same_whatever_was_seen_since(office: Office) -> None:
    seen(office, "vc01", 3, 29.9, gaps=[gap()])
    seen(office, "exports", 8)
    look(office, 29.9)
    first = office.part(now=33)
    seen(office, "vc01", 34, 60)
    seen(office, "exports", 61)
    seen(office, "old-esx", 40)
    look(office, 50, is_complete=False)
    assert office.part(now=90) == first


def test_a_source_that_is_no_longer_configured_is_told_of_the_time_it_was_used(office: Office) -> None:
    seen(office, "vc01", 29)
    seen(office, "old-esx", 5)
    seen(office, "older-esx", -5)
    part = office.part()
    assert rows(part)["old-esx"].state == "retired"
    assert "older-esx" not in rows(part)
    assert not any(subject == "old-esx" for _, subject in codes(part))


def test_a_month_that_is_not_over_is_told_up_to_now(office: Office) -> None:
    seen(office, "vc01", 2, 9)
    part = office.part(now=3)
    assert (rows(part)["vc01"].looks, rows(part)["vc01"].seen_at) == (1, office.at(2))


def _about(office: Office, day: float, told: str) -> Entity:
    properties = {"content.about.fullName": told}
    return Entity(kind=Kind.ENDPOINT, key=EntityKey("u"), ref="x", source="vc01", seen_at=office.at(day),
                  properties=properties)  # fmt: skip


def test_what_a_source_said_it_is_then_stands_beside_it(office: Office) -> None:
    seen(office, "vc01", 29, gaps=[_about(office, 29, "VMware vCenter Server 8.0.2")])
    seen(office, "vc01", 40, gaps=[_about(office, 40, "VMware vCenter Server 8.0.3")])
    assert rows(office.part())["vc01"].tool == "VMware vCenter Server 8.0.2"


def test_without_a_register_a_plan_or_sources_nothing_is_fine(tmp_path: Path) -> None:
    office = Office(tmp_path, "office: {id: alborz, calendar: jalali}\n")
    (tmp_path / "inventory.yaml").unlink()
    assert codes(office.part()) == {
        ("report.no-source", "sources"),
        ("report.register-absent", "inventory.yaml"),
        ("report.plan-absent", "backup"),
    }


def test_before_there_is_a_store_every_input_is_unknown(office: Office) -> None:
    asking = Asking(settings=office.settings(), memory=Memory(None), period=MONTH, now=office.at(90))
    part = gather_quality(asking)
    assert {row.state for row in part.sources if row.kind in ("source", "repository")} == {"never_seen"}
    assert {code for code, _ in codes(part)} == {"report.source-unwatched", "report.repository-unwatched"}


def _entry(office: Office, number: int, day: float, *, is_readable: bool = True) -> LogRow:
    entry = Entry(kind=WorkKind.OTHER, at=office.at(1), what=Names(fa="کار", en="work"), by="A")
    return LogRow(number=number, recorded_at=office.at(day), record=entry if is_readable else None)


def test_rows_of_the_log_that_nobody_can_read_are_named(office: Office) -> None:
    log = [_entry(office, 1, -5), _entry(office, 2, 5, is_readable=False), _entry(office, 3, 6)]
    part = office.part(log=log)
    assert (rows(part)["worklog"].state, rows(part)["worklog"].looks) == ("failed", 2)
    assert [(one.source, one.subject) for one in part.gaps if one.source == "worklog"] == [("worklog", "log 2")]
    assert ("report.log-unreadable", "worklog") in codes(part)
    later = [*log[::2], _entry(office, 4, 60, is_readable=False)]
    assert rows(office.part(log=later))["worklog"].state == "complete"
