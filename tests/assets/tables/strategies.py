"""Registers with every field that there is, for properties that must hold of all of them."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from itops.assets.records import Asset
from itops.assets.tables.fields import Field, built, catalogue, flat, text_of
from itops.names import Count, Identifier
from tests.assets.tables.office import SITES

# What breaks sheets: signs of formulas, separators, quotes, workbook escapes, joiners, Arabic letters and digits.
_ALPHABET = "اکیيك۰۹٣٤azAZ019=+-@'\";,|._:/\\_x<&>()\u200c\u00e9\U0001f5a8"
_HARD = _ALPHABET + "\t\n\u202b\u0640\u0651"
_LISTS = {"parts": 3, "tests": 2, "lock": 2, "ups.batteries": 2}


def texts(alphabet: str) -> st.SearchStrategy[str]:
    """Texts with something to see in them, spaces inside as people type them."""
    words = st.lists(st.text(alphabet, min_size=1, max_size=6), min_size=1, max_size=3)
    return words.map(" ".join).filter(lambda text: any(letter.isalnum() for letter in text) and "_x" not in text)


@st.composite
def assets(draw: st.DrawFn, number: int, alphabet: str) -> Asset:
    """One asset whose id and property numbers no other has."""
    held: dict[str, str] = {"id": f"A-{number:03}"}
    present = {name: draw(st.integers(0, most)) for name, most in _LISTS.items()}
    blocks = draw(st.sets(st.sampled_from(["purchase", "service", "disposal", "ups", "fire", "link", "vm", "match"])))
    for field in catalogue().values():
        for path in _paths(field, present, blocks):
            if path == "id" or not (_is_needed(field) or draw(st.booleans())):
                continue
            text = text_of(draw(_values(field, alphabet)))
            held[path] = f"{number}{len(held)}-{text}" if path.endswith("asset_tag") or path == "serial" else text
    return built(held)


def _paths(field: Field, present: Mapping[str, int], blocks: set[str]) -> list[str]:
    if field.pattern == "link.shares.*":
        return [f"link.shares.{site}" for site in SITES] if "link" in blocks else []
    name = next((name for name in _LISTS if field.pattern.startswith(f"{name}.")), None)
    if name is not None:
        has_block = name != "ups.batteries" or "ups" in blocks
        return [field.pattern.replace("#", str(at)) for at in range(1, present[name] + 1) if has_block]
    block = field.pattern.partition(".")[0]
    return [field.pattern] if "." not in field.pattern or block == "name" or block in blocks else []


def _is_needed(field: Field) -> bool:
    return field.is_required


def _values(field: Field, alphabet: str) -> st.SearchStrategy[Any]:
    if field.pattern == "site":
        return st.sampled_from(list(SITES))
    if isinstance(field.type, type) and issubclass(field.type, Enum):
        return st.sampled_from(list(field.type))
    return _BY_TYPE[field.type] if field.type in _BY_TYPE else texts(alphabet)


_BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(-(10**12), 10**15),
    Count: st.integers(0, 10_000),
    float: st.decimals(0, 10**9, places=3).map(float),
    date: st.dates(date(1921, 4, 1), date(2099, 12, 31)),
    Identifier: st.just("A-001"),  # of what it is part of
}


def registers(alphabet: str = _HARD) -> st.SearchStrategy[list[Asset]]:
    """One to three assets."""
    return (
        st.integers(1, 3)
        .flatmap(lambda count: st.tuples(*(assets(at, alphabet) for at in range(1, count + 1))))
        .map(list)
    )


PLAIN = _ALPHABET
__all__ = ["PLAIN", "assets", "flat", "registers", "texts"]
