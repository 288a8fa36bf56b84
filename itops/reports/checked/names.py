"""Names and lines: what comes from outside, so that it steers no format and fits into it."""

import re
from collections.abc import Mapping

from itops.text import plain

NAME = 60  # letters of a name in a sentence
LABEL = 200  # letters of a name that is an identity
LINE = 300  # letters of a line
_OPEN, _CLOSE = "\u2068", "\u2069"
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARS = str.maketrans({"|": "¦"})
_NOTHING_REPLACED: Mapping[int, str] = {}


class Names:
    """Names as identities: each shown the same wherever it stands, and never two the same."""

    def __init__(self, replaced: Mapping[int, str] = _NOTHING_REPLACED) -> None:
        self._replaced = replaced
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._taken: set[tuple[str, ...]] = set()

    def __call__(self, *parts: str) -> tuple[str, ...]:
        """The parts of a name, each of which is a label of its own."""
        if parts not in self._known:
            shown = tuple(map(self._shown, parts))
            while shown in self._taken:  # somebody called a thing by the digest of another
                shown = (*shown[:-1], f"{shown[-1]}~{len(self._taken)}")
            self._taken.add(shown)
            self._known[parts] = shown
        return self._known[parts]

    def _shown(self, text: str) -> str:
        shown = one_line(text).translate(self._replaced).strip()
        if shown == text and len(text) <= LABEL:
            return text
        return f"{shown[: LABEL - 9]}~{digest(text, 8)}"


def digest(text: str, length: int) -> str:
    """So many hexadecimal digits that are of this text alone."""
    import hashlib  # noqa: PLC0415  few names need one, and the check runs every minute

    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:length]


def one_line(text: str) -> str:
    """One line that steers nothing and can be encoded; not longer than anything shown."""
    return plain(_SURROGATE.sub("\ufffd", text[: 4 * LINE]))


def safe(text: str) -> str:
    """A line without bars: behind one stands performance data."""
    return cut(text.translate(_BARS), LINE)


def cut(text: str, most: int) -> str:
    """Not longer than that; what was marked open is closed."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    return f"{kept}…{_CLOSE * (kept.count(_OPEN) - kept.count(_CLOSE))}"
