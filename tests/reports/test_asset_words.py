"""Every code of the register and every reason of the plan has words in both languages."""

import pytest
from hypothesis import given

from itops.assets.budget import reasons
from itops.assets.checking import CODES, check
from itops.reports.assets import said, title_of
from itops.reports.words import Words, load_words, placeholders
from tests.assets.checking.test_findings import look
from tests.assets.entries import registers

LANGUAGES = [load_words("en"), load_words("fa", marks=False)]
_OF_LABELS = {"label.tag"}


@pytest.mark.parametrize("words", LANGUAGES, ids=["en", "fa"])
def test_every_code_has_words_and_no_words_are_left_over(words: Words):
    assert set(words.tables["asset"]) == {*CODES, *reasons(), *_OF_LABELS}


@pytest.mark.parametrize("words", LANGUAGES, ids=["en", "fa"])
@pytest.mark.parametrize("code", [*CODES, *sorted(reasons())])
def test_a_title_stands_for_any_number_of_assets(words: Words, code: str):
    assert placeholders(words.template("asset", code, "title")) == frozenset()
    assert title_of(code, words)


@given(registers())
def test_every_finding_brings_what_its_sentence_wants(assets):
    for one in check(look(*assets)):
        for words in LANGUAGES:
            assert placeholders(words.template("asset", one.code, "message")) <= set(one.facts), one.code


def test_numbers_and_days_are_written_as_the_office_does():
    facts = {"due_on": "2026-11-21", "late_days": 1}
    assert said("warranty.ended", facts, load_words("en", calendar="jalali")) == (
        "Its warranty ended on 1405-08-30, 1 day ago"
    )
    assert said("warranty.ended", facts, load_words("fa", calendar="jalali", marks=False)) == (
        "گارانتی آن در 1405-08-30، ۱ روز پیش، پایان یافت"
    )


def test_a_code_without_words_is_told_as_it_is():
    assert said("no.such-code", {}, LANGUAGES[0]) == "no.such-code"
