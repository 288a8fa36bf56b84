"""Text as WordprocessingML, read from the right or from the left.

What a word processor demands of Persian: `w:bidi` on every paragraph, `w:rtl` on every Persian run and never on a
code, fonts, sizes and weights said a second time for complex scripts. XML is made as text and parsed once: the
object interface of python-docx needs ten times as long for a table of 3,000 rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from itops.reports.paper.model import Line, Span
from itops.reports.paper.office_text import Piece, is_left_to_right, pieces

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'


def attribute(value: str) -> str:
    """A value as XML writes it in an attribute, with its quotes."""
    return quoteattr(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typist:
    """Writes runs and paragraphs of one paper. `styles`: the id in this file of each of our styles, by our id."""

    is_right_to_left: bool
    styles: Mapping[str, str]
    is_guest: bool = False  # on somebody's letterhead, whose styles may tear letters apart
    font: str | None = None  # there said with every run, over those styles

    def style(self, name: str) -> str:
        """The id that the style `name` has in this file."""
        return self.styles.get(name, name)

    def run(self, piece: Piece, *, shade: str = "") -> str:
        """One run; `shade`: the fill behind it, six hexadecimal digits."""
        inside = ""
        if piece.kind == "code":
            inside += f'<w:rStyle w:val="{self.style("ReportCode")}"/>'
        if self.font is not None and piece.kind == "rtl":
            inside += f"<w:rFonts w:cs={quoteattr(self.font)}/>"
        elif self.font is not None and not self.is_right_to_left:
            inside += f"<w:rFonts w:ascii={quoteattr(self.font)} w:hAnsi={quoteattr(self.font)}/>"
        if self.is_guest and piece.kind == "rtl":
            inside += '<w:spacing w:val="0"/>'
        if shade:
            inside += f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>'
        if piece.kind == "rtl":
            inside += "<w:rtl/>"
        properties = f"<w:rPr>{inside}</w:rPr>" if inside else ""
        return f'<w:r>{properties}<w:t xml:space="preserve">{escape(piece.text)}</w:t></w:r>'

    def runs(self, line: Line, *, is_right_to_left: bool | None = None) -> str:
        """The runs of a line, codes between marks."""
        direction = self.is_right_to_left if is_right_to_left is None else is_right_to_left
        return "".join(map(self.run, pieces(line, is_right_to_left=direction)))

    def words(self, words: str) -> str:
        """The runs of a text without codes."""
        return self.runs((Span(words),))

    def paragraph(self, content: str, style: str, *, properties: str = "", after: str = "") -> str:
        """A paragraph of runs. `properties` come before the direction in the schema's order, `after` behind it."""
        bidi = "<w:bidi/>" if self.is_right_to_left else '<w:bidi w:val="0"/>'
        return f'<w:p><w:pPr><w:pStyle w:val="{self.style(style)}"/>{properties}{bidi}{after}</w:pPr>{content}</w:p>'

    def line(self, line: Line, style: str, *, sign: str = "", align: str = "", properties: str = "") -> str:
        """A line as a paragraph; one that is codes only is read from the left and still begins where the page does.

        `align`: "center" or "end"; else where reading begins. `sign`: before everything.
        """
        is_turned = self.is_right_to_left and not (is_left_to_right(line) and not sign)
        # In a paragraph read from the right, "right" is the side where its lines end.
        sides = {"center": "center", "end": "right"} if is_turned or not self.is_right_to_left else {
            "center": "center", "end": "left", "": "right"}  # fmt: skip
        side = sides.get(align, "")
        direction = "<w:bidi/>" if is_turned else '<w:bidi w:val="0"/>'
        justified = f'<w:jc w:val="{side}"/>' if side else ""
        front = self.run(Piece(f"{sign} ", "ltr")) if sign else ""
        content = front + self.runs(line, is_right_to_left=is_turned)
        head = f'<w:pStyle w:val="{self.style(style)}"/>{properties}{direction}{justified}'
        return f"<w:p><w:pPr>{head}</w:pPr>{content}</w:p>"

    def tabbed(self, words: str) -> str:
        """A run of words and a step to the indent behind them."""
        rtl = "<w:rPr><w:rtl/></w:rPr>" if self.is_right_to_left else ""
        return f"<w:r>{rtl}<w:t>{escape(words)}</w:t><w:tab/></w:r>"

    def field_start(self, instruction: str) -> str:
        """The beginning of a field that the word processor renews; what is shown until then stands behind it."""
        asked = f'<w:r><w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        return f"{_FIELD.format('begin')}{asked}{_FIELD.format('separate')}"

    def field_end(self) -> str:
        """The end of a field."""
        return _FIELD.format("end")

    def number_field(self, instruction: str) -> str:
        """PAGE or NUMPAGES; the word processor counts and chooses the digits."""
        rtl = "<w:rPr><w:rtl/></w:rPr>" if self.is_right_to_left else ""
        made = f"{self.field_start(instruction)}<w:r><w:t>1</w:t></w:r>{self.field_end()}"
        return made.replace("<w:r>", f"<w:r>{rtl}")
