"""What an import would do, as a value that can be shown, tested and carried out: new, changed, same, refused.

Nothing is guessed and nothing is half taken: a row with one unreadable cell is refused as a whole, two rows that speak
of one thing are refused both. A blank cell never takes anything away, and what the file does not list is not touched.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from itops.assets.edits import AddAsset, AddEntry, Edit, SetField, SetList
from itops.assets.ids import Ids
from itops.assets.records import Asset, AssetKind, Register
from itops.assets.tables.fields import Unbuildable, built, flat
from itops.assets.tables.grid import shown
from itops.assets.tables.headers import part_target
from itops.assets.tables.matching import Known, Match
from itops.assets.tables.merging import Change, changes, identity_key, in_order, merged, spelled_otherwise
from itops.assets.tables.vocabulary import Vocabulary
from itops.assets.tables.wishes import Refusal, Wish

_ROWS_NAMED = 5


class Action(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """One row and what it would do."""

    row: int
    action: Action
    asset_id: str | None = None
    matched_by: str | None = None
    changes: tuple[Change, ...] = ()
    respelled: tuple[Change, ...] = ()  # other letters or digits for the same: left as they are
    refusals: tuple[Refusal, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How rows are taken: whose blanks clear, which serials this office knows to be none."""

    clear: frozenset[str] = frozenset()
    learned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """A whole file's rows, in their order."""

    rows: tuple[PlannedRow, ...] = ()

    def of(self, action: Action) -> tuple[PlannedRow, ...]:
        """The rows of one sort."""
        return tuple(row for row in self.rows if row.action is action)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Everything that was refused, row by row."""
        return tuple(refusal for row in self.rows for refusal in row.refusals)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What would be changed in the register."""
        return tuple(edit for row in self.rows for edit in row.edits)


def plan_import(wishes: Sequence[Wish], register: Register, rules: Rules, vocabulary: Vocabulary) -> ImportPlan:
    """What these rows would do to this register."""
    return _Planning(register, rules, vocabulary).plan(wishes)


@dataclass(slots=True)
class _Planning:
    register: Register
    rules: Rules
    vocabulary: Vocabulary
    known: Known = field(init=False)
    taken: list[str] = field(init=False)  # ids of the register and of the file
    ids: Ids = field(init=False)
    there: set[str] = field(init=False)  # what part_of may name: the register, and what the file itself adds

    def __post_init__(self) -> None:
        self.known = Known(self.register.assets, self.rules.learned)
        self.taken = [asset.id for asset in self.register.assets]
        self.there = set(self.taken)

    def plan(self, wishes: Sequence[Wish]) -> ImportPlan:
        matches = [self.known.match(wish) for wish in wishes]
        doubles = _doubles(wishes, matches, self.known)
        self.taken += [asset_id for wish in wishes if (asset_id := wish.get("id"))]
        self.there = set(self.taken)
        self.ids = Ids(self.register.assets, self.taken)
        rows = [self._row(wish, match, doubles.get(wish.row, ())) for wish, match in zip(wishes, matches, strict=True)]
        return ImportPlan(rows=tuple(rows))

    def _row(self, wish: Wish, match: Match, doubles: tuple[Refusal, ...]) -> PlannedRow:
        refusals = [*wish.refusals, *doubles]
        if match.code and match.problem:
            refusals.append(Refusal(row=wish.row, code=match.code, problem=match.problem))
        refusals += self._foreign_references(wish, match.asset)
        if refusals:
            return self._refused(wish, match, refusals)
        try:
            return self._changed(wish, match.asset, match.by) if match.asset else self._new(wish)
        except Unbuildable as wrong:
            return self._refused(wish, match, [_refusal(wish, "row.incomplete", one) for one in wrong.reasons])

    def _refused(self, wish: Wish, match: Match, refusals: Sequence[Refusal]) -> PlannedRow:
        asset_id = match.asset.id if match.asset else None
        return PlannedRow(row=wish.row, action=Action.REFUSED, asset_id=asset_id, refusals=tuple(refusals))

    def _changed(self, wish: Wish, asset: Asset, by: str | None) -> PlannedRow:
        old = flat(asset)
        new = merged(old, replace_id(wish, asset.id), self.rules.clear)
        if new != old:
            built(new)  # raises for what cannot stand
        differing = changes(old, new)
        return PlannedRow(
            row=wish.row,
            action=Action.CHANGED if differing else Action.SAME,
            asset_id=asset.id,
            matched_by=by,
            changes=differing,
            respelled=tuple(spelled_otherwise(old, wish)),
            edits=tuple(_edits(asset.id, old, new)),
        )

    def _new(self, wish: Wish) -> PlannedRow:
        self._demand_identity(wish)
        texts = merged({}, wish, frozenset())
        if "site" not in texts and len(self.register.sites) == 1:
            texts["site"] = next(iter(self.register.sites))
        if "kind" not in texts:
            raise Unbuildable(("kind is missing: what sort of thing is it?",))
        texts |= {name: text for name, text in self._names(texts).items() if name not in texts}
        kind = AssetKind(texts["kind"])
        if "id" not in texts:
            texts["id"] = self.ids.proposed(kind)
        asset, asset_id = built(texts), texts["id"]
        self.ids.take(asset_id)
        added = {path: texts[path] for path in in_order(texts)}
        return PlannedRow(
            row=wish.row,
            action=Action.NEW,
            asset_id=asset_id,
            changes=tuple(change for change in changes({}, flat(asset)) if change.field in added),
            edits=tuple(_added(asset_id, added)),
        )

    def _demand_identity(self, wish: Wish) -> None:
        """Without a number nobody could tell on the next import that it is here already."""
        serial = self.known.good_serial(wish.get("serial"), wish.get("model"), wish.get("host_name"))
        if not (wish.get("id") or wish.get("asset_tag") or serial):
            problem = "it has neither id nor property number nor serial, so that a second import would add it again"
            raise Unbuildable((problem,))

    def _names(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Where the list has no names: what it is, who made it, which model."""
        if one := texts.get("name.fa") or texts.get("name.en"):
            return {"name.fa": one, "name.en": one}
        what = [texts[part] for part in ("vendor", "model") if part in texts]
        return {
            f"name.{language}": " ".join([self.vocabulary.word("kind", texts["kind"], language), *what])
            for language in ("fa", "en")
        }

    def _foreign_references(self, wish: Wish, asset: Asset | None) -> Iterator[Refusal]:
        """Property numbers for its parts that others have; assets that are not there."""
        for target, text in wish.texts.items():
            part = part_target(target)
            is_tag = part.field == "asset_tag" if part else target.startswith("parts.") and target.endswith("asset_tag")
            holder = self.known.holder(text, is_number=target in wish.numeric) if is_tag else None
            if holder and (asset is None or holder.asset.id != asset.id):
                yield _refusal(wish, "row.tag-taken", f"the property number {shown(text)} is that of {holder}")
        above = wish.get("part_of")
        if above and above not in self.there:
            yield _refusal(wish, "row.unknown-asset", f"part_of: there is no asset {shown(above)}")


def replace_id(wish: Wish, asset_id: str) -> Wish:
    """The row with its asset's id spelled as the register has it."""
    return replace(wish, texts={**wish.texts, "id": asset_id}) if "id" in wish.texts else wish


def _refusal(wish: Wish, code: str, problem: str) -> Refusal:
    return Refusal(row=wish.row, code=code, problem=problem)


def _doubles(wishes: Sequence[Wish], matches: Sequence[Match], known: Known) -> dict[int, tuple[Refusal, ...]]:
    """Rows that speak of one thing: same asset, same property number, same new serial. All of them are refused."""
    claims: dict[tuple[str, str], list[int]] = defaultdict(list)
    for wish, match in zip(wishes, matches, strict=True):
        for claim in dict.fromkeys(_claims(wish, match, known)):  # a case may carry its computer's number
            claims[claim].append(wish.row)
    refused: dict[int, tuple[Refusal, ...]] = {}
    for (what, value), rows in claims.items():
        for row in rows if len(rows) > 1 else ():
            others = ", ".join(str(other) for other in rows[:_ROWS_NAMED] if other != row)
            problem = f"{what} {shown(value)} stands on row {others}, too"
            refused[row] = (*refused.get(row, ()), Refusal(row=row, code="row.double", problem=problem))
    return refused


def _claims(wish: Wish, match: Match, known: Known) -> Iterator[tuple[str, str]]:
    if match.asset:
        yield "the asset", match.asset.id
    elif asset_id := wish.get("id"):
        yield "the id", asset_id.casefold()
    for target, text in wish.texts.items():
        if target == "asset_tag" or target.endswith(".asset_tag"):
            yield "the property number", identity_key(text)
    serial = known.good_serial(wish.get("serial"), wish.get("model"), wish.get("host_name"))
    if serial and not match.asset:
        yield "the serial", f"{wish.get('vendor') or ''} {serial}".strip()


def _added(asset_id: str, texts: Mapping[str, str]) -> Iterator[Edit]:
    """The entry, and what AddAsset cannot say: its lists."""
    yield AddAsset(asset_id=asset_id, fields={path: text for path, text in texts.items() if _list_of(path) is None})
    yield from _entries(asset_id, {}, texts)


def _edits(asset_id: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Edit]:
    for change in changes(old, new):
        held = _list_of(change.field)
        if held is None or (held != "lock" and _position(change.field, held) <= _length(old, held)):
            yield SetField(asset_id=asset_id, field=change.field, value=change.new)
    yield from _entries(asset_id, old, new)


def _entries(asset_id: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Edit]:
    """Entries behind those that are there, and the list of texts as a whole."""
    for name in ("parts", "tests", "ups.batteries"):
        for at in range(_length(old, name) + 1, _length(new, name) + 1):
            prefix = f"{name}.{at}."
            fields = {path.removeprefix(prefix): new[path] for path in in_order(new) if path.startswith(prefix)}
            yield AddEntry(asset_id=asset_id, field=name, fields=fields)
    locks = [tuple(texts[path] for path in in_order(texts) if path.startswith("lock.")) for texts in (old, new)]
    if locks[0] != locks[1]:
        yield SetList(asset_id=asset_id, field="lock", values=locks[1])


def _list_of(path: str) -> str | None:
    return next((name for name in ("parts", "tests", "lock", "ups.batteries") if path.startswith(f"{name}.")), None)


def _position(path: str, name: str) -> int:
    return int(path.removeprefix(f"{name}.").partition(".")[0])


def _length(texts: Mapping[str, str], name: str) -> int:
    return max((_position(path, name) for path in texts if path.startswith(f"{name}.")), default=0)
