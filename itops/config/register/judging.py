"""What must hold between the entries of a register: no identity twice, nothing that leads nowhere, no absurd dates."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import reduce
from typing import Any, Final, TypeAlias

from itops.assets.identity import canonical_vendor, good_serial, normal_serial, normal_tag
from itops.assets.records import Asset, AssetKind
from itops.assets.sightings import Sighting
from itops.config.mistakes import Mistake, did_you_mean, quoted
from itops.config.register.entries import Contents, Entry
from itops.config.register.files import RegisterFile

OWN_BLOCKS: Final[Mapping[str, AssetKind]] = {
    "ups": AssetKind.UPS,
    "fire": AssetKind.FIRE_SYSTEM,
    "link": AssetKind.LINK,
    "vm": AssetKind.VIRTUAL_SERVER,
}
"""Blocks that only one kind of asset has."""
SHARED_FIELDS: Final = tuple(
    spec.name for spec in fields(Asset) if spec.name in {own.name for own in fields(Sighting)} - {"kind", "site"}
)
"""What both people and machines say of a thing: only of these can a scan ask, and only these can be locked."""
_IN_ORDER: Final = (
    (("purchase", "date"), ("disposal", "date")),
    (("in_service",), ("disposal", "date")),
    (("purchase", "date"), ("warranty_end",)),
)
_ROUNDING = 1e-9

Told: TypeAlias = Iterator[tuple[RegisterFile, Mistake]]


def judge(contents: Contents, *, is_whole: bool) -> Told:
    """Every mistake between entries. `is_whole`: no file is missing, so that what is nowhere is nowhere."""
    yield from _repeated_ids(contents.entries)
    yield from _repeated_tags(contents.entries)
    yield from _repeated_serials(contents.entries)
    if is_whole:
        yield from _dangling(contents)
    yield from _circles(contents.entries)
    for entry in contents.entries:
        yield from _alone(entry)


def _repeated_ids(entries: Iterable[Entry]) -> Told:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.asset.id in first:
            yield entry.mistake("id", problem=_stands(entry.asset.id, entry, first[entry.asset.id], ("id",)))
        first.setdefault(entry.asset.id, entry)


@dataclass(frozen=True, slots=True)
class _Claim:
    """A property number or serial, of an asset or of one of its parts."""

    text: str
    entry: Entry
    inner: tuple[str | int, ...]
    owner: Any  # the asset or the part: it has kind, vendor and model


def _repeated_tags(entries: Iterable[Entry]) -> Told:
    """Property numbers are the office's own: whatever carries one twice."""
    for group in _groups(entries, "asset_tag", normal_tag):
        yield from _repeated([claim for claim in group if normal_tag(claim.text)], lambda claim: "")


def _repeated_serials(entries: Iterable[Entry]) -> Told:
    """Fillers are no serials, and the same number of two makers is no contradiction."""
    for group in _groups(entries, "serial", normal_serial):
        good = [claim for claim in group if _good_serial(claim)]
        yield from _repeated(good, lambda claim: canonical_vendor(claim.owner.vendor))


def _good_serial(claim: _Claim) -> str | None:
    return good_serial(claim.text, model=claim.owner.model, host_name=claim.entry.asset.host_name)


def _groups(entries: Iterable[Entry], name: str, normal: Callable[[str], str | None]) -> Iterator[list[_Claim]]:
    """Claims of one number. Of thousands nearly all stand alone: only the others are looked at closely."""
    groups: dict[str, list[_Claim]] = {}
    for claim in _claims(entries, name):
        text = claim.text
        folded = "".join(text.split()).upper() if text.isascii() else normal(text)
        groups.setdefault(folded or "", []).append(claim)
    return (group for folded, group in groups.items() if folded and len(group) > 1)


def _claims(entries: Iterable[Entry], name: str) -> Iterator[_Claim]:
    for entry in entries:
        asset = entry.asset
        text = getattr(asset, name)
        if text is not None:
            yield _Claim(text, entry, (name,), asset)
        for position, part in enumerate(asset.parts):
            other = getattr(part, name)
            if other is not None and other != text:  # a case may carry the number of its computer
                yield _Claim(other, entry, ("parts", position, name), part)


def _repeated(claims: Iterable[_Claim], maker_of: Callable[[_Claim], str | None]) -> Told:
    """Of one maker, or of an unknown one and the same kind of thing."""
    makers: dict[str | None, _Claim] = {}
    kinds: dict[tuple[bool, Any], _Claim] = {}
    for claim in claims:
        maker = maker_of(claim)
        kind = (maker is None, claim.owner.kind)
        same = makers.get(maker) or kinds.get((False, kind[1]) if maker is None else (True, kind[1]))
        if same is not None:
            problem = _stands(claim.text, claim.entry, same.entry, same.inner)
            yield claim.entry.mistake(*claim.inner, problem=problem)
        makers.setdefault(maker, claim)
        kinds.setdefault(kind, claim)


def _stands(text: str, entry: Entry, earlier: Entry, inner: tuple[str | int, ...]) -> str:
    line = earlier.line(*inner)
    place = f"on line {line}" if earlier.file is entry.file else f"in {earlier.file.document.name}:{line}"
    return f"{quoted(text)} stands {place} already"


def _dangling(contents: Contents) -> Told:
    """References to a site or an asset that is not in the register."""
    for entry in contents.entries:
        asset = entry.asset
        if asset.site not in contents.site_ids:
            yield entry.mistake("site", problem=_no("site", asset.site, contents.site_ids))
        if asset.part_of is not None and asset.part_of not in contents.ids:
            yield entry.mistake("part_of", problem=_no("asset", asset.part_of, contents.ids))
        for site in asset.link.shares if asset.link else ():
            if site not in contents.site_ids:
                yield entry.mistake("link", "shares", site, problem=_no("site", site, contents.site_ids))


def _no(noun: str, name: str, known: Iterable[str]) -> str:
    return f"there is no {noun} {quoted(name)}{did_you_mean(name, known)}"


def _circles(entries: Iterable[Entry]) -> Told:
    """Things that are part of themselves; each circle is told once."""
    known: dict[str, Entry] = {entry.asset.id: entry for entry in entries}
    done: set[str] = set()
    for start in known:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in known and at not in done:
            done.add(at)
            path.append(at)
            at = known[at].asset.part_of
        if at in path:
            shown = " is part of ".join([*path[path.index(at) :], at])
            yield known[at].mistake("part_of", problem=f"goes round in a circle: {shown}")


def _alone(entry: Entry) -> Told:
    """What is wrong with one entry whatever the others are."""
    asset = entry.asset
    for block, kind in OWN_BLOCKS.items():
        if getattr(asset, block) is not None and asset.kind is not kind:
            yield entry.mistake(block, problem=f"belongs to the kind {kind} only; this is a {asset.kind}")
    for position, name in enumerate(asset.lock):
        if name not in SHARED_FIELDS:
            problem = f"{quoted(name)} is none of {', '.join(SHARED_FIELDS)}{did_you_mean(name, SHARED_FIELDS)}"
            yield entry.mistake("lock", position, problem=problem)
    for earlier, later in _IN_ORDER:
        before, after = _day(asset, earlier), _day(asset, later)
        if before is not None and after is not None and after < before:
            typed = _typed(entry, earlier)
            problem = f"{_typed(entry, later)} is before {'.'.join(earlier)}, {typed} on line {entry.line(*earlier)}"
            yield entry.mistake(*later, problem=problem)
    if asset.link and asset.link.bandwidth_mbps is not None:
        total = sum(asset.link.shares.values())
        if total > asset.link.bandwidth_mbps * (1 + _ROUNDING):
            problem = f"add up to {total:g} Mbit/s, more than bandwidth_mbps, {asset.link.bandwidth_mbps:g}"
            yield entry.mistake("link", "shares", problem=problem)


def _day(asset: Asset, path: tuple[str, ...]) -> date | None:
    held: Any = asset
    for name in path:
        held = None if held is None else getattr(held, name)
    return held if isinstance(held, date) else None


def _typed(entry: Entry, path: tuple[str, ...]) -> str:
    """The words of the file, which may be in another calendar than ours."""
    texts = entry.file.document.texts["assets"][entry.position]
    return str(reduce(lambda held, key: held[key], path, texts))
