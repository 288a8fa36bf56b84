"""The register of the fictional office: 340 items in use in four places."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from itops.names import Names
from itops.reports.monthly.figures import Evidence, Figure, count_of, ratio_of
from itops.reports.monthly.parts import AssetChangeRow, AssetRow, FindingRow, HardwarePart, SiteRow
from itops.verdict import State

SITES = (
    SiteRow(id="head-office", name=Names(fa="اداره کل البرز", en="Alborz head office"), is_head=True),
    SiteRow(id="savojbolagh", name=Names(fa="اداره شهرستان ساوجبلاغ", en="Savojbolagh office")),
    SiteRow(id="nazarabad", name=Names(fa="اداره شهرستان نظرآباد", en="Nazarabad office")),
    SiteRow(id="fardis", name=Names(fa="اداره شهرستان فردیس", en="Fardis office")),
    SiteRow(id=""),
)
_KINDS = (
    ("computer", 150), ("notebook", 12), ("server", 4), ("virtual_server", 12), ("network_device", 30),
    ("storage", 2), ("printer", 52), ("scanner", 20), ("ups", 10), ("battery", 16), ("fire_system", 1),
    ("link", 6), ("peripheral", 20), ("other", 5),
)  # fmt: skip
_VENDORS = ("HPE", "Dell", "سام‌سونگ", "")


def _status(number: int) -> str:
    statuses = {11: "repair", 23: "store", 35: "lent"}
    return statuses.get(number % 60, "in_use")


def _item(number: int, kind: str) -> AssetRow:
    is_seen = kind in {"computer", "printer", "network_device"} and number % 7 != 0
    return AssetRow(
        id=f"AST-{number:04}",
        kind=kind,
        status=_status(number),
        site="" if number == 340 else SITES[0 if number % 3 else 1 + number % 9 // 3].id,
        place=f"طبقه {number % 3 + 1}، اتاق {number % 20 + 101}",
        vendor=_VENDORS[number % 4],
        model=f"M-{number % 13}",
        serial="" if number % 29 == 0 else f"SN{number:06}",
        asset_tag=f"00{14000 + number}",
        holder="" if number % 17 == 0 else "ک. نمونه",
        bought_on=date(2021, 3, 21) + timedelta(days=number) if number % 5 else None,
        warranty_until=date(2026, 3, 20) + timedelta(days=number) if number % 5 else None,
        verified_on=date(2026, 6, 1) if number % 4 else None,
        seen_at=datetime(2026, 11, 20, 5, 0, tzinfo=UTC) if is_seen else None,
    )


def items() -> tuple[AssetRow, ...]:
    """340 of them, by id."""
    kinds = [kind for kind, count in _KINDS for _ in range(count)]
    return tuple(_item(number, kind) for number, kind in enumerate(kinds, start=1))


def _changes() -> tuple[AssetChangeRow, ...]:
    at = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    return (
        AssetChangeRow(asset="AST-0335", what="added", at=at, by="ک. نمونه"),
        AssetChangeRow(asset="AST-0101", what="moved", at=at, field="site", before="head-office", after="fardis"),
        AssetChangeRow(asset="AST-0391", what="retired", at=at, field="status", before="in_use", after="retired"),
        AssetChangeRow(asset="AST-0047", what="changed", at=at, field="holder", before="ک. نمونه", after="ر. نمونه"),
    )


def _finding(code: str, subject: str, **facts: str | int) -> FindingRow:
    return FindingRow(room="hardware", table="asset", code=code, subject=subject, state=State.WARNING, facts=facts)


def hardware_part() -> HardwarePart:
    """The register at the month's end."""
    held = items()
    counts: dict[str, dict[str, int]] = {}
    for item in held:
        of_kind = counts.setdefault(item.kind, {})
        of_kind[item.site] = of_kind.get(item.site, 0) + 1
    behind = {item.id: Evidence(kind="asset", ref=item.id, note=item.kind) for item in held}
    verified = [behind[item.id] for item in held if item.verified_on and item.kind not in {"virtual_server", "link"}]
    figures: tuple[Figure, ...] = (
        count_of("hardware.total", behind.values()),
        *(count_of(f"hardware.kind.{kind}", (behind[one.id] for one in held if one.kind == kind)) for kind in counts),
        *(
            count_of(f"hardware.site.{site.id or 'none'}", (behind[one.id] for one in held if one.site == site.id))
            for site in SITES
        ),
        count_of("hardware.lost", ()),
        count_of("hardware.in_repair", (behind[item.id] for item in held if item.status == "repair")),
        ratio_of("hardware.verified", len(verified), 322, verified),
        Figure(id="hardware.registered", value=None, reason="not-exported"),
    )
    return HardwarePart(
        sites=SITES,
        counts=counts,
        statuses=dict(sorted(Counter(item.status for item in held).items())),
        items=held,
        changes=_changes(),
        figures=figures,
        findings=(
            _finding("asset.no-serial", "AST-0029"),
            _finding("warranty.ended", "AST-0012", due_on="2026-04-01", late_days=234),
        ),
        registered_in=(Names(fa="سامانه بودجه IT", en="IT budget system"),),
    )
