"""Draws one PDF and ends: typst keeps what it drew, so a process that draws 31 reports grows to a gigabyte.

A program of its own that imports nothing of itops: an order as JSON comes in, the PDF goes out. On failure nothing
goes out, and the reason stands as JSON on stderr: `{"kind": "font" | "typst", "problem": ..., "families": [...]}`.
"""

import base64
import json
import re
import sys
from typing import Any

FAILED = 3
_NOT_DISPLAYED = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r'\\u\{([0-9a-f]{1,6})\}|\\(["\\])')
_MOST_TRIES = 3
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


class CannotDraw(Exception):
    """`kind`: "font" when the font that was asked for is not there, else "typst"."""

    def __init__(self, kind: str, problem: str, families: list[str]) -> None:
        super().__init__(problem)
        self.kind = kind
        self.families = families


def draw(order: dict[str, Any]) -> bytes:
    """The PDF of an order, see itops.reports.paper.pdf. Raises CannotDraw."""
    import typst  # noqa: PLC0415  30 MB that only documents need

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=order["font_paths"])
    document = {**order["document"], "fonts": _chosen(order["fonts"], order["font"], fonts.families())}
    for tries_left in reversed(range(_MOST_TRIES)):
        try:
            return _compiled(order, document, fonts)
        except typst.TypstError as error:
            lacking = _lacking(error.diagnostic)
            if not lacking or not tries_left:
                raise CannotDraw("typst", f"{error.message}\n{error.diagnostic[:2000]}", []) from error
            document = replaced(document, lacking)
    raise AssertionError("the last try returns or raises")


def _compiled(order: dict[str, Any], document: dict[str, Any], fonts: Any) -> bytes:
    import typst  # noqa: PLC0415  see draw

    files: Any = {name: source.encode() for name, source in order["templates"].items()}
    files["data.json"] = json.dumps(document, ensure_ascii=False).encode()
    if order["attachment"] is not None:
        files["attachment"] = base64.b64decode(order["attachment"])
    made: bytes = typst.compile(
        files,
        format="pdf",
        ignore_system_fonts=True,
        font_paths=fonts,
        pdf_standards=order["standards"],
        pdf_tags=order["tags"],
        timestamp=order["timestamp"],
    )
    return made


def _chosen(wanted: list[list[str | None]], must: str | None, families: list[str]) -> list[dict[str, str]]:
    """Those that are there, in their order: each with its name and perhaps the characters that it is for."""
    known = {family.casefold(): family for family in families}
    if must is not None and must.casefold() not in known:
        raise CannotDraw("font", must, families)
    there = [(known[name.casefold()], covers) for name, covers in wanted if name and name.casefold() in known]
    return [{"name": name, **({"covers": covers} if covers else {})} for name, covers in dict.fromkeys(there)]


def _lacking(diagnostic: str) -> list[str]:
    """Texts for which no font has a picture: the archival standards refuse a document with an empty box."""
    found = {_ESCAPED.sub(_meant, text) for text in _NOT_DISPLAYED.findall(diagnostic)}
    return sorted((text for text in found if not text.isascii()), key=lambda text: (-len(text), text))


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else escape[2]


def replaced(value: Any, lacking: list[str]) -> Any:
    """The document with a mark in place of each text that cannot be drawn. It is a dozen levels deep at most."""
    if isinstance(value, str):
        for text in lacking:
            value = value.replace(text, _UNPRINTABLE)
        return value
    if isinstance(value, list):
        return [replaced(one, lacking) for one in value]
    if isinstance(value, dict):
        return {key: replaced(one, lacking) for key, one in value.items()}
    return value


def main() -> int:
    """Order from stdin, PDF to stdout, reason of a failure to stderr."""
    try:
        made = draw(json.load(sys.stdin.buffer))
    except CannotDraw as error:
        sys.stderr.write(json.dumps({"kind": error.kind, "problem": str(error), "families": error.families}))
        return FAILED
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
