"""The register as one table: every field that any asset has, so that reading it back changes nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from itops.assets.records import Asset
from itops.assets.tables.fields import catalogue, field_at, flat
from itops.assets.tables.grid import Table, TableColumn
from itops.assets.tables.merging import in_order
from itops.assets.tables.vocabulary import Vocabulary, fold
from itops.dates import show_day
from itops.errors import UsageWrong
from itops.names import Count, Names
from itops.text import comparable

_SAFE_WHOLE = 2**53
_LONGEST_CELL = 32_767
_SIMPLE = tuple(pattern for pattern in catalogue() if "." not in pattern)
# What a workbook cannot keep: control characters, half of a surrogate pair, and its own way of writing them, twice.
_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_x[0-9A-Fa-f]{4}_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """In which words a table is written."""

    language: str  # fa or en
    calendar: str  # jalali or gregorian
    vocabulary: Vocabulary
    sites: Mapping[str, Names]


def register_table(assets: Sequence[Asset], speech: Speech) -> Table:
    """All of these assets. Raises UsageWrong, naming asset and field, for a text that a workbook cannot keep."""
    rows = [flat(asset) for asset in assets]
    paths = in_order({path for texts in rows for path in texts} | set(_SIMPLE))
    return Table(
        name="تجهیزات" if speech.language == "fa" else "assets",
        columns=tuple(TableColumn(header=header_of(path, speech)) for path in paths),
        rows=[[_cell(texts, path, speech) for path in paths] for texts in rows],
        is_right_to_left=speech.language == "fa",
    )


def header_of(path: str, speech: Speech) -> str:
    """A field as it is headed: its dotted name, or its Persian label with the position in its list."""
    if speech.language != "fa":
        return path
    field = field_at(path)
    assert field is not None, path
    label = speech.vocabulary.labels[field.pattern]
    if field.pattern.endswith("*"):
        return label.replace("*", path.removeprefix(field.pattern[:-1]))
    position = re.search(r"\.([0-9]+)(?:\.|$)", path)
    return label.replace("#", position[1]) if position else label


def _cell(texts: Mapping[str, str], path: str, speech: Speech) -> str | int | float | None:
    text = texts.get(path)
    field = field_at(path)
    if text is None or field is None:
        return None
    if field.type in {int, Count}:
        return int(text) if abs(int(text)) < _SAFE_WHOLE else text
    if field.type is float:
        return float(text)
    if field.type is date:
        return show_day(date.fromisoformat(text), speech.calendar)
    if field.pattern == "site":
        return _site(text, speech)
    word = speech.vocabulary.word(field.pattern, text, "fa") if speech.language == "fa" else text
    return _kept(texts, path, word)


def _site(site: str, speech: Speech) -> str:
    """A site's Persian name, where it can mean no other site."""
    named = speech.sites.get(site)
    if named is None or speech.language != "fa":
        return site
    spelled = fold(named.fa)
    same = [other for other, names in speech.sites.items() if spelled in map(fold, (other, names.fa, names.en))]
    return named.fa if spelled and same == [site] else site


def _kept(texts: Mapping[str, str], path: str, text: str) -> str:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units > _LONGEST_CELL or _NOT_KEPT.search(text):
        why = "is longer than a cell" if units > _LONGEST_CELL else "holds characters that a workbook cannot keep"
        raise UsageWrong(
            f"{texts['id']}: {path} {why}: {comparable(text)[:40]!r}", remedy="shorten or retype it in inventory.yaml"
        )
    return text
