"""Servers of the fictional office: sixteen of them, eight observed changes, what people wrote down."""

from datetime import UTC, date, datetime
from uuid import NAMESPACE_DNS, uuid5

from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, count_of
from itops.reports.monthly.parts import ChangeRow, DeedRow, FindingRow, OrderRow, ServerPart, ServerRow
from itops.verdict import State

GIB = 1 << 30
SEEN = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
HOSTS = ("esx01", "esx02")
_ISSUER = "اداره کل زیرساخت سازمان"
_VMS = (
    ("SQL", "sql", "Microsoft Windows Server 2019", 16, 128),
    ("FileServer", "file", "Microsoft Windows Server 2016", 4, 16),
    ("PDC", "pdc", "Microsoft Windows Server 2022", 4, 8),
    ("DC", "dc", "Microsoft Windows Server 2022", 4, 8),
    ("WSUS", "wsus", "Microsoft Windows Server 2022", 4, 16),
    ("KMS", "kms", "Microsoft Windows Server 2022", 2, 4),
    ("VCSA", "vcsa", "VMware Photon OS", 4, 19),
    ("Padvish", "antivirus", "Microsoft Windows Server 2019", 4, 16),
    ("Backup Server", "backup", "Microsoft Windows Server 2019", 8, 32),
    ("SolarWinds", "monitoring", "Microsoft Windows Server 2019", 8, 32),
    ("تست-برنامه", "آزمایشی", "Debian GNU/Linux 12", 2, 4),
    ("App01 <b>{name}</b>", "", "Red Hat Enterprise Linux 9", 8, 24),
)


def identity(name: str) -> str:
    """The instance UUID of a fictional server: the same each time."""
    return str(uuid5(NAMESPACE_DNS, f"{name}.alborz.example"))


def _vm(number: int, told: tuple[str, str, str, int, int]) -> ServerRow:
    name, role, guest, cpus, memory = told
    is_on = name != "KMS"
    return ServerRow(
        id=identity(name),
        name=name,
        kind="virtual",
        roles=(role,) if role else (),
        is_powered_on=is_on,
        guest_os=guest,
        addresses=(f"192.0.2.{number + 20}",) if is_on else (),
        cpu_count=cpus,
        memory_bytes=memory * GIB,
        disk_bytes=(number + 1) * 100 * GIB,
        host=HOSTS[number % 2] if is_on else "",
        cluster="Office-HA",
        asset_id=f"AST-{number + 5:04}",
        site="head-office",
        created_at=datetime(2026, 11, 3, 7, 30, tzinfo=UTC) if name in {"PDC", "WSUS", "KMS"} else None,
        tools="toolsOk" if is_on else "toolsNotRunning",
        source="vc01",
        seen_at=SEEN,
        missing=() if is_on else ("host",),
    )


def _physical() -> tuple[ServerRow, ...]:
    hosts = (
        ServerRow(
            id=identity(name),
            name=name,
            kind="physical",
            is_powered_on=True,
            cpu_count=32,
            memory_bytes=512 * GIB,
            disk_bytes=960 * GIB,
            cluster="Office-HA",
            vendor="HPE",
            model="ProLiant DL380 Gen10",
            serial=f"CZ2914{number}ABC",
            version="8.0.2 build-22380479",
            asset_id=f"AST-000{number + 1}",
            site="head-office",
            addresses=(f"192.0.2.{number + 11}",),
            source="vc01",
            seen_at=SEEN,
        )
        for number, name in enumerate(HOSTS)
    )
    others = (
        ServerRow(id="AST-0003", name="NAS01", kind="physical", vendor="QNAP", model="TS-873A", asset_id="AST-0003",
                  site="head-office", source="register", missing=("serial", "memory_bytes")),
        ServerRow(id="AST-0004", name="fardis-srv", kind="physical", vendor="Dell", model="PowerEdge T140",
                  serial="7XK2M13", asset_id="AST-0004", site="fardis", cpu_count=4, memory_bytes=16 * GIB,
                  is_powered_on=None, source="register"),
    )  # fmt: skip
    return (*hosts, *others)


def _change(action: str, name: str, day: int, **more: object) -> ChangeRow:
    at = datetime(2026, 11, day, 20, 0, tzinfo=UTC)
    code = f"{action}-{identity(name)[:8]}"
    return ChangeRow(code=code, kind="vm", id=identity(name), name=name, action=action, at=at, **more)  # type: ignore[arg-type]


def changes() -> tuple[ChangeRow, ...]:
    """Eight, of which the removal of Citrix has neither an entry nor an order."""
    order = OrderRow(issuer=_ISSUER, letter_no="۱۴۰۵/۳۲۱/ص", on=date(2026, 10, 27), has_attachment=True)
    done = Names(fa="نصب سرور جدید برای به‌روزرسانی‌ها", en="New server for updates")
    return (
        _change("removed", "RDC", 1, entries=(3,), what=(Names(fa="حذف RDC", en="RDC removed"),), order=order),
        _change("removed", "Citrix", 2),
        _change("added", "WSUS", 3, entries=(4,), what=(done,), order=order),
        _change("added", "PDC", 3, entries=(4,), what=(done,)),
        _change("added", "KMS", 4, entries=(5,), order=OrderRow(issuer=_ISSUER)),
        _change("upgraded", "Padvish", 8, field="hardware_version", before="vmx-13", after="vmx-19", entries=(6,)),
        _change("moved", "FileServer", 10, field="cluster", before="Old-HA", after="Office-HA"),
        _change("resized", "SQL", 12, field="memory_bytes", before=64 * GIB, after=128 * GIB, entries=(7,)),
    )


def deeds() -> tuple[DeedRow, ...]:
    """What people wrote into the change log."""
    told = (
        (3, "removed", "حذف RDC", "RDC removed", ("RDC",), 1),
        (4, "created", "نصب سرور جدید برای به‌روزرسانی‌ها", "New server for updates", ("WSUS", "PDC"), 1),
        (5, "created", "نصب KMS", "KMS installed", ("KMS",), 1),
        (6, "upgraded", "ارتقای پادویش", "Padvish upgraded", ("Padvish",), 1),
        (7, "patched", "نصب آخرین پچ‌ها", "Latest patches", ("SQL", "FileServer"), 1),
        (8, "meeting", "جلسات مجازی با شهرستان‌ها", "Virtual meetings with county offices", (), 9),
        (9, "letters", "مکاتبات وارده و صادره", "Letters in and out", (), 134),
    )
    return tuple(
        DeedRow(
            number=number,
            kind=kind,
            at=datetime(2026, 11, number, 8, 30, tzinfo=UTC),
            what=Names(fa=persian, en=english),
            by="م. نمونه",
            subjects=subjects,
            count=count,
            order=OrderRow(issuer=_ISSUER, letter_no="۱۴۰۵/۳۲۱/ص") if kind == "removed" else None,
        )
        for number, kind, persian, english, subjects, count in told
    )


def findings() -> tuple[FindingRow, ...]:
    """The removal that nobody explained, and what the health rules say."""
    at = datetime(2026, 11, 2, 20, 0, tzinfo=UTC)
    return (
        FindingRow(room="changes", table="worklog", code="change.removed-unexplained", subject="Citrix",
                   state=State.CRITICAL, since=at, facts={"seen_at": at.isoformat(), "field": None}),
        FindingRow(room="servers", table="health", code="snapshot.old", subject="SQL", state=State.WARNING,
                   since=datetime(2026, 9, 20, 9, 0, tzinfo=UTC), facts={"snapshot": "before {patch}", "age_days": 62}),
    )  # fmt: skip


def _thing(row: ServerRow) -> Evidence:
    return Evidence(kind="thing", ref=row.id, at=row.seen_at, note=row.name)


def _standing(rows: tuple[ServerRow, ...]) -> tuple[Figure, ...]:
    return (
        count_of("servers.total", map(_thing, rows)),
        count_of("servers.physical", (_thing(row) for row in rows if row.kind == "physical")),
        count_of("servers.virtual", (_thing(row) for row in rows if row.kind == "virtual")),
        count_of("servers.running", (_thing(row) for row in rows if row.is_powered_on), of=len(rows)),
    )


def _happened() -> tuple[Figure, ...]:
    behind = {one: Evidence(kind="change", ref=one.code, at=one.at, note=one.name) for one in changes()}
    actions = {"servers.created": "added"} | {
        f"servers.{action}": action for action in ("removed", "upgraded", "moved", "resized", "renamed")
    }
    log = [Evidence(kind="log", ref=f"log {one.number}", at=one.at) for one in deeds()]
    return (
        *(
            count_of(figure_id, (evidence for one, evidence in behind.items() if one.action == action))
            for figure_id, action in actions.items()
        ),
        count_of(
            "changes.without_order",
            (evidence for one, evidence in behind.items() if one.action == "removed" and one.order is None),
        ),
        count_of("changes.deeds", log),
        Figure(id="changes.meetings", value=9, evidence=(log[-2],)),
        Figure(id="changes.letters", value=134, evidence=(log[-1],)),
    )


def server_part() -> ServerPart:
    """Everything about servers."""
    rows = (*_physical(), *(_vm(number, told) for number, told in enumerate(_VMS)))
    figures = (*_standing(rows), *_happened())
    return ServerPart(rows=rows, changes=changes(), deeds=deeds(), figures=figures, findings=findings())
