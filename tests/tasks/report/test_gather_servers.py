"""The servers of a period, gathered from a real store: what was there then, what happened, and nothing of later."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.assets.history import flat
from itops.config.register.loading import load as load_register
from itops.config.settings import Plugins, Settings, load
from itops.dates import parse_period
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind, Value
from itops.inventory.history import Answer
from itops.names import Names
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import ServerPart
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.report.asking import Asking, Memory
from itops.tasks.report.servers import gather_servers
from itops.verdict import State
from itops.worklog.entries import Entry, Order, Record, WorkKind
from tests.inventory.sightings import HOST1, HOST2, entity, host, vm
from tests.store.building import observation, scan_once

MONTH, YEAR = "1405-08", "1402"
BEGIN = datetime(2026, 10, 22, 20, 30, tzinfo=UTC)  # 1405-08-01 in Tehran
DAY = timedelta(days=1)
END = BEGIN + 30 * DAY
LONG_AFTER = END + 400 * DAY
OFFICE = "office: {id: alborz, timezone: Asia/Tehran, calendar: jalali, language: fa}\n"
REMOVED = ("kaspersky", "RDC", "Citrix", "DFSR", "SCCM")
CREATED = ("WSUS", "SQL", "PDC", "VCSA", "DC", "KMS")
UPGRADED = ("Padvish", "Backup Server", "FileServer")
OTHERS = ("SolarWinds", "Automation", "Attendance", "Print")
REGISTER = """
sites:
  head-office: {fa: اداره کل البرز, en: Alborz head office}
assets:
  - {id: SRV-001, kind: server, name: {fa: سرور یک, en: Server one}, site: head-office, vendor: HPE, serial: CZ1234560A}
  - {id: SRV-002, kind: server, name: {fa: سرور دو, en: Server two}, site: head-office, host_name: esx02}
  - {id: SRV-003, kind: server, name: {fa: سرور پشتیبان, en: Old backup}, site: head-office, serial: CZ1234560C}
  - {id: VM-001, kind: virtual_server, name: {fa: سولار, en: SolarWinds}, site: head-office, vm: {name: SolarWinds}}
"""


class Office:
    """A folder with itops.yaml, perhaps a register, and a store that is filled scan by scan."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.folder = folder
        self.location = StoreLocation(folder=folder / "state")
        (folder / "itops.yaml").write_text(OFFICE + more, encoding="utf-8")
        self._written = 0

    @property
    def settings(self) -> Settings:
        return load(self.folder / "itops.yaml", Plugins.installed())

    def register(self, text: str, at: datetime) -> None:
        """Write the register and let itops read it at that moment."""
        path = self.folder / "inventory.yaml"
        path.write_text(text, encoding="utf-8")
        entries = {asset.id: flat(asset) for asset in load_register(path).assets}
        with open_store(self.location, at) as store:
            store.register.remember(entries, at, None, "by hand")

    def scan(self, source: str, at: datetime, seen: Iterable[Entity | Gap], *live: str) -> None:
        scan_once(self.location, source, at, seen, live=live or (source,))

    def write(self, *records: Record) -> None:
        """Entries of the change log, written down long after."""
        with open_store(self.location, LONG_AFTER) as store:
            for record in records:
                store.worklog.append(record, LONG_AFTER, after=self._written)
                self._written += 1

    def ask(self, period: str = MONTH, now: datetime = LONG_AFTER) -> ServerPart:
        with open_reader(self.location) as reader:
            asking = Asking(settings=self.settings, memory=Memory(reader), period=parse_period(period), now=now)
            return gather_servers(asking)


def entry(kind: WorkKind, *subjects: str, at: datetime = BEGIN + DAY, **more: object) -> Entry:
    told = {"what": Names(fa="کار", en="work"), "by": "A. Karimi", **more}
    return Entry(kind=kind, subjects=subjects, at=at, **told)  # type: ignore[arg-type]


def named(name: str, *, on: str = HOST1, ref: str | None = None, **more: Value) -> Entity:
    """A VM that tells everything headquarters asks for."""
    base: dict[str, Value] = {"guest__ipAddress": "192.0.2.7", "guest__guestFullName": "Microsoft Windows Server 2019"}
    found = vm(f"uuid-{name}", name, host=on, **(base | more))
    return replace(found, ref=ref or f"vm-{name}")


def esx(key: str, serial: str | None = None, **more: Value) -> Entity:
    address: Value = [{"spec": {"ip": {"ipAddress": f"192.0.2.{key[-1]}"}}}]
    base: dict[str, Value] = {"config__network__vnic": address, "hardware__systemInfo__serialNumber": serial}
    return host(key, **(base | {"runtime__connectionState": "connected"} | more))


def figures(part: ServerPart) -> dict[str, float | None]:
    return {figure.id: figure.value for figure in part.figures}


def figure(part: ServerPart, figure_id: str) -> Figure:
    (found,) = [one for one in part.figures if one.id == figure_id]
    return found


def notes(part: ServerPart, figure_id: str) -> set[str]:
    return {evidence.note for evidence in figure(part, figure_id).evidence}


def codes(part: ServerPart, room: str = "changes") -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in part.findings if one.room == room}


def both(office: Office, at: datetime, names: Iterable[str], *more: Entity) -> None:
    """One scan of one vCenter with two hosts."""
    hosts = esx(HOST1, "CZ1234560A"), esx(HOST2)
    office.scan("vc01", at, [*hosts, *(named(name) for name in names), *more])


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def year(office: Office) -> Office:
    """The year 1402 of the sample office: from two lone hosts to one vCenter, all refs new, identities kept."""
    before, after = datetime(2023, 3, 1, tzinfo=UTC), datetime(2024, 3, 10, tzinfo=UTC)
    old = (*REMOVED, *UPGRADED, *OTHERS)
    for source, key, names in (("esx01", HOST1, old[::2]), ("esx02", HOST2, old[1::2])):
        seen = [named(name, on=key, ref=f"{number}") for number, name in enumerate(names)]
        office.scan(source, before, [esx(key), *seen], "esx01", "esx02")
    homes = {name: key for key, names in ((HOST1, old[::2]), (HOST2, old[1::2])) for name in names}
    kept = [named(name, on=homes.get(name, HOST1)) for name in (*UPGRADED, *OTHERS, *CREATED)]
    office.scan("vc01", after, [esx(HOST1, "CZ1234560A"), esx(HOST2), *kept], "vc01")
    office.register(REGISTER, after)
    return office


def test_the_year_of_the_sample_office_is_told_with_its_names(year):
    done = datetime(2023, 8, 1, tzinfo=UTC)
    order = Order(issuer="اداره کل زیرساخت سازمان")
    year.write(
        entry(WorkKind.REMOVED, *REMOVED, at=datetime(2024, 2, 20, tzinfo=UTC), order=order),
        entry(WorkKind.CREATED, *CREATED, at=datetime(2024, 2, 20, tzinfo=UTC)),
        entry(WorkKind.UPGRADED, *UPGRADED, at=done),
        entry(WorkKind.MEETING, at=done, count=60),
        entry(WorkKind.MEETING, at=done, count=45),
        entry(WorkKind.LETTERS, at=done, count=412),
    )
    part = year.ask(YEAR)
    for figure_id, names in (
        ("servers.removed", REMOVED),
        ("servers.created", CREATED),
        ("servers.upgraded", UPGRADED),
    ):
        assert figure(part, figure_id).value == len(names)
        assert notes(part, figure_id) == set(names)
    assert {one.order.issuer for one in part.changes if one.action == "removed" and one.order} == {order.issuer}
    told = figures(part)
    assert (told["changes.without_order"], told["changes.deeds"]) == (0, 6)
    assert (told["changes.meetings"], told["changes.letters"]) == (105, 412)
    assert codes(part) == {(code, ", ".join(REMOVED)) for code in ORDER_ADVICE}


ORDER_ADVICE = ("change.order-no-letter", "change.order-no-date", "change.order-no-attachment")


def test_sixteen_servers_in_are_sixteen_rows(year):
    part = year.ask(YEAR)
    told = figures(part)
    alive = {*CREATED, *UPGRADED, *OTHERS}
    assert [row.kind for row in part.rows] == ["physical"] * 3 + ["virtual"] * len(alive)
    assert told["servers.physical"] + told["servers.virtual"] == told["servers.total"] == len(part.rows) == 16
    assert {row.name for row in part.rows if row.kind == "virtual"} == alive
    assert {row.asset_id for row in part.rows} == {"", "SRV-001", "SRV-002", "SRV-003", "VM-001"}
    assert {one.ref for one in figure(part, "servers.total").evidence} == {row.id for row in part.rows}


def test_a_virtual_server_stands_where_its_host_stands(year):
    rows = {row.name: row for row in year.ask(YEAR).rows}
    assert {row.site for row in rows.values()} == {"head-office"}
    assert rows["SolarWinds"].host in {"esx01.example.ir", "esx02.example.ir"}


def test_a_new_vcenter_with_new_refs_for_all_changes_nothing(office):
    names = (*UPGRADED, *OTHERS)
    both(office, BEGIN - DAY, names)
    both(office, BEGIN + DAY, names)
    stayed = office.ask()
    moved = [named(name, ref=f"vm-{number}") for number, name in enumerate(names, start=900)]
    office.scan("vc02", BEGIN + 9 * DAY, [esx(HOST1, "CZ1234560A"), esx(HOST2), *moved], "vc02")
    part = office.ask()
    assert part.changes == ()
    assert figures(part) == figures(stayed)
    kept = [replace(row, source="", seen_at=None) for row in part.rows]
    assert kept == [replace(row, source="", seen_at=None) for row in stayed.rows]


def later_scans(office: Office) -> None:
    """Servers that go, come, change; another source; a scan that fails to see."""
    both(office, END + 9 * DAY, ["Padvish", "brand new"])
    renamed = replace_name(named("Padvish", on=HOST2, config__hardware__numCPU=16), "Padvish2")
    office.scan("vc01", END + 99 * DAY, [esx(HOST1, "other"), renamed], "vc01")
    office.scan("vc02", END + 120 * DAY, [named("Padvish", ref="vm-7")], "vc02")


def later_papers(office: Office) -> None:
    """Entries about another month."""
    office.write(entry(WorkKind.PATCHED, "Padvish", at=END + DAY))


def later_register(office: Office) -> None:
    """One server disposed of, one whose entry is gone, one more."""
    gone = REGISTER.replace("id: SRV-001, kind: server", "id: SRV-009, kind: server").replace(
        "CZ1234560A", "CZ1234569Z"
    )
    office.register(gone.replace("{id: SRV-003,", "{id: SRV-003, status: disposed,"), END + 5 * DAY)


def unread_register(office: Office) -> None:
    """Typed into the file, and nobody has run itops since."""
    text = REGISTER.replace("id: SRV-003, kind: server", "id: SRV-003, kind: storage")
    (office.folder / "inventory.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("later", [later_scans, later_papers, later_register, unread_register])
def test_the_same_report_asked_later_says_the_same(office, later):
    office.register(REGISTER, BEGIN)
    both(
        office,
        BEGIN - DAY,
        ["Padvish", "Print", "old"],
        named("Automation", snapshot__rootSnapshotList=aged("2026-08-01T00:00:00Z")),
    )
    office.scan("vc03", BEGIN - DAY, [named("Padvish", ref="vm-99"), named("Print", ref="vm-98")], "vc01", "vc03")
    grown = named("Automation", config__hardware__numCPU=8, snapshot__rootSnapshotList=aged("2026-08-01T00:00:00Z"))
    both(office, BEGIN + 20 * DAY, ["Padvish", "Print", "new"], grown)
    office.write(
        entry(WorkKind.CREATED, "new", at=BEGIN + 19 * DAY),
        entry(WorkKind.REMOVED, "nobody saw it go", at=END - DAY),
    )
    part = office.ask(now=END + 3 * DAY)
    assert "snapshot.old" in {one.code for one in part.findings}
    assert part.rows
    assert part.changes
    assert part.findings
    later(office)
    assert office.ask() == part


def test_which_of_two_sources_looked_last_after_the_period_makes_no_difference(office):
    sources = "vc01", "vc03"
    old, new = named("DC"), named("DC", config__hardware__numCPU=8)
    office.scan("vc03", BEGIN - DAY, [old], *sources)
    office.scan("vc01", BEGIN - DAY / 2, [old], *sources)
    office.scan("vc01", BEGIN + 9 * DAY, [new], *sources)
    part = office.ask(now=END + 3 * DAY)
    assert figures(part)["servers.resized"] == 1
    office.scan("vc03", END + 9 * DAY, [old], *sources)
    assert office.ask() == part


def aged(created_at: str) -> Value:
    """The snapshots of a VM that has one."""
    one: dict[str, Value] = {
        "_type": "VirtualMachineSnapshotTree",
        "snapshot": {"value": "snapshot-1"},
        "name": "before the update",
        "createTime": created_at,
        "childSnapshotList": [],
    }
    return [one]


def test_what_ailed_then_is_told_and_what_ails_today_is_not(office):
    ailing = named("Print", snapshot__rootSnapshotList=aged("2026-08-01T00:00:00Z"))
    office.scan("vc01", BEGIN + DAY, [esx(HOST1), ailing, named("DC")])
    office.scan(
        "vc01",
        END + DAY,
        [esx(HOST1), named("Print"), named("DC", snapshot__rootSnapshotList=aged("2026-08-01T00:00:00Z"))],
    )
    found = [one for one in office.ask().findings if one.table == "health"]
    assert ("snapshot.old", "Print") in {(one.code, one.subject) for one in found}
    assert "DC" not in {one.subject for one in found}
    assert all(one.state in {State.WARNING, State.CRITICAL} for one in found)
    assert all(one.evidence[0].kind == "thing" for one in found)


@pytest.mark.parametrize(
    ("written", "code", "without"),
    [
        pytest.param([], "change.removed-unexplained", 1, id="nobody wrote anything"),
        pytest.param([entry(WorkKind.REMOVED, "DFSR")], "change.no-order", 1, id="a deed without an order"),
        pytest.param(
            [entry(WorkKind.REMOVED, "DFSR", order=Order(issuer="HQ"))], "change.order-no-letter", 0, id="no letter"
        ),
        pytest.param(
            [entry(WorkKind.REMOVED, "DFSR"), entry(WorkKind.ORDER, "DFSR", order=Order(issuer="HQ", letter_no="7"))],
            "change.order-no-date",
            0,
            id="the paper in an entry of its own",
        ),
    ],
)
def test_a_server_that_went_without_an_order_is_an_exception(office, written, code, without):
    both(office, BEGIN - DAY, ["DFSR", "DC"])
    both(office, BEGIN + 2 * DAY, ["DC"])
    office.write(*written)
    part = office.ask()
    (found,) = [one for one in part.findings if one.code == code]
    assert (found.room, found.table, found.subject) == ("changes", "worklog", "DFSR")
    assert found.evidence
    assert figure(part, "changes.without_order").value == without
    (row,) = part.changes
    assert (row.action, row.name, row.entries) == ("removed", "DFSR", tuple(range(1, len(written) + 1)))
    assert (row.order is None) == bool(without)


def test_what_was_there_before_anybody_looked_was_not_created(office):
    both(office, BEGIN + DAY, ["DC", "SQL"])
    part = office.ask()
    assert {row.action for row in part.changes} == {"discovered"}
    told = figures(part)
    assert (told["servers.created"], told["hosts.added"], told["servers.virtual"]) == (0, 0, 2)


def test_a_month_that_nobody_looked_at_had_no_nought_servers_created(office):
    both(office, BEGIN - DAY, ["DC", "SQL"])
    told = figure(office.ask(), "servers.created")
    assert (told.value, told.reason) == (None, "not-watched")
    assert figure(office.ask(), "servers.virtual").value == 2


def test_hosts_that_come_and_go_are_counted_apart_from_servers(office):
    office.scan("vc01", BEGIN - DAY, [esx(HOST1), endpoint()])
    office.scan("vc01", BEGIN + DAY, [esx(HOST2), endpoint()])
    told = figures(office.ask())
    assert (told["hosts.added"], told["hosts.removed"]) == (1, 1)
    assert (told["servers.created"], told["servers.removed"], told["servers.physical"]) == (0, 0, 1)


def endpoint() -> Entity:
    return entity(Kind.ENDPOINT, "vc", "vc01", at__server_uuid="vc")


def test_templates_and_agents_are_nobodys_servers(office):
    both(office, BEGIN - DAY, ["DC"])
    agents = [named("vCLS (1)"), named("golden", config__template=True)]
    both(office, BEGIN + DAY, ["DC"], *agents)
    part = office.ask()
    assert [row.name for row in part.rows if row.kind == "virtual"] == ["DC"]
    assert (figures(part)["servers.created"], part.changes) == (0, ())


def test_one_server_with_many_changed_facts_is_one_server(office):
    both(office, BEGIN - DAY, ["DC"])
    grown = named(
        "DC", on=HOST2, config__hardware__numCPU=8, config__hardware__memoryMB=16384, config__version="vmx-19"
    )
    office.scan("vc01", BEGIN + DAY, [esx(HOST1), esx(HOST2), replace_name(grown, "DC1")])
    told = figures(office.ask())
    assert [told[f"servers.{name}"] for name in ("resized", "moved", "renamed", "created", "removed")] == [
        1,
        1,
        1,
        0,
        0,
    ]


def replace_name(one: Entity, name: str) -> Entity:
    return replace(one, properties={**one.properties, "name": name})


def test_an_upgrade_counts_once_whether_it_was_seen_or_written_or_both(office):
    both(office, BEGIN - DAY, ["DC", "SQL", "WSUS"])
    better = [named(name, guest__guestFullName="Microsoft Windows Server 2022") for name in ("DC", "SQL")]
    office.scan("vc01", BEGIN + 2 * DAY, [esx(HOST1, "CZ1234560A"), esx(HOST2), *better, named("WSUS")])
    office.write(
        entry(WorkKind.UPGRADED, "dc"),
        entry(WorkKind.PATCHED, "uuid-SQL", "WSUS", "esx01.example.ir"),
        entry(WorkKind.PATCHED, "wsus", at=BEGIN + 5 * DAY),
        entry(WorkKind.UPGRADED, "DC", at=END),
    )
    part = office.ask()
    assert (figure(part, "servers.upgraded").value, notes(part, "servers.upgraded")) == (3, {"DC", "SQL", "WSUS"})
    assert (figure(part, "changes.patched").value, notes(part, "changes.patched")) == (
        3,
        {"SQL", "WSUS", "esx01.example.ir"},
    )
    assert [row.number for row in part.deeds] == [1, 2, 3]


@pytest.mark.parametrize("kinds", ["nothing", "later", "failed", "devices"])
def test_where_no_inventory_was_seen_the_number_of_servers_is_unknown_and_not_nought(tmp_path, kinds):
    office = Office(tmp_path, "sources: {}\n")
    office.register(REGISTER, BEGIN)
    if kinds == "later":
        both(office, END + DAY, ["DC"])
    if kinds == "failed":
        with open_store(office.location, BEGIN) as store:
            failure = SourceUnavailable("no answer", remedy="look at its cable")
            store.begin_scan(observation("vc01", BEGIN), BEGIN).fail(BEGIN, failure)
    if kinds == "devices":
        office.scan("snmp", BEGIN, [entity(Kind.DEVICE, "a", "printer", via="snmp")])
    office.write(entry(WorkKind.LETTERS, count=9))
    part = office.ask()
    unknown = [one for one in part.figures if one.value is None]
    assert {one.id.partition(".")[0] for one in unknown} == {"servers", "hosts", "changes"}
    assert {one.reason for one in unknown} == {"never-scanned"}
    assert not any(one.evidence for one in unknown)
    assert {one.id for one in part.figures if one.value is not None} == {
        f"changes.{name}" for name in ("deeds", "patched", "meetings", "letters")
    }
    assert figures(part)["changes.letters"] == 9
    assert [row.asset_id for row in part.rows] == ["SRV-002", "SRV-003", "SRV-001"]


def test_without_a_store_there_is_still_the_register(tmp_path):
    office = Office(tmp_path)
    (tmp_path / "inventory.yaml").write_text(REGISTER, encoding="utf-8")
    asking = Asking(settings=office.settings, memory=Memory(None), period=parse_period(MONTH), now=LONG_AFTER)
    part = gather_servers(asking)
    assert {row.source for row in part.rows} == {"register"}
    assert figures(part)["servers.total"] is None


def test_a_role_that_only_the_name_suggests_is_not_told(tmp_path):
    office = Office(tmp_path, "roles: {attributes: [Duty]}\n")
    told = named("Box", at__custom_attributes={"Duty": "wsus"})
    office.scan("vc01", BEGIN + DAY, [esx(HOST1), named("SQL01"), told])
    with open_store(office.location, LONG_AFTER) as store:
        store.remember(Answer(vm_id="uuid-DC", role="dc", answered_by="A. Karimi", answered_at=LONG_AFTER))
    rows: Mapping[str, tuple[str, ...]] = {row.name: row.roles for row in office.ask().rows if row.kind == "virtual"}
    assert rows == {"Box": ("wsus",), "SQL01": ()}


def test_a_running_month_is_told_as_it_is_now(office):
    both(office, BEGIN - DAY, ["DC", "RDC"])
    both(office, BEGIN + DAY, ["DC", "RDC"])
    both(office, BEGIN + 2 * DAY, ["DC"])
    assert figures(office.ask(now=BEGIN + DAY / 2))["servers.removed"] is None
    assert figures(office.ask(now=BEGIN + DAY))["servers.removed"] == 0
    assert figures(office.ask(now=BEGIN + 3 * DAY))["servers.removed"] == 1
