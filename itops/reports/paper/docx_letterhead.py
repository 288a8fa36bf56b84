"""An office's own paper: a file of Word that somebody made, looked at before it is opened, and given our styles.

Its headers, footers, margins and styles stay. The content goes where a paragraph says `{{report}}` and nothing else,
or behind the last one. What a hostile file could do is bounded: parts, unpacked bytes, declared entities.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from itops.errors import ConfigInvalid
from itops.reports.paper.docx_rtl import NAMESPACE
from itops.reports.paper.docx_styles import blank_file, numbering_xml, styles_xml
from itops.reports.paper.office_text import clean

if TYPE_CHECKING:
    from docx.document import Document

MARKER = "{{report}}"
_MIB = 1 << 20
_FILE_BYTES_MAX = 32 * _MIB
_UNPACKED_BYTES_MAX = 64 * _MIB
_XML_BYTES_MAX = 16 * _MIB  # a tree of it takes ten times as much
_PARTS_MAX = 300  # a letterhead has thirty; python-docx follows links from part to part
_CHUNK = 1 << 16
_WORDED = re.compile(r"word/(?:document|header[0-9]*|footer[0-9]*)\.xml")
_TEXT = re.compile(r"<w:t(?: [^<>]*)?>([^<>]*)</w:t>")
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DAMAGE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError, OSError)
_REMEDY = "open it in Word and save it as .docx, or name another: report.letterhead in itops.yaml"
_W = f"{{{NAMESPACE}}}"


# python-docx and lxml answer a broken part with any of these; lxml's syntax error is a SyntaxError.
_BROKEN = (*_DAMAGE, UserWarning, LookupError, TypeError, AttributeError, ArithmeticError, SyntaxError, AssertionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An opened file that content can be put into."""

    document: "Document"
    styles: Mapping[str, str]  # the id in this file of each of our styles
    dots: int  # the list of dots; each next id is a list of numbers that begins at 1
    next_bookmark: int
    place: Any  # the element before which content goes
    section: Any  # the properties of the section that the place is in
    has_footer: bool


def opened(letterhead: Path | None, *, is_right_to_left: bool, fonts: tuple[str, str], list_count: int) -> Base:
    """The office's own file, or an empty page, ready for content. Raises ConfigInvalid for what is no sane .docx.

    `fonts`: the Persian one and the Latin one of an empty page. `list_count`: numbered lists that will be needed.
    """
    styles = styles_xml(is_right_to_left=is_right_to_left, font=fonts[0], latin_font=fonts[1])
    if letterhead is None:
        return _base(blank_file(styles, is_right_to_left=is_right_to_left), styles, list_count)
    content = _looked_at(letterhead)
    from docx.exceptions import PythonDocxError  # noqa: PLC0415  needed only for a Word file
    from docx.opc.exceptions import OpcError  # noqa: PLC0415  as above

    try:
        _try_to_save(_base(BytesIO(content), styles, list_count).document)
        return _base(BytesIO(content), styles, list_count)
    except (*_BROKEN, PythonDocxError, OpcError) as broken:
        raise ConfigInvalid(
            f"the letterhead {letterhead} is no .docx file ({type(broken).__name__}: {str(broken)[:80]})",
            remedy=_REMEDY,
        ) from broken


def words_on(letterhead: Path) -> str:
    """What its body, headers and footers say, without the spaces between paragraphs. Raises ConfigInvalid as `opened`.

    A letterhead that is a picture says nothing.
    """
    with ZipFile(BytesIO(_looked_at(letterhead))) as package:
        parts = [part for part in package.infolist() if _WORDED.fullmatch(part.filename)]
        contents = [b"".join(_chunks(package, part)).decode("utf-8", "replace") for part in parts]
    return "\n".join(unescape("".join(_TEXT.findall(one))) for one in contents)


def _try_to_save(document: "Document") -> None:
    """Some damage is only met when a file is saved; a missing link even makes a second part of one name."""
    tried = BytesIO()
    with catch_warnings():
        simplefilter("error")
        document.save(tried)


def _looked_at(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_FILE_BYTES_MAX + 1)
    except OSError as failure:
        problem = f"the letterhead {path} cannot be read: {failure.strerror or failure}"
        raise ConfigInvalid(problem, remedy="check report.letterhead in itops.yaml, and the rights") from None
    if len(content) > _FILE_BYTES_MAX:
        raise ConfigInvalid(f"the letterhead {path} has more than 32 MiB", remedy="make its pictures smaller")
    try:
        with ZipFile(BytesIO(content)) as package:
            _look(path, package)
    except _DAMAGE as broken:
        problem = f"the letterhead {path} is no .docx file, or it is damaged ({str(broken)[:80]})"
        raise ConfigInvalid(problem, remedy=_REMEDY) from broken
    return content


def _look(path: Path, package: ZipFile) -> None:
    """Unpack every part once as a stream and count, because the sizes in a zip's directory may lie."""
    parts = package.infolist()
    names = [part.filename for part in parts]
    if "word/document.xml" not in names and "[Content_Types].xml" not in names:
        raise ConfigInvalid(f"the letterhead {path} is a zip file, but no .docx is in it", remedy=_REMEDY)
    if len(parts) > _PARTS_MAX or len(set(names)) < len(names):
        raise ConfigInvalid(f"the letterhead {path} has too many parts, or two of one name", remedy=_REMEDY)
    unpacked = xml = 0
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            problem = f"the letterhead {path}: {part.filename} is encrypted or packed in a foreign way"
            raise ConfigInvalid(problem, remedy=_REMEDY)
        is_xml = False
        tail = b""
        for chunk in _chunks(package, part):
            is_xml = is_xml or part.filename.endswith((".xml", ".rels")) or chunk.lstrip()[:1] in (b"<", b"\xef")
            unpacked, xml = unpacked + len(chunk), xml + len(chunk) * is_xml
            if is_xml and _DTD.search(tail + chunk):
                raise ConfigInvalid(f"the letterhead {path}: {part.filename} declares entities", remedy=_REMEDY)
            if unpacked > _UNPACKED_BYTES_MAX or xml > _XML_BYTES_MAX:
                raise ConfigInvalid(f"the letterhead {path} unpacks to far more than a letterhead", remedy=_REMEDY)
            tail = chunk[-16:]


def _chunks(package: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    honest = copy(part)
    honest.file_size = 2 * _UNPACKED_BYTES_MAX  # read to the true end, whatever the directory says
    with package.open(honest) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _base(file: BytesIO, styles: str, list_count: int) -> Base:
    from docx import Document  # noqa: PLC0415  needed only for a Word file

    document = Document(file)
    document.core_properties.revision = 1
    body: Any = document.element.body
    if body.nsmap.get("w") != NAMESPACE:
        raise ValueError("its parts are named in a foreign way")
    place = _place(body)
    known = _adopted_styles(document.styles.element, styles)
    marks = [_number(mark.get(f"{_W}id")) for mark in body.iter(f"{_W}bookmarkStart")]
    return Base(
        document=document,
        styles=known,
        dots=_adopted_lists(document, list_count),
        next_bookmark=max(marks, default=0) + 1,
        place=place,
        section=_section_of(body, place),
        has_footer=next(body.iter(f"{_W}footerReference"), None) is not None,
    )


def _place(body: Any) -> Any:
    """The element that content goes before; the marker's paragraph is taken away unless a section ends in it."""
    if body.find(f"{_W}sectPr") is None:
        body.append(_parsed(f'<w:sectPr xmlns:w="{NAMESPACE}"><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'))
    marked = [one for one in body.iter(f"{_W}p") if _words_of(one) == MARKER]
    if not marked:
        return body.find(f"{_W}sectPr")
    if len(marked) > 1 or marked[0].getparent() is not body:
        raise ConfigInvalid(
            f"the letterhead says {MARKER} more than once, or inside a table or a text box",
            remedy="let one paragraph of its own say it, outside tables and text boxes",
        )
    marker = marked[0]
    if marker.find(f"{_W}pPr/{_W}sectPr") is not None:
        for run in [one for one in marker if one.tag != f"{_W}pPr"]:
            marker.remove(run)
        return marker
    following = marker.getnext()
    body.remove(marker)
    return following


def _words_of(paragraph: Any) -> str:
    return clean("".join(one.text or "" for one in paragraph.iter(f"{_W}t"))).strip()


def _section_of(body: Any, place: Any) -> Any:
    """The properties that stand at the end of the section in which `place` is."""
    at = place
    while at is not None:
        if at.tag == f"{_W}sectPr":
            return at
        found = at.find(f"{_W}pPr/{_W}sectPr")
        if found is not None:
            return found
        at = at.getnext()
    return body.find(f"{_W}sectPr")


def _adopted_styles(root: Any, styles: str) -> Mapping[str, str]:
    """Our styles put beside those of the file; where it has one of the same name, that one is used."""
    taken = {one.get(f"{_W}styleId") for one in root.iter(f"{_W}style")}
    theirs = {(one.get(f"{_W}type"), _name_of(one)): one.get(f"{_W}styleId") for one in root.iter(f"{_W}style")}
    ids: dict[str, str] = {}
    added = []
    for style in _parsed(styles).findall(f"{_W}style"):
        own = style.get(f"{_W}styleId")
        known = theirs.get((style.get(f"{_W}type"), _name_of(style)))
        if known is None:
            known = own if own not in taken else f"{own}OfReport"
            style.set(f"{_W}styleId", known)
            style.attrib.pop(f"{_W}default", None)
            added.append(style)
        ids[own] = known
    for style in added:
        for link in (*style.findall(f"{_W}basedOn"), *style.findall(f"{_W}next")):
            link.set(f"{_W}val", ids.get(link.get(f"{_W}val"), link.get(f"{_W}val")))
        root.append(style)
    return ids


def _name_of(style: Any) -> str:
    name = style.find(f"{_W}name")
    return "" if name is None else str(name.get(f"{_W}val", "")).casefold()


def _adopted_lists(document: "Document", list_count: int) -> int:
    """Our lists put behind those of the file; the id of the first."""
    root = _numbering_of(document)
    definitions = [_number(one.get(f"{_W}abstractNumId")) for one in root.findall(f"{_W}abstractNum")]
    lists = root.findall(f"{_W}num")
    first = max((_number(one.get(f"{_W}numId")) for one in lists), default=0) + 1
    ours = _parsed(numbering_xml(max(definitions, default=0) + 1, first, list_count=list_count))
    # Definitions stand before all lists, or Word calls the file damaged.
    before = root.index(lists[0]) if lists else len(root)
    last = root.index(lists[-1]) + 1 if lists else len(root)
    for place, one in enumerate(ours.findall(f"{_W}num")):
        root.insert(last + place, one)
    for place, one in enumerate(ours.findall(f"{_W}abstractNum")):
        root.insert(before + place, one)
    return first


def _numbering_of(document: "Document") -> Any:
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE  # noqa: PLC0415  needed only for a Word file
    from docx.opc.packuri import PackURI  # noqa: PLC0415  as above
    from docx.parts.numbering import NumberingPart  # noqa: PLC0415  as above

    try:
        part: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
    except KeyError:
        empty = f'<w:numbering xmlns:w="{NAMESPACE}"/>'.encode()
        name = PackURI("/word/report-lists.xml")
        part = NumberingPart.load(name, CONTENT_TYPE.WML_NUMBERING, empty, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
    return part.element


def _parsed(xml: str) -> Any:
    from docx.oxml.parser import parse_xml  # noqa: PLC0415  needed only for a Word file

    return parse_xml(xml)


def _number(value: str | None) -> int:
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else 0
