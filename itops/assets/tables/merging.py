"""One asset with one row's wishes laid over it, as dotted texts; and what then differs."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from itops.assets.identity import canonical_vendor, compared
from itops.assets.tables.fields import catalogue, field_at
from itops.assets.tables.headers import NAME, PartTarget, part_target
from itops.assets.tables.values import IDENTITY
from itops.assets.tables.wishes import Wish

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_FIRST_OF = {"parts": "parts.#.kind", "tests": "tests.#.on", "lock": "lock.#"}
_FIRST_OF |= {"ups.batteries": "ups.batteries.#.installed"}
_MAKERS = frozenset({"vendor", "parts.#.vendor"})
_ENTRY = re.compile(r"(parts|tests|lock|ups\.batteries)\.([0-9]+)(\..+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one asset that would become another; None: not there."""

    field: str
    old: str | None
    new: str | None


def merged(current: Mapping[str, str], wish: Wish, clear: frozenset[str]) -> dict[str, str]:
    """The asset's texts with those of the row; a blank cell takes a field away only where `clear` names it."""
    texts = dict(current)
    for path, text in _resolved(current, wish):
        if not _is_same(path, texts.get(path), text, is_number=path in wish.numeric):
            texts[path] = text
    for target in clear & wish.blank:
        texts.pop(_existing(current, target) or target, None)
    return _without_holes(texts, current)


def spelled_otherwise(current: Mapping[str, str], wish: Wish) -> list[Change]:
    """What the row writes with other letters, digits, spaces or case only; it stays as it is."""
    return [
        Change(field=path, old=current[path], new=text)
        for path, text in _resolved(current, wish)
        if path in current
        and current[path] != text
        and _is_same(path, current[path], text, is_number=path in wish.numeric)
    ]


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Change, ...]:
    """Every field that differs, in the order of the records."""
    paths = in_order(old.keys() | new.keys())
    return tuple(
        Change(field=path, old=old.get(path), new=new.get(path)) for path in paths if old.get(path) != new.get(path)
    )


def in_order(paths: Iterable[str]) -> list[str]:
    """Dotted names in the order of the records, entries of a list together."""
    return sorted(paths, key=_rank)


@lru_cache(maxsize=4096)
def _rank(path: str) -> tuple[int, int, int, str]:
    order, field = _order(), field_at(path)
    position = len(order) if field is None else order[field.pattern]
    entry = _ENTRY.fullmatch(path)
    return (order[_FIRST_OF[entry[1]]], int(entry[2]), position, path) if entry else (position, 0, 0, path)


@cache
def _order() -> dict[str, int]:
    return {pattern: position for position, pattern in enumerate(catalogue())}


def _resolved(current: Mapping[str, str], wish: Wish) -> list[tuple[str, str]]:
    """The row's wishes under names that the asset has: `the first monitor` is part 2, or a new part."""
    found: list[tuple[str, str]] = []
    new_parts: dict[tuple[str, int], int] = {}
    for target, text in wish.texts.items():
        part = part_target(target)
        if target == NAME:
            found += _names(current, wish, text)
        elif part is None:
            found.append((target, text))
        else:
            position = _position(current, part)
            if position is None:
                place = (part.kind.value, part.ordinal)
                position = new_parts.setdefault(place, _after_all(current, wish) + len(new_parts))
                found.append((f"parts.{position}.kind", part.kind.value))
            found.append((f"parts.{position}.{part.field}", text))
    return found


def _names(current: Mapping[str, str], wish: Wish, text: str) -> list[tuple[str, str]]:
    """One name for both languages: of a new asset both, else the one whose letters it has."""
    if compared(text) in {compared(current.get("name.fa")), compared(current.get("name.en"))}:
        return []
    own = "name.fa" if _RIGHT_TO_LEFT.search(text) else "name.en"
    names = ("name.fa", "name.en") if "name.fa" not in current else (own,)
    return [(name, text) for name in names if name not in wish.texts]


def _existing(current: Mapping[str, str], target: str) -> str | None:
    part = part_target(target)
    position = _position(current, part) if part else None
    return f"parts.{position}.{part.field}" if part and position else None


def _position(current: Mapping[str, str], part: PartTarget) -> int | None:
    """Where the n-th part of a kind stands, from 1."""
    of_kind = [at for at in range(1, _count(current, "parts") + 1) if current.get(f"parts.{at}.kind") == part.kind]
    return of_kind[part.ordinal - 1] if part.ordinal <= len(of_kind) else None


def _count(texts: Iterable[str], name: str) -> int:
    entries = (_ENTRY.fullmatch(path) for path in texts)
    return max((int(entry[2]) for entry in entries if entry and entry[1] == name), default=0)


def _after_all(current: Mapping[str, str], wish: Wish) -> int:
    asked = [path for path in wish.texts if part_target(path) is None]
    return max(_count(current, "parts"), _count(asked, "parts")) + 1


def _is_same(path: str, old: str | None, new: str, *, is_number: bool) -> bool:
    """Whether a person would call them one value: letters, digits and spaces folded, a number without its zeros."""
    if old is None:
        return False
    if old == new:
        return True
    field = field_at(path)
    if field is None or field.type is not str:
        return False
    if field.pattern in IDENTITY or field.pattern in {"parts.#.asset_tag", "parts.#.serial"}:
        one, other = identity_key(old), identity_key(new)
        return one == other or (is_number and one.lstrip("0") == other)
    if field.pattern in _MAKERS:
        return canonical_vendor(old) == canonical_vendor(new)
    return compared(old) == compared(new)


def identity_key(text: str | None) -> str:
    """A property number or the like as two are compared: no spaces, Latin digits, capitals."""
    return "".join(compared(text).split()).upper()


def _without_holes(texts: dict[str, str], current: Mapping[str, str]) -> dict[str, str]:
    """New entries of a list right behind those that are there, whatever position their column had."""
    if all(path in current for path in texts if _ENTRY.fullmatch(path)):
        return texts
    renumbered: dict[str, str] = {}
    positions: dict[tuple[str, int], int] = {}
    for path in in_order(texts):
        entry = _ENTRY.fullmatch(path)
        if entry is None:
            renumbered[path] = texts[path]
            continue
        name, at = entry[1], int(entry[2])
        last = _count(current, name)
        if at > last and (name, at) not in positions:
            positions[name, at] = last + 1 + sum(1 for held, _ in positions if held == name)
        renumbered[f"{name}.{positions.get((name, at), at)}{entry[3] or ''}"] = texts[path]
    return renumbered
