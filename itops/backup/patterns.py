"""Patterns of file names and archive names, as the jobs of itops.yaml have them.

`Insurance_{year}{month}{day}_{hour}{minute}.bak` claims files of that name wherever they lie in the repository; with
a `/` in it the pattern is of the whole path. `{object}` and `{server}` tell which object, `{stripe}` joins the files of
one set, a final `/` claims a folder as one copy, `*` is anything within a name and `**/` any folders.
"""

import re
from pathlib import Path

_PLACEHOLDERS = {
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>\d{2})",
    "day": r"(?P<day>\d{2})",
    "hour": r"(?P<hour>\d{2})",
    "minute": r"(?P<minute>\d{2})",
    "second": r"(?P<second>\d{2})",
    "object": r"(?P<object>[^/]+?)",
    "server": r"(?P<server>[^/]+?)",
    "stripe": r"(?P<stripe>\d+)",
}
_TOKEN = re.compile(r"\{(\w*)\}|\*\*/|\*|\?")
_WILD = {"**/": r"(?:[^/]+/)*", "*": r"[^/]*", "?": r"[^/]"}


class Pattern:
    """A pattern of names, compiled. `literal` is its longest plain part: a quick look before the regular expression."""

    __slots__ = ("is_folder", "literal", "matcher", "text")

    def __init__(self, text: str, matcher: re.Pattern[str], literal: str) -> None:
        self.text = text
        self.matcher = matcher
        self.literal = literal
        self.is_folder = text.endswith("/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """From itops.yaml; raises ValueError for an unknown placeholder, one used twice, or what fits no path."""
        body = text.removesuffix("/")
        if not body or body.startswith("/"):
            raise ValueError(f'"{text}" fits nothing: names are relative to the repository, without a / in front')
        pieces, literals, end = [], [""], 0
        for token in _TOKEN.finditer(body):
            literal = _literal(body[end : token.start()], text)
            pieces.append(re.escape(literal))
            literals.append(literal)
            pieces.append(_expression(token, text))
            end = token.end()
        pieces.append(re.escape(_literal(body[end:], text)))
        literals.append(body[end:])
        anywhere = "" if "/" in body else r"(?:[^/]+/)*"
        tail = "(?=/)" if text.endswith("/") else r"\Z"
        try:
            matcher = re.compile(anywhere + "".join(pieces) + tail)
        except re.error as error:
            raise ValueError(f'"{text}" uses a placeholder twice ({error.msg})') from error
        return cls(text, matcher, max(literals, key=len))

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Pattern":
        """From its text; raises ValueError."""
        if not isinstance(value, str) or not value:
            raise ValueError("should be one text: Insurance_{year}{month}{day}.bak")
        return cls.parse(value)

    def match(self, path: str) -> re.Match[str] | None:
        """The path's parts if the pattern claims it."""
        return self.matcher.match(path) if self.literal in path else None


def _literal(part: str, text: str) -> str:
    if "{" in part or "}" in part:
        raise ValueError(f'"{text}": a brace that belongs to no placeholder; write {{year}}, without blanks')
    return part


def _expression(token: re.Match[str], text: str) -> str:
    name = token[1]
    if name is None:
        return _WILD[token[0]]
    if name not in _PLACEHOLDERS:
        raise ValueError(
            f'"{text}": there is no {{{name}}}; there are {", ".join(f"{{{held}}}" for held in _PLACEHOLDERS)}'
        )
    return _PLACEHOLDERS[name]
