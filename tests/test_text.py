"""Outside text on its way to a screen, and names as vSphere escapes them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.text import comparable, decoded_name, plain

STEERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029")
hostile = st.text(st.characters() | st.sampled_from([*STEERING, "\x1b", "\x9b", "\n", "\x00", "\x7f", "%"]))


@given(hostile)
def test_plain_text_holds_nothing_that_steers_and_is_never_longer(text):
    shown = plain(text)
    assert not {c for c in shown if unicodedata.category(c) == "Cc"}
    assert not set(shown) & STEERING
    assert len(shown) <= len(text)


@pytest.mark.parametrize("steering", [*sorted(STEERING), *map(chr, range(32)), *map(chr, range(127, 160))], ids=ascii)
def test_no_single_steering_character_gets_through(steering):
    assert plain(f"a{steering}b") in ("ab", "a b")


@given(hostile)
def test_plain_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Zl", "Zp"])))
def test_harmless_text_is_not_touched(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "[31mred[0m", id="colour"),
        pytest.param("\x1b]0;title\x07", "]0;title", id="window title"),
        pytest.param("one\r\n\ttwo", "one two", id="lines become one blank"),
        pytest.param("a\u2028b\x85c", "a b c", id="rare line ends"),
        pytest.param("invoice\u202exslx.exe", "invoicexslx.exe", id="reversed"),
        pytest.param("سرور می\u200cشود", "سرور می\u200cشود", id="a Persian word keeps its joiner"),
        pytest.param("[/] =cmd|x %2f", "[/] =cmd|x %2f", id="markup and formulas are another layer's"),
    ],
)
def test_plain_text_is_one_harmless_line(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("name", "decoded"),
    [
        ("a%2fb", "a/b"),
        ("a%2Fb", "a/b"),
        ("a%5cb", "a\\b"),
        ("a%5Cb", "a\\b"),
        ("100%25", "100%"),
        ("%252f", "%2f"),  # one pass: what the name really holds is %2f
        ("%25252f", "%252f"),
        ("%41%20%00%zz%", "%41%20%00%zz%"),
        ("", ""),
    ],
)
def test_only_the_three_escapes_are_undone_and_once(name, decoded):
    assert decoded_name(name) == decoded


@given(st.text(st.characters() | st.sampled_from("%/\\25fFcC")))
def test_a_name_that_vsphere_escaped_is_read_back(name):
    escaped = name.replace("%", "%25").replace("/", "%2f").replace("\\", "%5c")
    assert decoded_name(escaped) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كامپيوتر", "کامپیوتر"),  # an Arabic keyboard
        ("چاپ\u200cگر", "چاپگر"),
        ("شمـــاره", "شماره"),
        ("۱۴۰۳", "1403"),
        ("١٤٠٣", "1403"),
        ("ﻛﺎﻣﭙﯿﻮﺗﺮ", "کامپیوتر"),  # presentation forms, out of a PDF
        ("  HP\u00a0 LaserJet ", "hp laserjet"),
        ("۱٬۲۰۰٫۵", "1200.5"),
        ("ﬁre", "FIRE"),
        ("\u202bسرور\u202c", "سرور"),
    ],
)
def test_two_spellings_of_one_word_compare_equal(one, other):
    assert comparable(one) == comparable(other)


def test_different_words_stay_different():
    assert comparable("سوییچ ۱") != comparable("سوییچ ۲")


@given(st.text())
def test_comparing_twice_is_comparing_once(text):
    assert comparable(comparable(text)) == comparable(text)
