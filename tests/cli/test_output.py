import csv
import io
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.cli.output import Column, Format, Listing, Output, csv_cell, csv_text, json_text
from itops.inventory.entities import Kind
from itops.jsonable import jsonable

NOW = datetime(2026, 11, 14, 9, 30, tzinfo=UTC)
_NAME = (Column(field="name", title="name"), Column(field="size", title="size", is_number=True))


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def listing(*names: str) -> Listing:
    rows = [{"name": name, "size": 7} for name in names]
    return Listing(schema="itops.test/1", rows=rows, columns=_NAME, csv_fields=("name", "size"))


def printed(names: tuple[str, ...], chosen: Format = Format.TABLE, **more: Any) -> str:
    stream = io.StringIO()
    Output(format=chosen, stdout=stream, stderr=io.StringIO(), **({"has_color": False} | more)).show(
        listing(*names), NOW
    )
    return stream.getvalue()


@pytest.mark.parametrize("name", ["[/]", "[bold]x[/bold]", "[link=http://192.0.2.66]x[/link]", ":smile:", "\\[/]"])
def test_markup_in_a_name_is_shown_as_it_stands(name: str) -> None:
    assert name in printed((name,))
    assert name in printed((name,), has_color=True, width=80)


def test_a_name_cannot_steer_the_terminal() -> None:
    hostile = "a\x1b]0;owned\x07b\x9b31mc\u202egnp.exe\r\nd"
    for chosen in Format:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", printed((hostile,), chosen))


def test_a_table_in_a_pipe_is_as_wide_as_it_needs() -> None:
    name = "server " * 60
    assert name.strip() in printed((name,)).splitlines()[1]


def test_a_table_on_a_terminal_fits_it_and_loses_nothing() -> None:
    shown = printed(("x" * 100,), width=40)
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.count("x") == 100


def test_a_column_that_may_be_cut_is_cut_on_a_terminal_only() -> None:
    cut = Listing(
        schema="s", rows=[{"a": "x" * 50}], columns=(Column(field="a", title="a", widest=9),), csv_fields=("a",)
    )
    for width, count in ((80, 8), (100_000, 50)):
        stream = io.StringIO()
        Output(format=Format.TABLE, stdout=stream, stderr=io.StringIO(), has_color=False, width=width).show(cut, NOW)
        assert stream.getvalue().count("x") == count


def test_right_to_left_names_are_isolated_on_a_terminal_and_bare_in_a_pipe() -> None:
    assert "\u2068سامانه\u2069" in printed(("سامانه",), width=80)
    assert "\u2068" not in printed(("سامانه",))


@pytest.mark.parametrize(
    ("color", "environ", "expected"),
    [
        pytest.param("auto", {}, True, id="a terminal has colour"),
        pytest.param("auto", {"NO_COLOR": "1"}, False, id="NO_COLOR is heeded"),
        pytest.param("auto", {"NO_COLOR": ""}, True, id="an empty NO_COLOR says nothing"),
        pytest.param("auto", {"TERM": "dumb"}, False, id="a dumb terminal has none"),
        pytest.param("always", {"NO_COLOR": "1"}, True, id="always means always"),
        pytest.param("never", {}, False, id="never means never"),
    ],
)
def test_colour_is_decided_once(color: str, environ: dict[str, str], expected: bool) -> None:
    output = Output.decided("table", color, environ, Screen(), io.StringIO())
    assert output.has_color is expected
    output.show(listing("x"), NOW)
    assert ("\x1b[" in output.stdout.getvalue()) is expected  # type: ignore[attr-defined]


def test_a_pipe_gets_no_colour_unless_asked() -> None:
    assert not Output.decided("table", "auto", {}, io.StringIO(), io.StringIO()).has_color
    assert Output.decided("table", "always", {}, io.StringIO(), io.StringIO()).has_color


def test_json_is_one_object_with_exactly_four_keys() -> None:
    whole = json.loads(printed(("[/]",), Format.JSON))
    assert list(whole) == ["schema", "generated_at", "data", "gaps"]
    assert whole["generated_at"] == "2026-11-14T09:30:00Z"


def test_an_empty_listing_is_empty_in_each_format() -> None:
    assert printed(()) == ""
    assert printed((), Format.CSV) == "name,size\n"
    assert json.loads(printed((), Format.JSON))["data"] == []


def test_moments_days_kinds_and_sets_become_json() -> None:
    value = {Kind.VM: (NOW, date(2026, 11, 14)), "hides": frozenset({Kind.VM, Kind.HOST})}
    assert jsonable(value) == {"vm": ["2026-11-14T09:30:00Z", "2026-11-14"], "hides": ["host", "vm"]}


@given(st.text(st.characters()))
def test_json_gives_every_name_back_and_holds_nothing_that_steers(name: str) -> None:
    text = json_text(listing(name), NOW)
    text.encode()
    assert json.loads(text)["data"][0]["name"] == name
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("first", [*"=+-@\t\r＝＋－＠", " =", "\u202e=", "\ufeff="])
def test_a_text_that_could_be_a_formula_is_disarmed(first: str) -> None:
    assert str(csv_cell(f"{first}cmd|x")).startswith("'")


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-5, -5), (1.5, 1.5), (0, 0), (None, ""), (True, "true"), (["a", "=b"], "a; =b"), ("a-b", "a-b"), ("", "")],
)
def test_other_cells_stay_what_they_are(value: Any, cell: Any) -> None:
    assert csv_cell(value) == cell


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)))))
def test_a_csv_row_is_one_line_and_none_of_its_cells_is_a_formula(names: list[str]) -> None:
    text = csv_text(listing(*names))
    rows = list(csv.reader(io.StringIO(text)))
    assert text.count("\n") == len(names) + 1 == len(rows)
    assert not any(re.match(r"\s*[=+\-@＝＋－＠]", row[0]) for row in rows[1:])


def test_a_stream_that_cannot_say_persian_still_gets_json() -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="ascii", newline="")
    Output(format=Format.JSON, stdout=narrow, stderr=io.StringIO(), has_color=False).show(listing("سامانه"), NOW)
    narrow.flush()
    assert json.loads(raw.getvalue())["data"][0]["name"] == "سامانه"


def test_a_stream_that_cannot_say_persian_does_not_break_a_table() -> None:
    raw = io.BytesIO()
    narrow = io.TextIOWrapper(raw, encoding="cp1252", newline="")
    Output(format=Format.TABLE, stdout=narrow, stderr=io.StringIO(), has_color=False).show(listing("سامانه\ud800"), NOW)
    narrow.flush()
    assert b"??????" in raw.getvalue()


def test_a_note_goes_to_stderr_on_one_harmless_line() -> None:
    stdout, stderr = io.StringIO(), io.StringIO()
    Output(format=Format.JSON, stdout=stdout, stderr=stderr, has_color=False).note("a\nb\x1b[31m")
    assert (stdout.getvalue(), stderr.getvalue()) == ("", "note: a b[31m\n")


_SPARE = (*_NAME, Column(field="model", title="model", spare=1), Column(field="place", title="place", spare=2))


def fitted(width: int) -> tuple[list[str], str]:
    """The headings and the notes on a terminal of that width."""
    row = {"name": "srv01", "size": 7, "model": "m" * 10, "place": "p" * 10}
    stream, notes = io.StringIO(), io.StringIO()
    shown = Listing(schema="itops.test/1", rows=[row], columns=_SPARE, csv_fields=())
    Output(format=Format.TABLE, stdout=stream, stderr=notes, has_color=False, width=width).show(shown, NOW)
    return stream.getvalue().splitlines()[0].split(), notes.getvalue()


@pytest.mark.parametrize(
    ("width", "headings"),
    [
        (35, ["name", "size", "model", "place"]),
        (34, ["name", "size", "model"]),
        (22, ["name", "size"]),
        (5, ["name", "size"]),
    ],
)
def test_a_narrow_terminal_leaves_out_what_can_be_spared_and_says_so(width: int, headings: list[str]) -> None:
    shown, notes = fitted(width)
    if width > 5:
        assert shown == headings
    left_out = [name for name in ("model", "place") if name not in headings]
    assert notes == (f"note: left out, this terminal is too narrow: {', '.join(left_out)}\n" if left_out else "")


def folded(width: int) -> tuple[list[str], str]:
    columns = (
        Column(field="state", title="state"),
        Column(field="what", title="what", folds=12),
        Column(field="told", title="told", spare=1),
        Column(field="held", title="held", spare=1),
    )
    rows = [{"state": "CRITICAL", "what": "no copy was made on that day", "told": "3 times", "held": ""}]
    stream, notes = io.StringIO(), io.StringIO()
    page = Listing(schema="itops.test/1", rows=rows, columns=columns, csv_fields=("state",))
    Output(format=Format.TABLE, stdout=stream, stderr=notes, has_color=False, width=width).show(page, NOW)
    return stream.getvalue().splitlines(), notes.getvalue()


def test_a_sentence_is_folded_before_anything_is_left_out() -> None:
    lines, notes = folded(34)
    assert lines[0].split() == ["state", "what", "told"]
    assert [line[:8] for line in lines[1:]].count("CRITICAL") == 1
    assert " ".join(line[10:25].strip() for line in lines[1:]) == "no copy was made on that day"
    assert notes == ""


def test_an_empty_column_is_left_out_first_and_without_a_word() -> None:
    lines, notes = folded(24)
    assert lines[0].split() == ["state", "what"]
    assert notes == "note: left out, this terminal is too narrow: told\n"
    assert "held" in folded(80)[0][0]
