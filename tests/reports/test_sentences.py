"""The sentence of a code: whatever its facts are, in both languages, with the slot or the title that it speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.facts import Fact
from itops.reports.sentences import sentence
from itops.reports.words import LANGUAGES, load_words

WORDS = load_words("en", calendar="jalali", marks=False)
FACTS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())


@pytest.mark.parametrize(
    ("table", "code", "facts", "said"),
    [
        ("evaluation", "not-judged", {"problem": "p", "remedy": "r"}, "it could not be judged: p; r"),
        ("slot", "nothing-there", {"tier": "daily", "slot": "1405-08-20"}, "daily 1405-08-20: no copy was made"),
        (
            "slot",
            "nothing-there",
            {"tier": "weekly", "slot": "w1405-08-16", "slots": 3},
            "weekly 1405-08-16 and 2 more: no copy was made",
        ),
        (
            "slot",
            "damaged",
            {"tier": "daily", "slot": "1405-08-20", "slots": 1, "others": 2},
            "daily 1405-08-20: damaged; 2 more are not well, either",
        ),
        ("slot", "nothing-there", {"about": "sql01"}, "sql01: no copy was made"),
        ("slot", "nothing-there", {"tier": "hourly", "slot": "x"}, "no copy was made"),
        (
            "slot",
            "nothing-there",
            {"about": "sql01", "alike": 2, "alike_names": "sql02, sql03"},
            "sql01 and 2 more (sql02, sql03): no copy was made",
        ),
        ("slot", "nothing-there", {"about": "sql01", "alike": 0}, "sql01: no copy was made"),
        (
            "channel_health",
            "channel.works",
            {"sent_at": "0001-01-01T00:00:00+00:00"},
            "it took the last message unknown",
        ),
    ],
)
def test_a_code_is_said_with_its_facts(table, code, facts, said):
    assert sentence(table, code, facts, WORDS) == said


def test_a_code_without_words_has_no_sentence():
    assert sentence("slot", "no-such-code", {}, WORDS) is None
    assert sentence("no-such-table", "damaged", {}, WORDS) is None


@given(st.sampled_from(LANGUAGES), st.dictionaries(st.sampled_from(["tier", "slot", "slots", "copies"]), FACTS))
def test_no_fact_can_break_a_sentence_into_lines_or_keep_it_from_being_written(language: str, facts: dict[str, Fact]):
    facts = {"tier": "daily", **facts}
    said = sentence("slot", "nothing-there", facts, load_words(language))
    assert said
    assert len(said.splitlines()) == 1
    assert said.encode()
