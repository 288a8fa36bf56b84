"""Texts with places to fill."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.notify.templates import filled, places, refuse_unknown, without_places


def test_the_places_of_sections_and_lists_are_found() -> None:
    template = {"a": "{text} and {to}", "b": [{"c": "{once}"}, 5, None, ("{text}",)]}
    assert list(places(template)) == ["text", "to", "once", "text"]


@pytest.mark.parametrize("text", ["{0}", "{text.__class__}", "{text!r}", "{text:>99999999}", "{Text}", "{ text}", "{}"])
def test_nothing_but_a_name_is_a_place(text: str) -> None:
    assert list(places(text)) == []
    assert filled(text, {"text": "x", "Text": "x"}) == text


@given(value=st.text())
def test_what_a_value_holds_is_not_filled_again(value: str) -> None:
    assert filled("{a}|{b}", {"a": "{b}", "b": value}) == f"{{b}}|{value}"


def test_values_are_written_as_their_place_demands_and_the_rest_stays() -> None:
    template = {"n": 5, "on": True, "list": ("{a}",), "path": "/x/{a}?b"}
    shown = filled(template, {"a": "c/d"}, lambda value: quote(value, safe=""))
    assert shown == {"n": 5, "on": True, "list": ["c%2Fd"], "path": "/x/c%2Fd?b"}


def test_a_template_has_letters_of_its_own() -> None:
    assert without_places("/v1/{key}/send") == "/v1/x/send"


def test_a_place_that_nobody_fills_is_refused_by_name() -> None:
    refuse_unknown("body", {"a": "{text}"}, ["text"])
    with pytest.raises(ValueError, match=r"body: there is no \{name\} here; use \{text\}, \{to\}"):
        refuse_unknown("body", {"a": "{name}"}, ["text", "to"])
