"""Text on its way out: on one line, as UTF-8, as long as the other side takes it."""

import re

from itops.text import plain

_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
_AT_ISOLATES = re.compile("([\u2066-\u2069])")


def one_line(text: str) -> str:
    """`text` on one line, as UTF-8 can carry it: a lone surrogate, from the name of a file, becomes a question mark.

    The isolates that Persian sentences have around names stay: they end with the line at the latest.
    """
    kept = "".join(part if part in _ISOLATES else plain(part) for part in _AT_ISOLATES.split(text))
    return kept.encode("utf-8", "replace").decode()


def bare(text: str) -> str:
    """The same without any mark of direction: logs are searched, and old phones draw a box for each."""
    return plain(text).encode("utf-8", "replace").decode()


def cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, as SMS and messengers count; an ellipsis tells that there was more."""
    if _units(text) <= most:
        return text
    while text and _units(text) >= most:
        text = text[:-1]
    return text.rstrip("\u200c\u200d\ufe0f ") + "…"  # no joiner that has nothing to join any more


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "replace")) // 2
