"""The PDF under poppler's eyes, and what drawing costs."""

import json
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from functools import singledispatch
from pathlib import Path

import pytest

from itops.reports.monthly.composing import compose
from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    Cell,
    FactList,
    Heading,
    HeatMap,
    Indicators,
    Paper,
    Paragraph,
    Signatures,
    Table,
    said,
)
from itops.reports.paper.pdf import write_pdf
from itops.reports.words import load_words
from tests.reports.monthly.reports import sample_report
from tests.reports.paper.papers import BIDI_ROWS, HOSTILE_NAMES, sample_paper

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed"),
]
_ROOT = Path(__file__).parents[2]
_MEASURED = """
import json, resource, sys
from itops.reports.paper.pdf import write_pdf
from tests.reports.paper.papers import table_paper

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

rows, times = map(int, sys.argv[1:])
paper = table_paper("fa", rows)
write_pdf(paper)
begin = resident()
for _ in range(times - 1):
    write_pdf(paper)
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"growth": resident() - begin, "peak": spent.ru_maxrss * 1024}))
"""


def told(program: str, pdf: bytes, folder: Path, *arguments: str) -> str:
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    ended = subprocess.run([program, *arguments, str(path), "-"], capture_output=True, check=True, timeout=60)
    return ended.stdout.decode()


def measured(rows: int, times: int) -> dict[str, int]:
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(rows), str(times)],
        cwd=_ROOT,
        capture_output=True,
        check=True,
        timeout=250,
    )
    return json.loads(ended.stdout)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_codes_can_be_copied_from_the_pages(language, tmp_path):
    words = told("pdftotext", write_pdf(sample_paper(language)), tmp_path)
    plain = "".join(letter for letter in words if letter not in "\u202a\u202b\u202c\u2066\u2069")
    codes = [one for row in BIDI_ROWS for one in row]
    # poppler orders what it reads anew and puts a sign at the end of a code beyond it: the page itself is right
    missing = [one for one in codes if one not in plain and not (language == "fa" and one.endswith("\\"))]
    assert missing == []
    if language == "en":
        assert [one for one in HOSTILE_NAMES if one not in plain] == []


@singledispatch
def texts_of(block: Block) -> Iterator[str]:
    """Every text of a block, in the order of the paper."""
    yield from ()


@texts_of.register
def _(block: Heading) -> Iterator[str]:
    yield block.title


@texts_of.register
def _(block: Paragraph) -> Iterator[str]:
    yield said(block.line)


@texts_of.register
def _(block: Bullets) -> Iterator[str]:
    yield from map(said, block.lines)


@texts_of.register
def _(block: FactList) -> Iterator[str]:
    for name, line in block.facts:
        yield from (name, said(line))


@texts_of.register
def _(block: Table) -> Iterator[str]:
    yield from (block.title, block.note)
    if not block.rows:
        yield block.empty
        return
    yield from (column.title for column in block.columns)
    for row in (*block.rows, *([block.total] if block.total else [])):
        yield from (said(cell.line) for cell in row.cells)


@texts_of.register
def _(block: Indicators) -> Iterator[str]:
    yield from block.headings
    for row in block.rows:
        cells: tuple[Cell, ...] = (row.now, row.target, row.before, row.change)
        yield from (row.name, row.state, *(said(cell.line) for cell in cells))


@texts_of.register
def _(block: Bars) -> Iterator[str]:
    yield from (block.title, block.value_title, *map(said, block.labels), *block.texts)


@texts_of.register
def _(block: HeatMap) -> Iterator[str]:
    yield from (block.title, *(said(row.label) for row in block.rows), *(words for _, words in block.legend))


@texts_of.register
def _(block: Signatures) -> Iterator[str]:
    for one in block.signatures:
        yield from (one.role, one.name, *one.labels)


def all_texts(paper: Paper) -> list[str]:
    found = [paper.title, paper.subtitle, *map(said, paper.cover)]
    found += [one for block in paper.blocks for one in texts_of(block)]
    return [one for one in dict.fromkeys(found) if normal(one)]


def normal(words: str) -> str:
    """Letters and digits in their order. Left out: what is no letter and no digit.

    That is: spaces and ends of lines; the zero-width non-joiner, which poppler finds a letter too early; marks of
    direction, which it adds; the hamza above a heh, which it finds before the heh; and signs between words, which it
    puts on the other side of the number or name beside them. Compatibility forms become letters (NFKC).
    """
    return "".join(letter for letter in unicodedata.normalize("NFKC", words) if letter.isalnum())


def pieces(sentence: str) -> list[str]:
    """A sentence, cut before each word with a hamza above: poppler begins a new line there."""
    return [normal(one) for one in re.split(r" (?=\S*\u0654)", sentence) if normal(one)]


def persian_words(text: str) -> set[str]:
    """Whole words between spaces and signs, without non-joiners, marks of direction and hamza above."""
    plain = re.sub("[\u200c\u0654\u200e\u200f\u202a-\u202e\u2066-\u2069]", "", unicodedata.normalize("NFKC", text))
    return set(re.findall(r"[\u0620-\u064a\u0671-\u06d3]+", plain))


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_sentence_can_be_read_back_from_the_pages(language, tmp_path):
    paper = sample_paper(language)
    pages = normal(told("pdftotext", write_pdf(paper), tmp_path))
    sentences = all_texts(paper)
    assert len(sentences) > 150
    assert [one for one in sentences if not all(piece in pages for piece in pieces(one))] == []


@pytest.mark.parametrize("row", BIDI_ROWS, ids=" ".join)
def test_rows_of_two_directions_come_back_whole(row, tmp_path):
    sentence = f"نام {' و '.join(row)} ثبت شد"
    assert sentence in {said(one.line) for one in sample_paper("fa").blocks if isinstance(one, Paragraph)}
    assert normal(sentence) in normal(told("pdftotext", write_pdf(sample_paper("fa")), tmp_path))


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_persian_word_of_a_report_can_be_searched(language, tmp_path):
    paper = compose(sample_report(), load_words(language, calendar="jalali", marks=False))
    pages = told("pdftotext", write_pdf(paper), tmp_path)
    wanted = {word for one in all_texts(paper) for word in persian_words(one)}
    assert len(wanted) > (300 if language == "fa" else 5)
    assert sorted(wanted - persian_words(pages)) == []
    assert "\ufffd" not in pages


def test_a_font_of_bodies_and_dots_is_why_amiri_is_chosen(tmp_path):
    paper = sample_paper("fa")
    pages = persian_words(told("pdftotext", write_pdf(paper, font="Noto Sans Arabic"), tmp_path))
    wanted = {word for one in all_texts(paper) for word in persian_words(one)}
    assert len(wanted - pages) > len(wanted) / 2


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_font_is_in_the_file(language, tmp_path):
    (tmp_path / "report.pdf").write_bytes(write_pdf(sample_paper(language)))
    listed = subprocess.run(
        ["pdffonts", str(tmp_path / "report.pdf")], capture_output=True, check=True, timeout=60
    ).stdout.decode()
    fonts = [line.split()[-5:] for line in listed.splitlines()[2:]]
    assert fonts
    assert all(font[0] == "yes" and font[2] == "yes" for font in fonts)  # embedded, with a map to Unicode


def test_31_offices_in_a_row_do_not_make_the_process_grow():
    assert measured(rows=60, times=31)["growth"] < 30 << 20


def test_3000_rows_are_drawn_in_less_than_800_mb():
    assert measured(rows=3000, times=1)["peak"] < 800 << 20
