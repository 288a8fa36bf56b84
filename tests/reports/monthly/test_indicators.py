"""The eight indicators: always there, always in one order, unknown where nothing is known."""

import pytest

from itops.reports.monthly.assembling import Parts
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.indicators import FAR_BELOW_TARGET, indicators_of, share_of
from itops.reports.monthly.parts import BackupPart
from itops.reports.monthly.records import Indicator
from itops.verdict import State
from tests.reports.monthly.judged_office import MONTH, YEAR, finding, found, office

ORDER = [
    "servers.total",
    "backup.slots_ok",
    "backup.databases_protected",
    "backup.restore_tested",
    "custody.months",
    "hardware.total",
    "documents.done",
    "exceptions.open",
]


def told(parts: Parts, *earlier: tuple[str, Parts]) -> dict[str, Indicator]:
    return {one.figure: one for one in indicators_of(parts, earlier, MONTH)}


def measured(value: float | None, figure: str = "backup.slots_ok", **more: float) -> Parts:
    return Parts(backups=BackupPart(figures=(Figure(id=figure, value=value, unit="ratio", **more),)))


@pytest.mark.parametrize("parts", [Parts(), office(), found(finding())], ids=["nothing", "a year", "an exception"])
def test_there_are_eight_in_one_order_whatever_is_known(parts: Parts) -> None:
    assert list(told(parts)) == ORDER


def test_what_no_room_told_is_unknown_and_not_nought() -> None:
    empty = told(Parts())
    assert {name: one.value for name, one in empty.items()} == dict.fromkeys(ORDER[:-1]) | {"exceptions.open": 0}
    assert {one.state for name, one in empty.items() if name != "exceptions.open"} == {State.UNKNOWN}


@pytest.mark.parametrize(
    ("value", "state"),
    [(None, State.UNKNOWN), (1.0, State.OK), (0.999, State.WARNING), (FAR_BELOW_TARGET, State.WARNING),
     (FAR_BELOW_TARGET - 0.001, State.CRITICAL), (0.0, State.CRITICAL)],
)  # fmt: skip
def test_a_ratio_is_judged_against_its_target(value: float | None, state: State) -> None:
    one = told(measured(value))["backup.slots_ok"]
    assert (one.value, one.state, one.target, one.higher_is_better) == (value, state, 1, True)


@pytest.mark.parametrize("figure", ["servers.total", "hardware.total"])
def test_totals_are_told_and_not_judged(figure: str) -> None:
    one = told(office())[figure]
    assert (one.state, one.target, one.higher_is_better, one.unit) == (State.OK, None, None, "count")


@pytest.mark.parametrize(
    ("states", "state"),
    [([], State.OK), ([State.WARNING], State.WARNING), ([State.WARNING, State.UNKNOWN], State.UNKNOWN),
     ([State.CRITICAL, State.UNKNOWN], State.CRITICAL)],
)  # fmt: skip
def test_open_exceptions_are_as_bad_as_the_worst_of_them(states: list[State], state: State) -> None:
    one = told(found(*(finding(subject=str(number), state=bad) for number, bad in enumerate(states))))[
        "exceptions.open"
    ]
    assert (one.value, one.state, one.target, one.higher_is_better) == (len(states), state, 0, False)


def test_the_history_ends_with_this_period_and_keeps_its_holes() -> None:
    one = told(measured(0.8), ("1402-10", measured(0.9)), ("1402-11", Parts()))["backup.slots_ok"]
    assert [(point.period, point.value) for point in one.history] == [
        ("1402-10", 0.9),
        ("1402-11", None),
        ("1402-12", 0.8),
    ]
    assert (one.before, one.change) == (None, None)
    better = told(measured(0.75), ("1402-11", measured(0.5)))["backup.slots_ok"]
    assert (better.before, better.change) == (0.5, 0.25)


def test_earlier_exceptions_are_counted_as_they_were() -> None:
    one = told(found(), ("1402-11", found(finding(), finding(subject="b"))))["exceptions.open"]
    assert [point.value for point in one.history] == [2, 0]


def test_a_year_is_drawn_by_its_months_and_then_itself() -> None:
    months = [(name, measured(0.5)) for name in YEAR.months]
    one = indicators_of(measured(0.9), months, YEAR)[1]
    assert [point.period for point in one.history] == [*YEAR.months, "1402"]
    assert one.value == 0.9


@pytest.mark.parametrize(
    ("figure", "share"),
    [
        (Figure(id="x", value=26, of=27), 26 / 27),
        (Figure(id="x", value=26), None),
        (Figure(id="x", value=0, of=0), None),
        (Figure(id="x", value=None, of=27), None),
        (Figure(id="x", value=0.5, unit="ratio", of=27), 0.5),
    ],
)
def test_a_count_of_a_whole_is_a_share(figure: Figure, share: float | None) -> None:
    assert share_of(figure) == share
