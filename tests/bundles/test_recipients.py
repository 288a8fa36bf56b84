from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.recipients import MOST_RECIPIENTS, Recipients

# Public keys alone: whose they are, nobody knows any more.
KEY = "age165ar8t50qtn6t9fvgy9qezal0clywsmgu8w05utewqd5qmw9vc9slmcr7q"
OTHER = "age1a4ut72fgvz6yay6uy4t5x5h3rjffg7v6knz69x0udhkq0cq7fc2q9209ad"
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
WEAK = (
    "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",  # 0
    "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",  # 1
)


def read(value: object) -> Recipients:
    return Recipients.from_setting(value, Path())


def test_one_key_or_several_are_taken_and_the_same_set_has_the_same_mark() -> None:
    assert read(KEY).keys == (KEY,)
    assert read([OTHER, KEY, KEY]) == read([KEY, f" {OTHER}\n"])
    assert read([OTHER, KEY]).mark == read([KEY, OTHER]).mark
    assert len({read(KEY).mark, read(OTHER).mark, read([KEY, OTHER]).mark}) == 3


@given(place=st.integers(4, len(KEY) - 1), letter=st.sampled_from(LETTERS))
def test_a_key_with_one_wrong_letter_is_none(place: int, letter: str) -> None:
    slipped = KEY[:place] + letter + KEY[place + 1 :]
    if slipped != KEY:
        with pytest.raises(ValueError, match="a letter is wrong"):
            read(slipped)


@given(place=st.integers(4, len(KEY) - 2))
def test_two_letters_that_changed_places_are_noticed(place: int) -> None:
    slipped = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]
    if slipped != KEY:
        with pytest.raises(ValueError, match="a letter is wrong"):
            read(slipped)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "age1",
        KEY[:-1],
        KEY + "q",
        KEY.upper(),
        "ssh-ed25519 AAAA",
        "a" * 10_000,
        7,
        None,
        {},
        [],
        [KEY, 7],
        "age1ک",
    ],
)
def test_what_is_no_key_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="should be an age public key"):
        read(value)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_garbage_is_a_mistake_and_nothing_else(value: object) -> None:
    with pytest.raises(ValueError, match="age"):
        read(value)


@pytest.mark.parametrize("key", WEAK)
def test_a_key_with_which_everybody_could_agree_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="anybody could have made"):
        read(key)


@pytest.mark.parametrize("begin", ["AGE-SECRET-KEY-1", "age-secret-key-1"])
def test_a_secret_key_in_the_wrong_place_is_named_and_not_repeated(begin: str) -> None:
    with pytest.raises(ValueError, match="SECRET") as caught:
        read(begin + "CANARY")
    assert "CANARY" not in str(caught.value)


def test_too_many_keys_are_refused() -> None:
    with pytest.raises(ValueError, match=str(MOST_RECIPIENTS)):
        read([KEY] * (MOST_RECIPIENTS + 1))
