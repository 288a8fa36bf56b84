"""The rules of roles, compiled once: what ships with itops (`patterns.toml`) and what the office adds to it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from itops.inventory.roles.evidence import NONE_OF_THESE
from itops.inventory.roles.words import folded, role_word, squeezed, words_in

_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NO_ROLE = frozenset({"none", "nothing", "no role", "n a", "na", "هیچ", "ندارد", "هیچکدام"})
DECLARING = ("role", "roles", "server role", "server roles", "نقش", "نقش‌ها", "نقش سرور")
"""Attributes, tag categories and note lines of these names declare a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSettings:
    """What itops.yaml may add under `roles`."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Role -> patterns: a word, or with `*` and `?` the whole name. They come first: where one fits, ours are not
    asked. Under the role "-" stand names that betray nothing."""
    attributes: tuple[str, ...] = ()
    """More names of attributes, tag categories and note lines that declare a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleTraits:
    """What betrays one role; the fields are those of patterns.toml."""

    names: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    guestinfo: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    implies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NameHit:
    """A role that a name suggests, and the word or pattern that did."""

    role: str
    pattern: str


@cache
def traits() -> Mapping[str, RoleTraits]:
    """The traits that ship with itops, by role, in the order of the file."""
    table = tomllib.loads(files(__package__).joinpath("patterns.toml").read_text(encoding="utf-8"))
    return MappingProxyType(
        {role: RoleTraits(**{name: tuple(words) for name, words in found.items()}) for role, found in table.items()}
    )


def known_roles() -> tuple[str, ...]:
    """The roles itops knows by itself; an office may use any other word."""
    return tuple(traits())


@cache
def implied_by(role: str) -> frozenset[str]:
    """The role itself and every role that a server with it also has: a PDC is a domain controller."""
    found = traits().get(role)
    return frozenset({role}.union(*(implied_by(other) for other in found.implies) if found else ()))


class RoleRules:
    """Names and typed words looked up in one pass each, whatever the number of roles."""

    def __init__(self, settings: RoleSettings | None = None) -> None:
        settings = settings or RoleSettings()
        self.declaring = frozenset(squeezed(name) for name in (*DECLARING, *settings.attributes))
        self._own_words, self._own_globs = _own(settings.names)
        self._builtin = _by_word((role, found.names) for role, found in traits().items())
        self._never = _by_word((role, found.never) for role, found in traits().items())
        self._typed = {
            squeezed(word): role for role, found in traits().items() for word in (*found.words, *found.names)
        }
        self._typed |= {squeezed(role): role for role in traits()}

    def in_name(self, name: str) -> tuple[NameHit, ...]:
        """The roles a name suggests; the office's own patterns first, and alone where one of them fits."""
        words = list(dict.fromkeys(words_in(name)))
        hits = self._own_hits(name, words)
        if not hits:
            hidden = {role for word in words for role in self._never.get(word, ())}
            hits = [NameHit(role, word) for word in words for role in self._builtin.get(word, ()) if role not in hidden]
        first = {hit.role: hit for hit in reversed(hits)}
        return tuple(hit for hit in first.values() if hit.role != NONE_OF_THESE)

    def _own_hits(self, name: str, words: list[str]) -> list[NameHit]:
        whole = folded(name).casefold()
        globs = [NameHit(role, shown) for pattern, role, shown in self._own_globs if pattern.match(whole)]
        return globs + [NameHit(role, word) for word in words for role in self._own_words.get(word, ())]

    def typed(self, text: str) -> str | None:
        """The role somebody wrote: ours for one of its words, "-" for none, else the office's own word; None for
        text that is no role."""
        if text.strip() == NONE_OF_THESE or folded(text).strip().casefold() in _NO_ROLE:
            return NONE_OF_THESE
        return self._typed.get(squeezed(text)) or role_word(text)


def _by_word(pairs: Iterable[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for role, words in pairs:
        for word in words:
            found[squeezed(word)] = (*found.get(squeezed(word), ()), role)
    return found


def _own(
    names: Mapping[str, tuple[str, ...]],
) -> tuple[dict[str, tuple[str, ...]], list[tuple[re.Pattern[str], str, str]]]:
    words: list[tuple[str, tuple[str, ...]]] = []
    globs: list[tuple[re.Pattern[str], str, str]] = []
    for typed, patterns in names.items():
        role = NONE_OF_THESE if typed == NONE_OF_THESE else (role_word(typed) or typed)
        words.append((role, tuple(pattern for pattern in patterns if not _is_glob(pattern))))
        globs += [
            (re.compile(translate(folded(pattern).casefold())), role, pattern)
            for pattern in patterns
            if _is_glob(pattern)
        ]
    return _by_word(words), globs


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern
