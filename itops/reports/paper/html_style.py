"""The style sheet of a page: our own rules, what stands at the foot of each printed page, a font if one is asked for.

Texts of the paper reach a style sheet only as escaped strings.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from itops.errors import InputInvalid
from itops.reports.paper.model import Paper
from itops.text import plain

_FONT_BYTES_MAX = 4 << 20
_FONTS = {
    b"\x00\x01\x00\x00": "ttf",
    b"true": "ttf",
    b"OTTO": "otf",
    b"wOFF": "woff",
    b"wOF2": "woff2",
}


def style_sheet(paper: Paper, embed_font: Path | None) -> str:
    """Everything between `<style>` and its end. Raises InputInvalid when the file is no font."""
    return (_font_face(embed_font) if embed_font else "") + _page_boxes(paper) + _rules()


@cache
def _rules() -> str:
    return files("itops.reports").joinpath("templates", "paper.css").read_text(encoding="utf-8")


def _page_boxes(paper: Paper) -> str:
    """What stands at the foot of every printed page: the footer, and the number of the page."""
    style = "persian" if paper.language == "fa" else "decimal"
    direction = "rtl" if paper.is_right_to_left else "ltr"
    start, end = ("right", "left") if paper.is_right_to_left else ("left", "right")
    count = {"{page}": f"counter(page,{style})", "{pages}": f"counter(pages,{style})"}
    pieces = _split(plain(paper.page_of), tuple(count))
    numbers = " ".join(count.get(piece) or _css_string(piece) for piece in pieces) or _css_string("")
    foot = "".join(f"\u2066{plain(span.text)}\u2069" if span.is_code else plain(span.text) for span in paper.footer)
    return (
        f"@page{{@bottom-{start}{{direction:{direction};content:{_css_string(foot)}}}"
        f"@bottom-{end}{{direction:{direction};content:{numbers}}}}}\n"
    )


def _split(sentence: str, names: Sequence[str]) -> Iterator[str]:
    while sentence:
        place, name = min(((sentence.find(name), name) for name in names if name in sentence), default=(-1, ""))
        if place < 0:
            yield sentence
            return
        if place:
            yield sentence[:place]
        yield name
        sentence = sentence[place + len(name) :]


def _css_string(words: str) -> str:
    """A string in a style sheet; whatever is not a letter or digit is an escape, so nothing can end it."""
    return '"' + "".join(one if one.isalnum() else f"\\{ord(one):x} " for one in words) + '"'


def _font_face(file: Path) -> str:
    """The font as a rule of the style sheet. Weights are known of TTF, OTF and WOFF; a WOFF2 counts as regular."""
    remedy = "name a TTF, OTF, WOFF or WOFF2 file of at most 4 MiB"
    try:
        with file.open("rb") as opened:
            content = opened.read(_FONT_BYTES_MAX + 1)
    except OSError as error:
        raise InputInvalid(f"{file}: the font cannot be read: {error.strerror}", remedy=remedy) from error
    kind = _FONTS.get(content[:4])
    if kind is None or len(content) > _FONT_BYTES_MAX:
        raise InputInvalid(f"{file}: this is not a font that can be put into a page", remedy=remedy)
    weights = "100 900" if _is_variable(content, kind) else "400"
    return (
        f'@font-face{{font-family:"Report";font-weight:{weights};'
        f"src:url(data:font/{kind};base64,{b64encode(content).decode()})}}\n"
    )


def _is_variable(content: bytes, kind: str) -> bool:
    """Whether the font's directory names a table of axes."""
    start, step, count_at = {"woff": (44, 20, 12), "woff2": (0, 0, 0)}.get(kind, (12, 16, 4))
    count = int.from_bytes(content[count_at : count_at + 2], "big") if step else 0
    places = range(start, start + step * count, step or 1)
    return any(content[place : place + 4] == b"fvar" for place in places)
