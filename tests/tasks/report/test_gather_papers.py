"""Documents and services of a month: what people recorded counts, what machines saw later does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from itops.backup.copies import Database
from itops.backup.ledger import KnownDatabase
from itops.backup.policy import BackupPlan
from itops.inventory.entities import Entity, EntityKey, Kind
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import PaperPart
from itops.tasks.report.asking import Memory
from itops.tasks.report.papers import estate_at, gather_papers
from itops.worklog.documents import DocumentRecord
from itops.worklog.policy import Dependencies
from tests.tasks.report.register_office import BEGIN, DAY, END, SETTLED, RegisterOffice, entry
from tests.worklog.test_documents import made, uploaded
from tests.worklog.test_services import drill, job, service

LATER = END + 200 * DAY
DOCUMENTS = """\
report:
  systems: {goals: {fa: اهداف عملیاتی, en: Operational goals}}
  documents:
    servers: {title: {fa: فایل فنی, en: Technical file}, systems: [goals]}
    letter: {title: {fa: نامه, en: Letter}, systems: [goals], due: 3}
"""
SERVICE = service(depends_on=Dependencies(vms=("SQL01",), databases=("sql01/Insurance",), links=("LINK-1",)))


def gathered(office: RegisterOffice, now: datetime = SETTLED, period: str = "1405-08") -> PaperPart:
    with office.asked(now, period) as asking:
        return gather_papers(asking)


def figure(part: PaperPart, name: str) -> Figure:
    (found,) = [one for one in part.figures if one.id == name]
    return found


def codes(part: PaperPart) -> list[tuple[str, str]]:
    return [(one.code, one.subject) for one in part.findings]


@pytest.fixture
def documents(tmp_path: Path) -> RegisterOffice:
    return RegisterOffice(tmp_path, DOCUMENTS)


@pytest.fixture
def services(tmp_path: Path) -> RegisterOffice:
    return serving(tmp_path, {"record": SERVICE})


def serving(folder: Path, services: Mapping[str, Any]) -> RegisterOffice:
    """An office with services and a plan that protects one database."""
    made = RegisterOffice(folder, more={"services": services, "backup": BackupPlan(jobs={"night": job()})})
    made.write(entry("LINK-1", "link", link="{provider: p}"))
    made.notice(BEGIN - DAY)
    made.saw(BEGIN, vm("SQL01"))
    return made


def record(office: RegisterOffice, *records: DocumentRecord) -> None:
    with office.store(SETTLED) as store:
        for one in records:
            store.worklog.record_document(one, SETTLED)


def vm(name: str) -> Entity:
    return Entity(
        kind=Kind.VM, key=EntityKey(f"uuid-{name}"), ref=name, source="net", seen_at=BEGIN, properties={"name": name}
    )


def written(office: RegisterOffice, name: str, content: bytes = b"a") -> DocumentRecord:
    (office.folder / f"{name}.pdf").write_bytes(content)
    return made(name, sha256(content).hexdigest())


def test_what_people_recorded_of_the_month_counts_whenever_they_did(documents):
    first = gathered(documents)
    assert (figure(first, "documents.made").part, figure(first, "documents.made").of) == (0, 2)
    file = written(documents, "servers")
    record(documents, file, uploaded("servers", sha256=file.sha256))
    later = gathered(documents, LATER)
    assert figure(later, "documents.made").part == figure(later, "documents.done").part == 1
    assert codes(later) == [("document.missing", "letter")]
    assert later == gathered(documents, LATER + DAY)


@pytest.mark.parametrize("now", [SETTLED, LATER])
def test_what_is_overdue_is_judged_on_the_day_the_report_settles(documents, now):
    """Due on 3 Azar; the report settles on the first moment of that day, and says the same for ever."""
    assert codes(gathered(documents, now)) == [("document.missing", "servers"), ("document.missing", "letter")]


def test_while_the_month_runs_nothing_is_missing_yet(documents):
    assert gathered(documents, BEGIN + DAY).findings == ()


def test_a_file_that_is_gone_is_told_as_of_the_day_of_building(documents):
    file = written(documents, "servers")
    record(documents, file)
    (documents.folder / "servers.pdf").unlink()
    assert ("document.file-gone", "servers") in codes(gathered(documents))


def test_without_anything_configured_everything_is_unknown(tmp_path):
    part = gathered(RegisterOffice(tmp_path))
    assert {one.value for one in part.figures} == {None}
    assert {one.reason for one in part.figures} == {"no-catalogue", "no-services"}


def test_a_restore_counts_when_it_was_over_before_the_report_settled(services):
    assert codes(gathered(services)) == [("service.not-tested", "record")]
    with services.store(LATER) as store:
        store.ledger.record_drill(drill(started_at=SETTLED - timedelta(minutes=59)))  # takes an hour
    assert codes(gathered(services, LATER)) == [("service.not-tested", "record")]
    with services.store(LATER) as store:
        store.ledger.record_drill(drill(started_at=SETTLED - timedelta(hours=1)))
    part = gathered(services, LATER)
    assert (part.findings, figure(part, "services.tested").value) == ((), 1)


def test_servers_are_those_of_the_months_end(services):
    services.saw(END + DAY)  # SQL01 is gone
    services.saw(END + 2 * DAY, vm("NEW"))
    assert gathered(services, LATER) == gathered(services)
    assert ("service.vm-unknown", "record") not in codes(gathered(services, LATER))
    assert ("service.vm-unknown", "record") in codes(gathered(services, LATER, "1405-09"))


def test_links_are_those_of_the_register_at_the_months_end(services):
    services.write(entry("PC-1"))
    assert ("service.link-unknown", "record") not in codes(gathered(services, LATER))
    services.notice(END - DAY)
    assert ("service.link-unknown", "record") in codes(gathered(services, LATER))


def test_links_without_a_register_cannot_be_called_unknown(services):
    (services.folder / "inventory.yaml").unlink()
    assert ("service.link-unknown", "record") not in codes(gathered(services))


def test_a_statement_is_judged_on_the_last_day_of_the_month(tmp_path):
    """It held one day longer."""
    ending = replace(SERVICE, sla=replace(SERVICE.sla, valid_to=date(2026, 11, 22)))
    part = gathered(serving(tmp_path, {"record": ending}), LATER)
    assert "service.expires-soon" in {code for code, _ in codes(part)}
    assert "service.expired" not in {code for code, _ in codes(part)}


class MemoryReader:
    """A store that saw no server."""

    def entities(self, kind: Kind, *, as_of: datetime) -> list[Entity]:
        return []


class KnownMemory(Memory):
    """Databases as they were listed."""

    def __init__(self, *databases: KnownDatabase) -> None:
        super().__init__(MemoryReader())  # type: ignore[arg-type]
        self.__dict__["databases"] = list(databases)
        self.__dict__["drills"] = []


def known(name: str, first: float, gone: float | None = None) -> KnownDatabase:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return KnownDatabase(
        database=Database(server="sql01", name=name),
        first_seen_at=at + first * DAY,
        last_seen_at=at + first * DAY,
        gone_at=None if gone is None else at + gone * DAY,
    )


def test_databases_are_those_that_were_there_when_the_report_settled():
    memory = KnownMemory(known("here", 1), known("gone", 1, 2), known("leaves", 1, 20), known("comes", 20))
    moment = datetime(2026, 11, 11, tzinfo=UTC)
    estate = estate_at(BackupPlan(), memory, None, as_of=moment, judged_at=moment)
    assert estate.databases == {"sql01/here", "sql01/leaves"}
    assert estate.vms is None


def test_databases_that_nobody_had_listed_yet_cannot_be_called_unknown():
    moment = datetime(2026, 11, 11, tzinfo=UTC)
    estate = estate_at(BackupPlan(), KnownMemory(known("comes", 20)), None, as_of=moment, judged_at=moment)
    assert estate.databases is None
