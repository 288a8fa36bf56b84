"""A paper as one HTML file: for a screen of any width, for a phone, for the printer of the secretary.

No script, no network, no font to fetch: the page forbids them itself, and still looks the same under a server's
`default-src 'none'; style-src 'unsafe-inline'; img-src data:`. Every text passes `plain` and is escaped, so a name
that looks like markup prints as it is; every code stands in `<bdi dir="ltr">`, so no date or address turns round.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from itops.dates import persian_digits
from itops.reports.paper.html_style import style_sheet
from itops.reports.paper.html_tables import drawn, fit, kind_attribute, legend, rows
from itops.reports.paper.model import Bars, Block, Heading, IndicatorRow, Line, Paper, Table, said, text
from itops.reports.paper.svg import bar, scale_top, share_of, trend
from itops.text import plain

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_FEWEST_HEADINGS = 3  # for which contents and numbers help
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_Placed: TypeAlias = tuple[str, Block, str, bool]  # its kind, itself, its number, whether it stands in the annex


def write_html(paper: Paper, *, embed_font: Path | None = None) -> bytes:
    """The paper as one page, UTF-8; the same bytes for the same paper.

    `embed_font`: a TTF, OTF, WOFF or WOFF2 file that is put into the page whole. Without one the reader's own fonts
    serve: Windows, Android and iOS all have a Persian one. Raises InputInvalid when the file is no font.
    """
    from markupsafe import Markup  # noqa: PLC0415  with jinja2, which only this writer needs

    numbers = _contents(paper)
    page = _environment(paper.is_right_to_left).get_template("paper.html.jinja")
    made = page.render(
        paper=paper,
        words=dict(paper.words),
        policy=_POLICY + ("; font-src data:" if embed_font else ""),
        style=Markup(style_sheet(paper, embed_font)),  # noqa: S704  our own rules, and texts as escapes
        masthead=_masthead(paper),
        blocks=_placed(paper, numbers),
        contents=[(block, numbers[place]) for place, block in _headings(paper) if place in numbers and block.level < 3],
    )
    return made.encode("utf-8", "replace")


@cache
def _environment(is_right_to_left: bool) -> "Environment":  # noqa: FBT001  the one thing that it depends on
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  0.1 s that only this writer needs

    environment = Environment(
        loader=PackageLoader("itops.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_cleaned,
    )
    environment.globals["line"] = drawn
    environment.filters |= {"rows": rows, "kind": kind_attribute, "fit": fit, "legend": legend}
    environment.filters["bars"] = partial(_bars, is_right_to_left=is_right_to_left)
    environment.filters["trend"] = partial(_trend, is_right_to_left=is_right_to_left)
    return environment


def _cleaned(value: object) -> object:
    """Whatever the template prints, before it is escaped; markup of our own stays as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return plain(value)
    return value


def _bars(block: Bars, *, is_right_to_left: bool) -> "Iterator[tuple[Line, str, Markup]]":
    from markupsafe import Markup  # noqa: PLC0415  as above

    top = scale_top(block.values, block.ceiling)
    for label, value, words in zip(block.labels, block.values, block.texts, strict=True):
        yield label, words, Markup(bar(share_of(value, top), is_right_to_left=is_right_to_left))  # noqa: S704  no texts


def _trend(row: IndicatorRow, *, is_right_to_left: bool) -> "Markup":
    from markupsafe import Markup  # noqa: PLC0415  as above

    title = zip(row.trend_labels, row.trend_texts, strict=False)
    target = row.target.value if isinstance(row.target.value, int | float) else None
    drawing = trend(row.trend, title=title, target=target, ceiling=row.ceiling, is_right_to_left=is_right_to_left)
    return Markup(drawing)  # noqa: S704  its texts are escaped there


def _masthead(paper: Paper) -> Sequence[Line]:
    """The lines under the title: the cover without the title itself, or the subtitle where there is no cover."""
    lines = tuple(line for line in paper.cover if said(line) != paper.title)
    return lines or tuple(filter(None, [text(paper.subtitle)]))


def _contents(paper: Paper) -> Mapping[int, str]:
    """The numbers of the headings by their place among the blocks; none in a short paper, which has no contents."""
    headings = _headings(paper)
    if len(headings) < _FEWEST_HEADINGS:
        return {}
    numbers = _numbers((heading.level for _, heading in headings), paper.language)
    return dict(zip((place for place, _ in headings), numbers, strict=True))


def _headings(paper: Paper) -> Sequence[tuple[int, Heading]]:
    return [(place, block) for place, block in enumerate(paper.blocks) if isinstance(block, Heading)]


def _placed(paper: Paper, numbers: Mapping[int, str]) -> Sequence[_Placed]:
    """The blocks in the order of the paper. A heading right above an annex goes to the annex's page with it."""
    placed: list[_Placed] = []
    is_annex = False
    for place, block in reversed([*enumerate(paper.blocks)]):
        is_annex = is_annex if isinstance(block, Heading) else isinstance(block, Table) and block.is_annex
        placed.append((type(block).__name__, block, numbers.get(place, ""), is_annex))
    return placed[::-1]


def _numbers(levels: Iterable[int], language: str) -> Iterator[str]:
    """1, 1.1, 1.1.1 in the digits of the language."""
    counts = [0, 0, 0]
    for level in levels:
        counts[level - 1] += 1
        counts[level:] = [0] * (3 - level)
        number = ".".join(map(str, counts[:level]))
        yield persian_digits(number) if language == "fa" else number
