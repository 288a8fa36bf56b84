"""A message as text."""

from dataclasses import replace
from datetime import timedelta

import pytest

from itops.notify.plain_text import bare, cut, one_line
from itops.notify.wording import as_text, words_of
from tests.notify.messages import LINE, MADE_AT, TITLE, message


@pytest.mark.parametrize(
    ("text", "shown", "unmarked"),
    [
        ("می‌شود 👩‍💻", "می‌شود 👩‍💻", "می‌شود 👩‍💻"),
        ("سرور \u2068db01\u2069", "سرور \u2068db01\u2069", "سرور db01"),
        ("a\r\n\tb", "a b", "a b"),
        ("\u202eexe\u202c", "exe", "exe"),
        ("\x1b[31m", "[31m", "[31m"),
        ("a\udc80", "a?", "a?"),
    ],
)
def test_text_keeps_what_people_read_and_loses_what_steers(text: str, shown: str, unmarked: str) -> None:
    assert one_line(text) == shown
    assert bare(text) == unmarked


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("می‌شود", 4, "می…"),  # the half-space that would dangle is gone
        ("👩‍💻👩‍💻", 6, "👩‍💻…"),
        ("🔥🔥🔥", 4, "🔥…"),  # no half of a letter
    ],
)
def test_a_text_is_cut_where_letters_end(text: str, most: int, short: str) -> None:
    assert cut(text, most) == short


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, None),
        (1, "for 1 hour"),
        (47, "for 47 hours"),
        (48, "for 2 days"),
        (100, "for 4 days"),
    ],
)
def test_age_is_counted_back_from_the_message(hours: int, words: str | None) -> None:
    line = replace(LINE, since=MADE_AT - timedelta(hours=hours, minutes=5))
    sent = message(language="en", lines=(line,))
    text = as_text(sent, words_of(sent))
    assert ("(for " in text) is (words is not None)
    assert (words or "owner: ") in text


def test_a_message_is_its_title_its_summary_its_lines_and_where_more_stands() -> None:
    sent = message(language="en")
    first, second, third, *lines = as_text(sent, words_of(sent)).splitlines()
    assert (first, second, third) == (TITLE, sent.summary, "")
    assert lines[0].startswith("- critical: insurance-db SQL01/Insurance: ")
    assert lines[1].startswith("- warning: 10.20.30.41: ")
    assert lines[-2:] == [
        "More: report of 1405-08",
        "Written by itops of the office alborz. Nobody reads answers to it.",
    ]
