"""Which font stands for what, and whether it has every letter."""

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from itops.reports.fonts import AMIRI, Face, folder_of
from itops.reports.monthly.composing import compose
from itops.reports.paper.model import Paragraph, text
from itops.reports.paper.pdf import write_pdf
from itops.reports.paper.pdf_lettering import AMIRI_SCALE, NASKH, SANS, lettering
from itops.reports.words import load_words
from tests.reports.monthly.reports import sample_report
from tests.reports.paper.papers import sample_paper

LANGUAGES = pytest.mark.parametrize("language", ["fa", "en"])


def nowhere(_: Face) -> Path | None:
    return None


def without_amiri(face: Face) -> Path | None:
    return None if face is AMIRI else folder_of(face)


def chosen_for(letter: str, fonts) -> str:
    """The first font that is meant for a letter; typst takes it if it has the letter."""
    for font in fonts:
        covers = None if font.covers is None else re.sub(r"\\u\{([0-9a-f]+)\}", r"\\u\1", font.covers)
        if covers is None or re.fullmatch(covers, letter):
            return font.name
    raise AssertionError(letter)


@pytest.mark.parametrize(
    ("language", "letter", "font"),
    [
        pytest.param("fa", "پ", "Amiri", id="Persian in a Persian paper"),
        pytest.param("fa", "S", "Amiri", id="names in a Persian paper"),
        pytest.param("fa", "۴", "Amiri", id="digits of the language"),
        pytest.param("fa", ".", "Noto Sans Arabic", id="a full stop that is no zero"),
        pytest.param("en", "S", "Noto Sans Arabic", id="English"),
        pytest.param("en", "—", "Noto Sans Arabic", id="signs in English"),
        pytest.param("en", "پ", "Amiri", id="a Persian name in an English paper"),
        pytest.param("en", "\u200c", "Amiri", id="what joins Persian words"),
    ],
)
def test_each_letter_has_its_font(language, letter, font):
    assert chosen_for(letter, lettering(language).fonts) == font


@LANGUAGES
def test_the_font_of_the_office_stands_before_all_others(language):
    plan = lettering(language, "B Nazanin")
    assert plan.fonts[0] == ("B Nazanin", None)
    assert plan.scale == 1.0


@pytest.mark.parametrize("name", ["Amiri", "amiri"])
def test_amiri_is_set_as_large_when_it_is_asked_for(name):
    assert lettering("en", name) == lettering("fa") == NASKH
    assert NASKH.scale == AMIRI_SCALE


@pytest.mark.parametrize("folder", [nowhere, without_amiri])
def test_without_amiri_persian_papers_look_as_they_did_before(folder):
    assert lettering("fa", folder=folder) == SANS


@LANGUAGES
def test_without_amiri_nothing_is_set_larger(language):
    plan = lettering(language, folder=without_amiri)
    assert (plan.scale, plan.arabic_scale) == (1.0, 1.0)


@LANGUAGES
@pytest.mark.parametrize("plan", [SANS, NASKH], ids=["sans", "naskh"])
def test_every_letter_of_the_catalogues_has_a_measured_width(plan, language):
    folder = files("itops.reports").joinpath("text")
    known = set(plan.widths)
    written = "".join(
        file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(f"{language}.toml")
    )
    assert {letter for letter in written if letter.isalnum() and letter not in known} <= set("×")


@LANGUAGES
def test_a_longer_text_is_estimated_wider(language):
    plan = lettering(language)
    assert plan.extent("") == 0
    assert plan.extent("سرور") < plan.extent("سرورها") < plan.extent("سرورها srv-01")


@pytest.fixture(scope="module")
def reports() -> dict[str, bytes]:
    report = sample_report()
    return {
        language: write_pdf(compose(report, load_words(language, calendar="jalali", marks=False)))
        for language in ("fa", "en")
    }


@LANGUAGES
def test_the_fonts_have_every_character_of_a_whole_report(language, reports):
    pdf = reports[language]
    assert b"Amiri" in pdf
    assert b"DejaVuSansMono" not in pdf  # the font of last resort was not needed


def test_a_persian_paper_needs_no_other_font_for_its_letters():
    words = " ".join("آأؤإئءابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیۀةيك۰۱۲۳۴۵۶۷۸۹٪٫٬«»؟،؛")
    paper = replace(sample_paper("fa"), blocks=(Paragraph(line=text(words)),), cover=())
    assert b"DejaVuSansMono" not in write_pdf(paper)
