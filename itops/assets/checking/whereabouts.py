"""What scans saw, or no longer see: things out of sight, things that should be gone, systems without support."""

from collections.abc import Iterator

from itops.assets.checking.findings import AssetFinding, Look, found
from itops.assets.records import Asset, AssetStatus


def unlooked(look: Look) -> Iterator[AssetFinding]:
    """No scan at all: then nobody can say what has not been seen for long. Never ran is not fine."""
    waiting = [asset for asset in look.register.assets if asset.should_answer]
    if look.observed is None and waiting:
        yield found("scan.none", None, count=len(waiting))


def whereabouts(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """When an asset was last seen, against what its status says of it."""
    if look.observed is None:
        return
    seen = look.seen(asset)
    if asset.status.is_over or asset.status is AssetStatus.LOST:
        yield from _risen(asset, look)
    elif seen.last_seen_at is None:
        if asset.should_answer:
            yield found("scan.never-seen", asset, "observed.last_seen_at")
    elif asset.should_answer and look.now - seen.last_seen_at > look.policy.stale_after:
        yield found(
            "scan.not-seen",
            asset,
            "observed.last_seen_at",
            seen_at=seen.last_seen_at.isoformat(),
            age_days=(look.now - seen.last_seen_at).days,
            limit_days=look.policy.stale_after.days,
            source=seen.last_seen_by,
        )
    if seen.findings and not asset.status.is_over:
        yield found("device.noticed", asset, "observed.findings", noticed=", ".join(seen.findings))


def _risen(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """Disposed of and seen after that; retired or lost and seen lately."""
    seen = look.seen(asset)
    if seen.last_seen_at is None:
        return
    facts = {"seen_at": seen.last_seen_at.isoformat(), "source": seen.last_seen_by}
    is_recent = look.now - seen.last_seen_at <= look.policy.stale_after
    if asset.status is AssetStatus.DISPOSED:
        gone = asset.disposal.date if asset.disposal else None
        if (seen.last_seen_at.date() > gone) if gone else is_recent:
            on = gone.isoformat() if gone else None
            yield found("asset.gone-but-seen", asset, "observed.last_seen_at", disposed_on=on, **facts)
    elif is_recent:
        code = "asset.lost-but-seen" if asset.status is AssetStatus.LOST else "asset.retired-but-seen"
        yield found(code, asset, "observed.last_seen_at", **facts)


def support(asset: Asset, look: Look) -> Iterator[AssetFinding]:
    """Whether the maker still mends the system that runs on it."""
    seen = look.seen(asset)
    if asset.status is not AssetStatus.IN_USE or not seen.os:
        return
    row = look.support.find(seen.os, seen.os_version)
    name = " ".join(filter(None, (seen.os, seen.os_version)))
    if row is None:
        yield found("support.not-known", asset, "observed.os", system=name)
        return
    facts = {
        "system": name,
        "product": row.name,
        "ended_on": row.ends_on.isoformat() if row.ends_on else None,
        "extended_on": row.extended_on.isoformat() if row.extended_on else None,
        "source": row.source,
        "checked_on": row.checked_on.isoformat(),
    }
    is_over = row.ends_on < look.today if row.ends_on else bool(row.has_ended)
    if is_over:
        has_more = row.extended_on is not None and row.extended_on >= look.today
        yield found("support.extended-only" if has_more else "support.ended", asset, "observed.os", **facts)
    elif row.ends_on and row.ends_on - look.today <= look.policy.warn_before:
        left = (row.ends_on - look.today).days
        yield found("support.soon", asset, "observed.os", left_days=left, **facts)
