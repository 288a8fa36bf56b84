"""Our register against the property officer's list: what only we have, what only they have, what differs.

Property numbers are the key on their side; where ours has none yet, maker and serial may still tell. Our parts have
numbers of their own and count as entries of theirs. What they leave blank is no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from itops.assets.records import Asset, AssetKind, AssetStatus, Register
from itops.assets.tables.fields import flat
from itops.assets.tables.grid import shown
from itops.assets.tables.matching import Known, TagHolder
from itops.assets.tables.merging import Change, identity_key, merged
from itops.assets.tables.wishes import Refusal, Wish

_NEVER_LABELLED = frozenset({AssetKind.VIRTUAL_SERVER, AssetKind.LINK})
_NOT_COMPARED = frozenset({"id", "note"})
_OF_A_PART = {"asset_tag": "asset_tag", "serial": "serial", "vendor": "vendor", "model": "model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyOurs:
    """A property number of ours that they do not have."""

    holder: TagHolder
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyTheirs:
    """A row of theirs that is nothing of ours."""

    row: int
    tag: str | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """One thing that both have, and in what the lists differ: `old` is ours, `new` theirs."""

    row: int
    holder: TagHolder
    tag: str | None
    matched_by: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Both lists side by side."""

    only_ours: tuple[OnlyOurs, ...]
    only_theirs: tuple[OnlyTheirs, ...]
    different: tuple[Differing, ...]
    same_count: int
    unlabelled: tuple[Asset, ...]  # ours without a property number, which they cannot have
    refusals: tuple[Refusal, ...]  # rows of theirs that could not be compared, or not in full

    @property
    def agrees(self) -> bool:
        """Whether nothing at all is to be clarified."""
        return not (self.only_ours or self.only_theirs or self.different or self.refusals)


def reconcile(wishes: Sequence[Wish], register: Register, learned: Sequence[str] = ()) -> Reconciliation:
    """Compare the register with their rows."""
    known = Known(register.assets, learned)
    doubles = set(_doubled(wishes))
    paired: list[tuple[Wish, TagHolder, str]] = []
    theirs: list[OnlyTheirs] = []
    refusals = [refusal for wish in wishes for refusal in wish.refusals]
    for wish in wishes:
        tag = wish.get("asset_tag")
        if identity_key(tag) in doubles:
            refusals.append(_refusal(wish, "row.double", f"the property number {shown(tag)} stands on several rows"))
        holder, by = _holder(wish, known)
        if holder is not None:
            paired.append((wish, holder, by))
        else:
            theirs.append(OnlyTheirs(row=wish.row, tag=tag, texts=wish.texts))
    different = [one for wish, holder, by in paired if (one := _differing(wish, holder, by)) is not None]
    matched: set[tuple[str, int | None]] = {(holder.asset.id, holder.part) for _, holder, _ in paired}
    matched |= {(holder.asset.id, holder.part) for wish in wishes for holder in _holders_of_parts(wish, known)}
    present = [asset for asset in register.assets if asset.status is not AssetStatus.DISPOSED]
    return Reconciliation(
        only_ours=tuple(_unmatched(present, matched)),
        only_theirs=tuple(theirs),
        different=tuple(different),
        same_count=len(paired) - len(different),
        unlabelled=tuple(_unlabelled(present, matched)),
        refusals=tuple(refusals),
    )


def _holder(wish: Wish, known: Known) -> tuple[TagHolder | None, str]:
    tag = wish.get("asset_tag")
    if tag and (holder := known.holder(tag, is_number="asset_tag" in wish.numeric)):
        return holder, "asset_tag"
    match = known.match(wish)
    is_free = match.asset is not None and (match.asset.asset_tag is None or tag is None or match.by == "id")
    return (TagHolder(asset=match.asset), match.by or "") if match.asset and is_free else (None, "")


def _holders_of_parts(wish: Wish, known: Known) -> Iterator[TagHolder]:
    """Whose numbers stand in the columns of a monitor or a disk, beside their computer's."""
    for target, text in wish.texts.items():
        if target.startswith("parts.") and target.endswith(".asset_tag"):
            holder = known.holder(text, is_number=target in wish.numeric)
            if holder is not None:
                yield holder


def _differing(wish: Wish, holder: TagHolder, by: str) -> Differing | None:
    ours = _texts(holder)
    texts = {name: text for name, text in wish.texts.items() if name not in _NOT_COMPARED}
    if holder.part is not None:
        texts = {name: text for name, text in texts.items() if name in _OF_A_PART}
    compared = Wish(row=wish.row, texts=texts, numeric=wish.numeric)
    theirs = merged(ours, compared, frozenset())
    changes = tuple(
        Change(field=path, old=ours.get(path), new=text) for path, text in theirs.items() if ours.get(path) != text
    )
    if holder.asset.status is AssetStatus.DISPOSED and "status" not in texts:
        changes += (Change(field="status", old=AssetStatus.DISPOSED.value, new=None),)
    tag = ours.get("asset_tag") or wish.get("asset_tag")
    return Differing(row=wish.row, holder=holder, tag=tag, matched_by=by, changes=changes) if changes else None


def _texts(holder: TagHolder) -> dict[str, str]:
    ours = flat(holder.asset)
    if holder.part is None:
        return ours
    prefix = f"parts.{holder.part}."
    part = {path.removeprefix(prefix): text for path, text in ours.items() if path.startswith(prefix)}
    return {name: text for name, text in part.items() if name in _OF_A_PART}


def _unmatched(assets: Sequence[Asset], matched: set[tuple[str, int | None]]) -> Iterator[OnlyOurs]:
    for asset in assets:
        own = identity_key(asset.asset_tag)
        if asset.asset_tag and (asset.id, None) not in matched:
            yield OnlyOurs(holder=TagHolder(asset=asset), tag=asset.asset_tag)
        for at, part in enumerate(asset.parts, 1):
            is_own = identity_key(part.asset_tag) == own  # a case may carry its computer's number
            if part.asset_tag and not is_own and (asset.id, at) not in matched:
                yield OnlyOurs(holder=TagHolder(asset=asset, part=at), tag=part.asset_tag)


def _unlabelled(assets: Sequence[Asset], matched: set[tuple[str, int | None]]) -> Iterator[Asset]:
    for asset in assets:
        has_number = asset.asset_tag or any(part.asset_tag for part in asset.parts)
        if not has_number and asset.kind not in _NEVER_LABELLED and (asset.id, None) not in matched:
            yield asset


def _doubled(wishes: Sequence[Wish]) -> Iterator[str]:
    seen: set[str] = set()
    for wish in wishes:
        key = identity_key(wish.get("asset_tag"))
        if key and key in seen:
            yield key
        seen.add(key)


def _refusal(wish: Wish, code: str, problem: str) -> Refusal:
    return Refusal(row=wish.row, code=code, problem=problem)
