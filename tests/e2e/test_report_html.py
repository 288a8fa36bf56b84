"""The page in a real browser: what an eye sees on a screen, on a phone, in the dark and on paper is measured."""

import json
import shutil
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_double
from dataclasses import dataclass, replace
from html import escape, unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2 import raw

from itops.reports.paper.html import write_html
from itops.reports.paper.model import Cell, Column, Paragraph, Row, Span, Table, code
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, sample_paper, table_paper

pytestmark = pytest.mark.e2e

FONT = Path(str(files("fontpkg_noto_sans_arabic"))) / "files" / "NotoSansArabic[wdth,wght].ttf"
LANGUAGES = ("fa", "en")
DESKTOP, PHONE = 1280, 390
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--enable-logging=stderr", "--log-level=0",
)  # fmt: skip
_DARK = "--blink-settings=preferredColorScheme=0"
_STRICT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

# The page itself runs no script; this one stands round it and looks in.
_RULER = """<body style="margin:0"><pre></pre>
<iframe style="border:0;height:2000px;width:WIDTHpx" srcdoc="PAGE"></iframe>
<script>onload = () => {
  const page = document.querySelector("iframe").contentDocument, view = page.defaultView, root = page.documentElement
  const seen = element => {
    const letters = [], walker = page.createTreeWalker(element, NodeFilter.SHOW_TEXT), range = page.createRange()
    while (walker.nextNode()) for (let at = 0; at < walker.currentNode.length; at++) {
      range.setStart(walker.currentNode, at); range.setEnd(walker.currentNode, at + 1)
      const box = range.getBoundingClientRect()
      letters.push({letter: walker.currentNode.data[at], left: box.left, top: Math.round(box.top)})
    }
    const lines = new Set(letters.map(one => one.top))
    letters.sort((one, other) => one.top - other.top || one.left - other.left)
    return {text: element.textContent, seen: letters.map(one => one.letter).join(""), lines: lines.size,
            long: element.className == "long"}
  }
  const inks = element => {
    let ground = element
    while (view.getComputedStyle(ground).backgroundColor == "rgba(0, 0, 0, 0)") ground = ground.parentElement
    return [view.getComputedStyle(element).color, view.getComputedStyle(ground).backgroundColor]
  }
  page.fonts.ready.then(() => document.querySelector("pre").textContent = JSON.stringify({
    overflow: root.scrollWidth - root.clientWidth,
    codes: [...page.querySelectorAll("main CODE")].map(seen),
    paper: view.getComputedStyle(root).backgroundColor,
    inks: [...page.querySelectorAll("p, li, td, th, dt, dd, svg, a, h2 span, .key")].map(inks),
    faces: [...page.fonts].map(face => face.family + " " + face.status),
    hidden: [...page.querySelectorAll(".indicators .state")].filter(one => {
      const box = one.getBoundingClientRect()
      return box.left < 0 || box.right > root.clientWidth
    }).length,
  }))
}</script>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Chromium with a profile of its own, ended after every page."""

    folder: Path

    def run(self, address: str, *flags: str) -> "subprocess.CompletedProcess[str]":
        program = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
        profile = self.folder / "profile"
        command = [program, *_FLAGS, f"--user-data-dir={profile}", *flags, address]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        finally:
            shutil.rmtree(profile, ignore_errors=True)

    def measured(self, page: bytes, *flags: str, width: int, element: str = "bdi") -> dict:
        """What the ruler says of the page in a window of this width. `element`: what holds a code."""
        ruler = _RULER.replace("WIDTH", str(width)).replace("CODE", element).replace("PAGE", escape(page.decode()))
        file = self.folder / "ruler.html"
        file.write_text(f'<!DOCTYPE html><meta charset="utf-8">{ruler}', encoding="utf-8")
        dumped = self.run(file.as_uri(), "--dump-dom", "--virtual-time-budget=5000", *flags).stdout
        return json.loads(unescape(dumped.partition("<pre>")[2].partition("</pre>")[0]))

    def printed(self, page: bytes) -> pypdfium2.PdfDocument:
        """The page as the printer gets it."""
        file, out = self.folder / "page.html", self.folder / "page.pdf"
        file.write_bytes(page)
        self.run(file.as_uri(), "--no-pdf-header-footer", f"--print-to-pdf={out}")
        return pypdfium2.PdfDocument(out.read_bytes())

    def picture(self, address: str) -> bytes:
        out = self.folder / "picture.png"
        self.run(address, "--window-size=1000,3000", f"--screenshot={out}")
        return out.read_bytes()


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(folder=tmp_path)


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter on a printed page. Lengths are points, from the left and from the bottom."""

    letter: str
    x: float
    y: float


def letters_of(page: pypdfium2.PdfPage) -> list[Letter]:
    text = page.get_textpage()
    found = []
    for index in range(text.count_chars()):
        x, y = c_double(), c_double()
        raw.FPDFText_GetCharOrigin(text.raw, index, byref(x), byref(y))
        found.append(Letter(chr(raw.FPDFText_GetUnicode(text.raw, index)), x.value, y.value))
    return [one for one in found if one.letter not in "\r\n"]  # the reader's own line ends


def lines_as_seen(document: pypdfium2.PdfDocument) -> list[str]:
    """Every printed line from its left end to its right: what an eye sees, whatever its direction."""
    seen = []
    for page in document:
        lines = defaultdict(list)
        for one in letters_of(page):
            lines[round(one.y)].append((one.x, one.letter))
        seen += ["".join(letter for _, letter in sorted(line)) for line in lines.values()]
    return seen


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_seen_as_it_is_and_on_one_line(browser, language, width):
    codes = browser.measured(write_html(sample_paper(language)), width=width)["codes"]
    texts = {one["text"] for one in codes}
    assert texts.issuperset(one for row in BIDI_ROWS for one in row)
    assert texts.issuperset(HOSTILE_NAMES)
    assert [one for one in codes if one["seen"] != one["text"] or one["lines"] != 1] == []


def test_without_its_isolates_the_same_page_shows_other_data(browser):
    """So the test above can see the harm."""
    bare = write_html(sample_paper("fa")).decode().replace('<bdi dir="ltr">', '<span class="bare">')
    codes = browser.measured(bare.replace("</bdi>", "</span>").encode(), width=DESKTOP, element=".bare")["codes"]
    turned = {one["text"] for one in codes if one["seen"] != one["text"]}
    assert turned.issuperset({"2024-07-22", "00:50:56:AB:CD:EF", "-12", "+5", "5–10", "C++", ".vmx"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phone_never_scrolls_the_page_sideways_and_shows_every_state(browser, language):
    paper = sample_paper(language)
    digest, path = Span("3f9a1c2b" * 8, is_code=True), Span("C:\\a b\\" * 9, is_code=True)
    endless = (Span("هش "), digest, Span(" " + "آ" * 90), path)
    row = Row(cells=(Cell(line=endless), Cell(line=endless)))
    table = Table(title="ا" * 90, columns=(Column(title="ب"),) * 2, rows=(row,), id="endless")
    page = write_html(replace(paper, blocks=(Paragraph(line=endless), *paper.blocks, table)))
    seen = browser.measured(page, width=PHONE)
    assert seen["overflow"] == 0
    assert seen["hidden"] == 0
    assert any(one["long"] and one["lines"] > 1 for one in seen["codes"])


def luminance(colour: str) -> float:
    """Of `rgb(r, g, b)`, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(", ")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(("flags", "is_dark"), [((), False), ((_DARK,), True)], ids=["light", "dark"])
def test_every_ink_stands_out_on_its_ground_in_the_light_and_in_the_dark(browser, flags, is_dark):
    seen = browser.measured(write_html(sample_paper("fa")), *flags, width=DESKTOP)
    assert (luminance(seen["paper"]) < 0.05) is is_dark
    inks = {(ink, ground) for ink, ground in seen["inks"]}
    assert len(inks) > 10
    assert [pair for pair in inks if contrast(*map(luminance, pair)) < 4.5] == []


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_printed_as_it_is(browser, language):
    seen = "\n".join(lines_as_seen(browser.printed(write_html(sample_paper(language)))))
    for row in BIDI_ROWS:
        for one in row:
            assert one in seen


def wide_table(columns: int, rows: int, *, is_annex: bool) -> Table:
    """Columns of hardware addresses, and a last one whose every value is a code of its own."""
    addresses = [(Cell(line=code(f"00:50:56:AB:CD:{row:02X}")),) * (columns - 1) for row in range(rows)]
    body = tuple(Row(cells=(*cells, Cell(line=code(f"E-{row:03}")))) for row, cells in enumerate(addresses))
    titles = tuple(Column(title=f"H{place}", kind="code") for place in range(columns))
    return Table(title="W", columns=titles, rows=body, id="wide", is_annex=is_annex)


@pytest.mark.parametrize(("columns", "is_annex"), [(6, False), (11, True), (14, False)])
@pytest.mark.parametrize(("language", "font"), [("fa", FONT), ("fa", None), ("en", None)])
def test_the_last_column_of_a_wide_table_is_printed_whole(browser, language, columns, is_annex, font):
    paper = replace(sample_paper(language), blocks=(wide_table(columns, 80, is_annex=is_annex),))
    document = browser.printed(write_html(paper, embed_font=font))
    for page in document:
        width, _ = page.get_size()
        assert all(30 < one.x < width - 30 for one in letters_of(page) if one.letter.strip())
    seen = "\n".join(lines_as_seen(document))
    assert all(f"E-{row:03}" in seen for row in range(80))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_table_lies_across_and_its_heading_stands_on_every_page_of_it(browser, language):
    document = browser.printed(write_html(table_paper(language, 120)))
    wide = [page for page in document if page.get_width() > page.get_height()]
    assert len(wide) >= 5
    assert len(wide) >= len(document) - 2  # the title, and the foot of the paper
    for page in wide:
        letters = "".join(one.letter for one in letters_of(page))
        assert letters.count("percent") == 1


def test_every_printed_page_wears_its_number_in_the_digits_of_the_language(browser):
    document = browser.printed(write_html(sample_paper("fa"), embed_font=FONT))
    for number, page in enumerate(document, start=1):
        foot = sorted((one for one in letters_of(page) if one.y < 45), key=lambda one: one.x)
        seen = "".join(one.letter for one in foot if one.letter != " ")
        assert "itops0.3.0" in seen
        assert "sha256:3f9a1c2b7d40" in seen
        digits = f"{number}{len(document)}".translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert sorted(one for one in seen if one in "۰۱۲۳۴۵۶۷۸۹") == sorted(digits)


@contextmanager
def strict_server(page: bytes) -> Iterator[tuple[str, list[str]]]:
    """A web server that allows the page what a strict one does, and notes who asks for what."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", _STRICT)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_strict_server_sends_one_file_and_the_page_looks_the_same(browser, tmp_path, language):
    page = write_html(sample_paper(language))
    (tmp_path / "page.html").write_bytes(page)
    with strict_server(page) as (address, asked):
        served = browser.picture(address)
        said = browser.run(address, "--dump-dom").stderr
    assert set(asked) == {"/"}
    assert "Content Security Policy" not in said
    assert served == browser.picture((tmp_path / "page.html").as_uri())


def test_the_page_itself_forbids_what_a_server_would(browser, tmp_path):
    """So the test above would see a refusal: a page that runs something is told off aloud."""
    page = write_html(sample_paper("en")).replace(b"</main>", b"<script>document.title = 'run'</script></main>")
    (tmp_path / "page.html").write_bytes(page)
    looked = browser.run((tmp_path / "page.html").as_uri(), "--dump-dom")
    assert "Content Security Policy" in looked.stderr
    assert "<title>run" not in looked.stdout


def test_an_embedded_font_is_allowed_by_the_page_and_used(browser):
    seen = browser.measured(write_html(sample_paper("fa"), embed_font=FONT), width=DESKTOP)
    assert seen["faces"] == ["Report loaded"]
