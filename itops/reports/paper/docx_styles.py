"""The styles, the list and the empty file that a report in Word begins with.

All sizes are half points, all distances twentieths of a point. Persian takes the complex-script font, size and weight,
which must each be said beside the ordinary one; a style with letter spacing would tear its joined letters apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from itops.reports.paper.docx_rtl import NAMESPACE, RELATIONS

FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same paper gives the same bytes
INK, PALE, LINE = "1F3A5F", "DCE6F1", "A6B4C4"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = ("styles", "settings", "numbering")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """One paragraph style. `size` in half points; `paragraph` and `run` as the schema orders them."""

    id: str
    name: str
    based_on: str = "Normal"
    next: str = ""
    size: int = 0
    is_bold: bool = False
    color: str = ""
    before_bidi: str = ""
    after_bidi: str = ""


def _spacing(before: int, after: int, line: int = 0) -> str:
    lines = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{lines}/>'


_NEXT = "<w:keepNext/>"
_KEEP = f"{_NEXT}<w:keepLines/>"
_PLAIN = '<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="left"/>'  # whatever a letterhead does
_HANGING = '<w:ind w:left="425" w:hanging="425"/>'
CELL_SIZES = {"": 17, "Small": 15, "Fine": 13, "Finest": 11}
"""Sizes of the letters of tables by the ends of the names of their styles, half points, the largest first."""


def _cell_styles() -> Iterator[_Style]:
    for ending, size in CELL_SIZES.items():
        based = f"ReportCell{ending}"
        yield _Style(id=based, name=f"Report Cell {ending}".strip(), size=size,
                     after_bidi=_spacing(20, 20, 240) + _PLAIN)  # fmt: skip
        yield _Style(id=f"ReportCellHead{ending}", name=f"Report Cell Head {ending}".strip(), based_on=based,
                     is_bold=True, color=INK, before_bidi=_NEXT, after_bidi=_spacing(40, 40, 240))  # fmt: skip
        yield _Style(id=f"ReportCellStrong{ending}", name=f"Report Cell Strong {ending}".strip(), based_on=based,
                     is_bold=True)  # fmt: skip


_STYLES = (
    *_cell_styles(),
    _Style(id="Title", name="Title", next="Subtitle", size=44, is_bold=True, color=INK, after_bidi=_spacing(0, 60)),
    _Style(id="Subtitle", name="Subtitle", next="Normal", size=26, color="44546A", after_bidi=_spacing(0, 120)),
    _Style(id="Heading1", name="heading 1", next="Normal", size=32, is_bold=True, color=INK,
           before_bidi=_KEEP, after_bidi=_spacing(360, 120) + '<w:outlineLvl w:val="0"/>'),
    _Style(id="Heading2", name="heading 2", next="Normal", size=26, is_bold=True, color=INK,
           before_bidi=_KEEP, after_bidi=_spacing(280, 100) + '<w:outlineLvl w:val="1"/>'),
    _Style(id="Heading3", name="heading 3", next="Normal", size=22, is_bold=True, color="44546A",
           before_bidi=_KEEP, after_bidi=_spacing(220, 80) + '<w:outlineLvl w:val="2"/>'),
    _Style(id="Caption", name="caption", next="Normal", size=20, is_bold=True, color="44546A",
           before_bidi=_KEEP, after_bidi=_spacing(200, 80)),
    _Style(id="ListBullet", name="List Bullet", after_bidi=_spacing(0, 60) + _HANGING),
    _Style(id="ListNumber", name="List Number", after_bidi=_spacing(0, 60) + _HANGING),
    _Style(id="TOC1", name="toc 1", next="Normal", after_bidi=_spacing(0, 40)),
    _Style(id="Footer", name="footer", size=16, color="595959", after_bidi=_spacing(0, 0)),
    _Style(id="ReportLead", name="Report Lead", next="Normal", size=26, is_bold=True,
           before_bidi="<w:keepLines/>", after_bidi=_spacing(120, 160)),
    _Style(id="ReportStatement", name="Report Statement", before_bidi="<w:keepLines/>", after_bidi=_spacing(0, 80)),
    _Style(id="ReportNote", name="Report Note", size=17, color="595959", after_bidi=_spacing(60, 120)),
    _Style(id="ReportAddress", name="Report Address", is_bold=True,
           after_bidi=_spacing(280, 240) + "<w:contextualSpacing/>"),
    _Style(id="ReportGreeting", name="Report Greeting", next="ReportLetter", is_bold=True, after_bidi=_spacing(0, 60)),
    _Style(id="ReportLetter", name="Report Letter", after_bidi=_spacing(100, 80)),
    _Style(id="ReportClosing", name="Report Closing", based_on="ReportLetter", before_bidi=_KEEP),
    _Style(id="ReportAside", name="Report Aside", after_bidi=_spacing(0, 20)),
    _Style(id="ReportSignature", name="Report Signature", next="ReportPost", is_bold=True,
           before_bidi=_KEEP, after_bidi=_spacing(900, 40)),
    _Style(id="ReportPost", name="Report Post", next="Normal", is_bold=True, after_bidi=_spacing(0, 480)),
    _Style(id="ReportSign", name="Report Sign", based_on="ReportCell", size=14,
           after_bidi=_spacing(10, 10, 240) + '<w:jc w:val="center"/>'),
    _Style(id="ReportBreak", name="Report Break", size=2, after_bidi=_spacing(0, 0, 20)),
)  # fmt: skip


def styles_xml(*, is_right_to_left: bool, font: str, latin_font: str) -> str:
    """The whole styles part. `font` draws Persian; codes and Latin words are in `latin_font`."""
    fonts = f"w:ascii={quoteattr(latin_font)} w:hAnsi={quoteattr(latin_font)} w:cs={quoteattr(font)}"
    language = '<w:lang w:val="en-US" w:eastAsia="en-US" w:bidi="fa-IR"/>'
    size = 21
    styles = "".join(_paragraph_style(style, is_right_to_left=is_right_to_left) for style in _STYLES)
    bidi = "<w:bidi/>" if is_right_to_left else ""
    return (
        f'<w:styles xmlns:w="{NAMESPACE}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {fonts}/>'
        f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{language}</w:rPr></w:rPrDefault>'
        f"<w:pPrDefault><w:pPr>{_spacing(0, 120, 264)}</w:pPr></w:pPrDefault></w:docDefaults>"
        f'<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{bidi}</w:pPr></w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="85" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        f"{styles}{_CODE}{_HYPERLINK}{_TABLE}</w:styles>"
    )


_CODE = (
    '<w:style w:type="character" w:customStyle="1" w:styleId="ReportCode"><w:name w:val="Report Code"/>'
    "<w:qFormat/><w:rPr><w:noProof/></w:rPr></w:style>"
)
_HYPERLINK = (
    '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
    f'<w:rPr><w:color w:val="{INK}"/></w:rPr></w:style>'
)
_EDGES = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_TABLE = (
    '<w:style w:type="table" w:customStyle="1" w:styleId="ReportTable"><w:name w:val="Report Table"/>'
    f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders>'
    '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    f'<w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/></w:tcPr>'
    "</w:tblStylePr></w:style>"
)


def _paragraph_style(style: _Style, *, is_right_to_left: bool) -> str:
    custom = ' w:customStyle="1"' if style.id.startswith("Report") else ""
    following = f'<w:next w:val="{style.next}"/>' if style.next else ""
    run = "<w:b/><w:bCs/>" if style.is_bold else ""
    run += f'<w:color w:val="{style.color}"/>' if style.color else ""
    run += f'<w:sz w:val="{style.size}"/><w:szCs w:val="{style.size}"/>' if style.size else ""
    bidi = "<w:bidi/>" if is_right_to_left else ""
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="{style.based_on}"/>{following}<w:qFormat/>'
        f"<w:pPr>{style.before_bidi}{bidi}{style.after_bidi}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def numbering_xml(abstract_id: int, number_id: int, *, list_count: int) -> str:
    """Dots and numbers as lists: `number_id` has dots, each of the `list_count` next ones begins at 1."""
    definitions = "".join(
        f'<w:abstractNum w:abstractNumId="{abstract_id + place}"><w:multiLevelType w:val="singleLevel"/>'
        f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{sign}"/>'
        '<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="425" w:hanging="425"/></w:pPr></w:lvl></w:abstractNum>'
        for place, (kind, sign) in enumerate((("bullet", "•"), ("decimal", "%1.")))
    )
    dots = f'<w:num w:numId="{number_id}"><w:abstractNumId w:val="{abstract_id}"/></w:num>'
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbers = "".join(
        f'<w:num w:numId="{number_id + 1 + place}"><w:abstractNumId w:val="{abstract_id + 1}"/>{anew}</w:num>'
        for place in range(list_count)
    )
    return f'<w:numbering xmlns:w="{NAMESPACE}">{definitions}{dots}{numbers}</w:numbering>'


def blank_file(styles: str, *, is_right_to_left: bool) -> BytesIO:
    """An empty upright A4 page with the styles part `styles`: what stands for a letterhead where there is none."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    types = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{_TYPES}.{name}+xml"/>' for name in _PARTS)
    kinds = RELATIONS
    relations = "".join(
        f'<Relationship Id="rId{place}" Type="{kinds}/{name}" Target="{name}.xml"/>'
        for place, name in enumerate(_PARTS, 1)
    )
    bidi = "<w:bidi/>" if is_right_to_left else ""
    sides = 'w:top="1134" w:right="1134" w:bottom="1361" w:left="1134"'
    margins = f'<w:pgMar {sides} w:header="567" w:footer="510" w:gutter="0"/>'
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/word/document.xml" '
        f'ContentType="{_TYPES}.document.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{kinds}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{NAMESPACE}" xmlns:r="{RELATIONS}"><w:body><w:sectPr>'
        f'<w:pgSz w:w="11906" w:h="16838"/>{margins}{bidi}</w:sectPr></w:body></w:document>',
        "word/styles.xml": styles,
        "word/numbering.xml": f'<w:numbering xmlns:w="{NAMESPACE}"/>',
        "word/settings.xml": f'<w:settings xmlns:w="{NAMESPACE}"><w:defaultTabStop w:val="425"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="en-US" w:bidi="fa-IR"/></w:settings>',
    }  # fmt: skip
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(ZipInfo(name, FIRST_MOMENT), head + content)
    made.seek(0)
    return made
