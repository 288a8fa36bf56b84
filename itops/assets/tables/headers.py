"""What a header means: one field, a part by its kind, or nothing that we know; never a guess."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from itops.assets.records import PartKind
from itops.assets.tables.fields import catalogue, field_at
from itops.assets.tables.vocabulary import Vocabulary, fold, without_number

NAME = "name"
"""Not a field but both names of an asset: which language a text is in tells which name it is."""
_PART = re.compile(rf"parts\.({'|'.join(PartKind)})(?:\.([1-9][0-9]{{0,3}}))?\.([a-z_]+)")
_ASIDE = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_KEYED = "*"


class Reading(StrEnum):
    """What becomes of a column."""

    FIELD = "field"
    UNKNOWN = "unknown"  # no synonym: told, and left out
    IGNORED = "ignored"  # row numbers
    PRIVATE = "private"  # may not be kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one header means. `target` is a dotted name, `name`, or parts.<kind>.<n>.<field>."""

    reading: Reading
    target: str | None = None
    factor: int = 1  # of the unit that the header names: 10 for toman


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTarget:
    """A field of the n-th part of one kind."""

    kind: PartKind
    ordinal: int
    field: str


_UNKNOWN = Meaning(reading=Reading.UNKNOWN)


def meaning_of(header: str, vocabulary: Vocabulary) -> Meaning:
    """What a header means; its unit may stand in brackets, its list position anywhere."""
    exact = target_of(header)
    if exact is not None:
        return Meaning(reading=Reading.FIELD, target=exact)
    folded = fold(header)
    if folded in vocabulary.ignored:
        return Meaning(reading=Reading.IGNORED)
    if folded in vocabulary.private:
        return Meaning(reading=Reading.PRIVATE)
    whole = _named(header, vocabulary)
    if whole is not None:
        return Meaning(reading=Reading.FIELD, target=whole)
    return _with_unit(header, vocabulary)


def _with_unit(header: str, vocabulary: Vocabulary) -> Meaning:
    """A header whose brackets hold a unit of its field, or a mere remark."""
    target = _named(_ASIDE.sub(" ", header), vocabulary)
    if target is None or not _ASIDE.search(header):
        return _UNKNOWN
    units = vocabulary.units.get(pattern_of(target), {})
    asides = [fold(aside) for aside in _ASIDE.findall(header)]
    factor = next((units[aside] for aside in asides if aside in units), 1)
    return Meaning(reading=Reading.FIELD, target=target, factor=factor)


def _named(header: str, vocabulary: Vocabulary) -> str | None:
    keyed = _keyed(header, vocabulary)
    if keyed:
        return keyed
    folded = fold(header)
    if folded in vocabulary.patterns:
        return _first(vocabulary.patterns[folded])
    pattern, number = without_number(folded)
    if number is not None:
        found = vocabulary.patterns.get(pattern)
        return found.replace("#", str(number)) if found and "#" in found and number else None
    listed = vocabulary.patterns.get(f"{folded}#")
    return _first(listed) if listed else None


def _first(pattern: str) -> str | None:
    """A list without a number means its first entry; a mapping without its key means nothing."""
    return None if _KEYED in pattern else pattern.replace("#", "1")


def _keyed(header: str, vocabulary: Vocabulary) -> str | None:
    """A header such as `سهم پهنای باند: head-office`, whose end is the key of a mapping."""
    for pattern, label in vocabulary.labels.items():
        if pattern.endswith(_KEYED):
            head, colon, key = header.partition(":")
            if colon and key.strip() and fold(head) == fold(label.partition(":")[0]):
                return pattern[:-1] + key.strip()
    return None


def target_of(text: str) -> str | None:
    """A field as its dotted name, `name`, or a part by its kind (parts.monitor.asset_tag); None for anything else."""
    text = text.strip()
    if text == NAME or field_at(text) is not None:
        return text
    part = part_target(text)
    return f"parts.{part.kind}.{part.ordinal}.{part.field}" if part else None


@lru_cache(maxsize=4096)
def part_target(target: str) -> PartTarget | None:
    """What parts.disk.2.serial asks for: the serial of the second disk."""
    found = _PART.fullmatch(target)
    if not found or f"parts.#.{found[3]}" not in catalogue() or found[3] == "kind":
        return None
    return PartTarget(kind=PartKind(found[1]), ordinal=int(found[2] or 1), field=found[3])


@lru_cache(maxsize=4096)
def pattern_of(target: str) -> str:
    """The pattern of the field that a target sets; of `name`, the Persian one."""
    part = part_target(target)
    if part:
        return f"parts.#.{part.field}"
    field = field_at("name.fa" if target == NAME else target)
    assert field is not None, target
    return field.pattern
