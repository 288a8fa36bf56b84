"""A paper as a file of Word that people go on writing in: real styles, real tables, the office's own letterhead.

Nothing in it is a picture: charts are tables of shaded cells. The same paper gives the same bytes: the moments inside
are the paper's, those of the zip file are fixed.
"""

from copy import deepcopy
from datetime import UTC
from io import BytesIO
from pathlib import Path
from re import split
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from itops.reports.paper.docx_blocks import Compositor, stretches
from itops.reports.paper.docx_letterhead import Base, opened
from itops.reports.paper.docx_rtl import NAMESPACE, RELATIONS, Typist
from itops.reports.paper.docx_styles import FIRST_MOMENT
from itops.reports.paper.docx_tables import gap
from itops.reports.paper.model import Bullets, Heading, Paper
from itops.reports.paper.office_text import clean

_W = f"{{{NAMESPACE}}}"
_FONTS = {True: ("Tahoma", "Tahoma"), False: ("Tahoma", "Calibri")}  # Persian and Latin: Windows has them all
_A4 = (11906, 16838)  # twentieths of a point, as all lengths here
_NARROWEST = 2_000
_LONGEST_PROPERTY = 255
_LONGEST_LENGTH = 6  # digits
_ONCE = {f"{_W}headerReference", f"{_W}footerReference", f"{_W}titlePg"}
# What may stand before `w:type` in a section's properties, by the schema.
_BEFORE_TYPE = {f"{_W}footnotePr", f"{_W}endnotePr"}
_NAMESPACES = f' xmlns:w="{NAMESPACE}" xmlns:r="{RELATIONS}"'
_STAND_IN = f'<w:p{_NAMESPACES}><w:pPr><w:pStyle w:val="report-content-{{}}"/></w:pPr></w:p>'


def write_docx(paper: Paper, *, letterhead: Path | None = None, font: str | None = None) -> bytes:
    """The paper as a .docx file. `letterhead`: the office's own .docx, which keeps all that it has.

    `font`: the name of the one that draws the text; codes and Latin words of a Persian paper stay in a Latin one,
    because many Persian fonts draw the digits of an address as Persian ones. Raises UsageWrong for a letterhead that
    cannot be used.
    """
    font = clean(font or "") or None
    numbered = [place for place, one in enumerate(paper.blocks) if isinstance(one, Bullets) and one.is_numbered]
    lists = [] if paper.is_right_to_left else numbered
    persian, latin = _FONTS[paper.is_right_to_left]
    fonts = (font or persian, latin) if paper.is_right_to_left else (persian, font or latin)
    base = opened(letterhead, is_right_to_left=paper.is_right_to_left, fonts=fonts, list_count=len(lists))
    typist = Typist(
        is_right_to_left=paper.is_right_to_left,
        styles=base.styles,
        is_guest=letterhead is not None,
        font=font if letterhead is not None else None,
    )
    headings = [place for place, one in enumerate(paper.blocks) if isinstance(one, Heading)]
    compositor = Compositor(
        typist=typist,
        dots=base.dots,
        numbers={place: base.dots + 1 + number for number, place in enumerate(lists)},
        bookmarks={place: base.next_bookmark + number for number, place in enumerate(headings)},
    )
    if not base.has_footer and (paper.page_of or paper.footer):
        _add_footer(base, paper, typist)
    contents = _fill(base, paper, compositor)
    _tell_who(base, paper)
    return _packed(base, contents)


def _fill(base: Base, paper: Paper, compositor: Compositor) -> list[str]:
    """Put stand-ins for the content in its place, and the sections that annexes need around them; the content.

    The content goes into the saved file as text: moved into the tree, 3,000 rows took a minute.
    """
    runs = stretches(paper.blocks)
    template = deepcopy(base.section)
    is_last_of_file = base.place.tag == f"{_W}sectPr"
    contents = []
    for number, run in enumerate(runs):
        section = _section(template, is_first=number == 0, is_broad=run.is_broad)
        content = compositor.cover(paper) if number == 0 else ""
        content += compositor.stretch(paper, run, _text_width(section))
        base.place.addprevious(_parsed(_STAND_IN.format(number)))
        if number < len(runs) - 1 or (run.is_broad and not is_last_of_file):
            breaking = _parsed(
                f'<w:p{_NAMESPACES}><w:pPr><w:pStyle w:val="{compositor.typist.style("ReportBreak")}"/></w:pPr></w:p>'
            )
            breaking[0].append(section)
            base.place.addprevious(breaking)
            content = content.removesuffix(gap(compositor.typist))  # or it may be all that a last page holds
        contents.append(content)
    if len(runs) > 1:
        ending = _section(template, is_first=False, is_broad=runs[-1].is_broad and is_last_of_file)
        base.section.getparent().replace(base.section, ending)
    return contents


def _section(template: Any, *, is_first: bool, is_broad: bool) -> Any:
    """The properties of one of our sections. All but the first take header and footer from the one before."""
    section = deepcopy(template)
    if not is_first:
        for once in [one for one in section if one.tag in _ONCE]:
            section.remove(once)
        for numbering in section.findall(f"{_W}pgNumType"):
            numbering.attrib.pop(f"{_W}start", None)
        for kind in section.findall(f"{_W}type"):
            section.remove(kind)
        following = _parsed(f'<w:type{_NAMESPACES} w:val="nextPage"/>')
        section.insert(sum(one.tag in _BEFORE_TYPE for one in section), following)
    size = section.find(f"{_W}pgSz")
    if is_broad and size is not None:
        width, height = _length(size, "w", _A4[0]), _length(size, "h", _A4[1])
        size.set(f"{_W}w", str(max(width, height)))
        size.set(f"{_W}h", str(min(width, height)))
        size.set(f"{_W}orient", "landscape")
    return section


def _text_width(section: Any) -> int:
    """What is left between the margins."""
    size, margins = section.find(f"{_W}pgSz"), section.find(f"{_W}pgMar")
    width = _A4[0] if size is None else _length(size, "w", _A4[0])
    taken = 0 if margins is None else _length(margins, "left", 0) + _length(margins, "right", 0)
    return max(width - taken, _NARROWEST)


def _length(element: Any, name: str, default: int) -> int:
    value = element.get(f"{_W}{name}") or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < _LONGEST_LENGTH else default


def _add_footer(base: Base, paper: Paper, typist: Typist) -> None:
    """Page numbers, and which tool made this from which facts."""
    main: Any = base.document.part  # its types say nothing of this method
    part, relation = main.add_footer_part()
    footer = part.element
    for old in list(footer):
        footer.remove(old)
    fields = {"{page}": typist.number_field("PAGE"), "{pages}": typist.number_field("NUMPAGES")}
    number = "".join(
        fields.get(one) or typist.words(one) for one in split(r"(\{page\}|\{pages\})", paper.page_of) if one
    )
    centered = '<w:jc w:val="center"/>'
    content = typist.paragraph(number, "Footer", after=centered)
    content += typist.paragraph(typist.runs(paper.footer), "Footer", after=centered)
    for element in list(_parsed(f"<w:ftr{_NAMESPACES}>{content}</w:ftr>")):
        footer.append(element)
    reference = _parsed(f'<w:footerReference{_NAMESPACES} w:type="default" r:id="{relation}"/>')
    base.section.insert(sum(one.tag == f"{_W}headerReference" for one in base.section), reference)


def _tell_who(base: Base, paper: Paper) -> None:
    """The properties of the file: all of the paper, nothing of the machine."""
    told = base.document.core_properties
    moment = paper.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    told.title = clean(paper.title)[:_LONGEST_PROPERTY]
    told.subject = clean(paper.subtitle)[:_LONGEST_PROPERTY]
    told.author = told.last_modified_by = clean(paper.author)[:_LONGEST_PROPERTY]
    told.language = "fa-IR" if paper.is_right_to_left else "en-US"
    told.created = told.modified = moment
    told.revision = 1


def _packed(base: Base, contents: list[str]) -> bytes:
    """The saved file with the content in its place and with fixed moments in its zip."""
    saved, stable = BytesIO(), BytesIO()
    base.document.save(saved)
    with ZipFile(saved) as old, ZipFile(stable, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            entry = ZipInfo(part.filename, FIRST_MOMENT)
            entry.compress_type, entry.external_attr, entry.create_system = ZIP_DEFLATED, 0o600 << 16, 3
            content = old.read(part)
            if part.filename == base.document.part.partname.membername:
                content = _filled(content, contents)
            new.writestr(entry, content)
    return stable.getvalue()


def _filled(document: bytes, contents: list[str]) -> bytes:
    pieces = []
    for number, content in enumerate(contents):
        before, _, document = document.partition(_STAND_IN.format(number).replace(_NAMESPACES, "").encode())
        pieces += [before, content.encode()]
    return b"".join((*pieces, document))


def _parsed(xml: str) -> Any:
    from docx.oxml.parser import parse_xml  # noqa: PLC0415  needed only for a Word file

    return parse_xml(xml)
