"""How a paper is lettered: which fonts in which order, how large, and how wide their letters are.

The widths are means of the forms of a letter, measured on all words of the catalogues: a sentence is estimated within
an eighth, a single word within a fifth. Fonts of the office itself are taken for as wide as Noto Sans Arabic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from itops.reports.fonts import AMIRI, BUILT_IN, NOTO, Face, folder_of

_BESIDE_ARABIC = (
    r"[^\u{0600}-\u{06ff}\u{0750}-\u{077f}\u{08a0}-\u{08ff}\u{200c}\u{200d}\u{fb50}-\u{fdff}\u{fe70}-\u{fefc}]"
)
_BESIDE_RAISED = r"[^.{}\[\]|]"
"""Amiri's own full stop stands where a Persian zero stands, and its braces are ornaments: 192.0.2.17 must be read."""
_OTHER_LETTER = 0.6
_WEIGHTLESS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0670\u200b\u200c\u200d\u2066\u2069"


class Font(NamedTuple):
    """A font and what it is for; `covers`: a class of characters as typst writes it, None: whatever it has."""

    name: str
    covers: str | None = None


def _widths(*groups: tuple[float, str]) -> Mapping[str, float]:
    found = {letter: width for width, letters in groups for letter in letters}
    return MappingProxyType(found | dict.fromkeys(_WEIGHTLESS, 0.0))


_SANS = _widths(
    (0.22, "'ijl"),
    (0.3, " !(),-.:;IJ[]`أارغ"),
    (0.38, '"/\\frt،؛آبزن٫٬ژ'),
    (0.46, "?_csz؟ءئدذلهو٪پگی–"),
    (0.54, "$*+0123456789<=>EFLSTYZ^aekvxy|~«»تثظعقک۰۱۲۳۴۵۶۷۸۹"),
    (0.62, "#ABCKPRVXbdghnopquجحخفمچ"),
    (0.74, "&DGHNOQUwضط…"),
    (0.94, "%@MWmسشص—"),
)
_NASKH = _widths(
    (0.22, "!',:;jl|غن"),
    (0.3, ' ".IJ`fitأابرپ'),
    (0.38, "-/?[\\]^acers«»،؛؟ءآئتدزعقلمه٫٬ژی"),
    (0.46, "#$()*<>S_bgopqvxyzثذظفو٪"),
    (0.56, "+0123456789=EFLPdhknu~جحخچگ–"),
    (0.62, "%&ABCKRTVXYZسشضطک۰۱۲۳۴۵۶۷۸۹"),
    (0.74, "@DGHNOQUmwص"),
    (0.9, "MW—…"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """`scale`: how much larger than written in the templates letters are set, so that all fonts look as large.

    `leading`: between the lines of a cell, em; letters of naskh reach further up and down. `arabic_scale`: how much
    larger Arabic script is set where it has another font than the rest. `is_kerned`: not where readers take the gaps
    that kerning leaves for spaces: of 496 words of a report nine came back in two pieces.
    """

    fonts: tuple[Font, ...]
    widths: Mapping[str, float]
    scale: float = 1.0
    leading: float = 0.45
    arabic_scale: float = 1.0
    is_kerned: bool = True

    def extent(self, text: str) -> float:
        """How wide a text is, em."""
        width = self.widths.get
        return sum([width(letter, _OTHER_LETTER) for letter in text])


AMIRI_SCALE = 1.16
"""Letters of Amiri are a sixth narrower and lower than those of Noto Sans Arabic of the same size."""
SANS = Lettering(fonts=(Font(NOTO.family), Font(BUILT_IN)), widths=_SANS)
NASKH = Lettering(
    fonts=(Font(AMIRI.family, _BESIDE_RAISED), Font(NOTO.family), Font(AMIRI.family), Font(BUILT_IN)),
    widths=_NASKH,
    scale=AMIRI_SCALE,
    leading=0.62,
    is_kerned=False,
)


def lettering(
    language: str, font: str | None = None, *, folder: Callable[[Face], Path | None] = folder_of
) -> Lettering:
    """For papers of a language. `font`: the office's own, before all others; `folder`: where a font is, if it is."""
    asked = None if font is None else font.casefold()
    if asked == AMIRI.family.casefold() or (asked is None and language == "fa" and folder(AMIRI) is not None):
        return NASKH
    if font is None and language == "fa":
        return SANS
    own = () if font is None else (Font(font),)
    both = (Font(NOTO.family, _BESIDE_ARABIC), Font(AMIRI.family, _BESIDE_RAISED))
    is_mixed = font is None and folder(AMIRI) is not None
    return Lettering(fonts=(*own, *both, *SANS.fonts), widths=_SANS, arabic_scale=AMIRI_SCALE if is_mixed else 1.0)
