"""Labels for assets on A4 sheets, as PDF: the id as a QR code, the office, the property number, the model.

Lengths are millimetres. Round each symbol stay 2 mm or four of its modules free, whichever is more; a symbol whose
modules would be too fine for a telephone is refused.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from itops.errors import UsageWrong
from itops.reports import fonts
from itops.reports.words import Words
from itops.text import plain

_PAGE_WIDTH, _PAGE_HEIGHT = 210.0, 297.0
_PADDING = 2.0
_UNPRINTABLE = 4.5
"""What printers leave free at the edge of the paper, and a label there must, too."""
_BETWEEN = 1.0
_LEAST_QUIET = 2.0
_QUIET_MODULES = 4
_SMALLEST_SQUARE = 8.0
_LARGEST_SQUARE = 30.0
_LEAST_TEXT_WIDTH = 18.0
_FINEST_MODULE = 0.4
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands on one label; what is empty is left out."""

    asset_id: str
    office: str = ""
    asset_tag: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An A4 sheet of equal labels, in the middle of the page. Raises UsageWrong where not one fits."""

    width: float
    height: float
    gap_across: float = 0.0
    gap_down: float = 0.0
    grid: tuple[int, int] | None = None  # columns and rows; None: as many as there is room for

    def __post_init__(self) -> None:
        """A label must hold a square and words beside it, and all of them must be on the page."""
        if not (_fits(self.width, _PAGE_WIDTH) and _fits(self.height, _PAGE_HEIGHT) and self._is_whole):
            raise UsageWrong(
                f"labels of {self.width:g} x {self.height:g} mm cannot be printed like that on A4",
                remedy="set label_size, label_gap and label_grid of assets in itops.yaml to what the sheets have",
            )

    @property
    def _is_whole(self) -> bool:
        return self.square >= _SMALLEST_SQUARE and min(self.margins) > -_ROUNDING

    @property
    def columns(self) -> int:
        """Labels beside each other."""
        if self.grid is not None:
            return self.grid[0]
        return int((_PAGE_WIDTH + self.gap_across + _ROUNDING) // (self.width + self.gap_across))

    @property
    def rows(self) -> int:
        """Labels below each other."""
        if self.grid is not None:
            return self.grid[1]
        return int((_PAGE_HEIGHT + self.gap_down + _ROUNDING) // (self.height + self.gap_down))

    @property
    def count(self) -> int:
        """Labels on a sheet."""
        return self.columns * self.rows

    @property
    def square(self) -> float:
        """The side of the symbol with its quiet zone."""
        beside = self.width - 2 * self.inset - _BETWEEN - _LEAST_TEXT_WIDTH
        return min(self.height - 2 * _PADDING, beside, _LARGEST_SQUARE)

    @property
    def text_width(self) -> float:
        """What is left beside it."""
        return self.width - 2 * self.inset - _BETWEEN - self.square

    @property
    def margins(self) -> tuple[float, float]:
        """What is left of the page at the left and at the top."""
        across = self.columns * (self.width + self.gap_across) - self.gap_across
        down = self.rows * (self.height + self.gap_down) - self.gap_down
        return (_PAGE_WIDTH - across) / 2, (_PAGE_HEIGHT - down) / 2

    @property
    def inset(self) -> float:
        """What stays free at the left and right of each label: more where labels reach the edge of the paper."""
        return max(_PADDING, _UNPRINTABLE - self.margins[0])

    def corner(self, position: int) -> tuple[float, float]:
        """Left and top of a label on its sheet; from the left to the right, then down, also in Persian."""
        row, column = divmod(position % self.count, self.columns)
        left, top = self.margins
        return left + column * (self.width + self.gap_across), top + row * (self.height + self.gap_down)


def _fits(length: float, page: float) -> bool:
    return 0 < length <= page


def labels_pdf(labels: Sequence[Label], sheet: Sheet, words: Words, *, skip: int = 0) -> bytes:
    """The sheets as one PDF; the same labels give the same bytes. `skip`: positions of the first sheet already used.

    Raises UsageWrong for an id that is too long for the label, and where typst or segno is not installed.
    """
    return _rendered(labels, sheet, words, skip, "pdf")[0]


def labels_pictures(labels: Sequence[Label], sheet: Sheet, words: Words, *, skip: int = 0) -> list[bytes]:
    """The same sheets as PNG, one a page, 300 dots to the inch: for looking at, and for tests that decode them."""
    return _rendered(labels, sheet, words, skip, "png")


def _rendered(
    labels: Sequence[Label], sheet: Sheet, words: Words, skip: int, form: Literal["pdf", "png"]
) -> list[bytes]:
    if not 0 <= skip < sheet.count:
        raise UsageWrong(
            f"a sheet has {sheet.count} labels: {skip} cannot be skipped", remedy=f"skip 0 to {sheet.count - 1}"
        )
    try:
        import typst  # noqa: PLC0415  30 MB that only documents need
    except ImportError:
        raise UsageWrong("typst is not installed", remedy=fonts.INSTALL) from None
    template = files("itops.reports").joinpath("templates", "labels.typ").read_bytes()
    compiled: Any = typst.compile  # its own types cannot be told apart by mypy
    made = compiled(
        template,
        format=form,
        ppi=300,
        sys_inputs={"data": json.dumps(_document(labels, sheet, words, skip))},
        ignore_system_fonts=True,
        font_paths=[str(folder) for folder in font_folders()],
        timestamp=0,
    )
    return made if isinstance(made, list) else [made]


def font_folders() -> list[Path]:
    """Where the font of labels is; without it typst's own, ugly but complete, is used."""
    return fonts.font_folders(fonts.NOTO)


def _document(labels: Sequence[Label], sheet: Sheet, words: Words, skip: int) -> dict[str, Any]:
    """Everything that the template places."""
    placed = [_placed(label, sheet, skip + position) for position, label in enumerate(labels)]
    return {
        "title": words.template("asset", "label.tag", "message"),
        "language": words.language,
        "words": {"tag": words.template("asset", "label.tag", "title")},
        "sheet": {
            "page_width": _PAGE_WIDTH,
            "page_height": _PAGE_HEIGHT,
            "width": sheet.width,
            "height": sheet.height,
            "padding": _PADDING,
            "text_x": sheet.inset + sheet.square + _BETWEEN,
            "text_width": sheet.text_width,
        },
        "pages": list(_pages(placed, sheet.count, skip)),
    }


def _pages(placed: Sequence[dict[str, Any]], count: int, skip: int) -> Iterator[Sequence[dict[str, Any]]]:
    yield placed[: count - skip]
    for begin in range(count - skip, len(placed), count):
        yield placed[begin : begin + count]


def _placed(label: Label, sheet: Sheet, position: int) -> dict[str, Any]:
    left, top = sheet.corner(position)
    picture, side = _symbol(label.asset_id, sheet)
    inset = (sheet.square - side) / 2
    return {
        "x": left,
        "y": top,
        "qr": picture,
        "qr_side": side,
        "qr_x": sheet.inset + inset,
        "qr_y": (sheet.height - side) / 2,
        "id": _clean(label.asset_id),
        "office": _clean(label.office),
        "asset_tag": _clean(label.asset_tag),
        "model": _clean(label.model),
    }


def _symbol(asset_id: str, sheet: Sheet) -> tuple[str, float]:
    """The QR code as SVG, and its side without the quiet zone."""
    try:
        import segno  # noqa: PLC0415  only labels need it
    except ImportError:
        raise UsageWrong("segno is not installed", remedy="pip install segno") from None
    symbol = segno.make(asset_id, error="m", micro=False)
    modules = symbol.symbol_size(border=0)[0]
    side = min(sheet.square - 2 * _LEAST_QUIET, sheet.square * modules / (modules + 2 * _QUIET_MODULES))
    if side / modules < _FINEST_MODULE:
        raise UsageWrong(
            f"the code of {asset_id} would be too fine to read on a label of {sheet.width:g} x {sheet.height:g} mm",
            remedy="use larger labels (assets.label_size), or shorter ids",
        )
    drawn = BytesIO()
    symbol.save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode("ascii"), side


def _clean(text: str) -> str:
    """On one line, steering nothing, and text that JSON can carry."""
    return plain(text).encode("utf-8", "replace").decode("utf-8").strip()
