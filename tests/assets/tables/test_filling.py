"""Headquarters' form: their columns, their words, and no row at all when anything is wrong."""

from datetime import date

import pytest

from itops.assets.tables.filling import Background, Form, filled
from itops.assets.tables.mapping import TemplateColumn, TemplateMapping
from tests.assets.tables.office import SITES, asset

PC = asset(
    "PC-1",
    asset_tag="0012",
    model="=1+1",
    in_service="2021-11-22",
    purchase__date="2021-09-23",
    purchase__price="250000000",
    site="fardis",
)
BACKGROUND = Background(today=date(2026, 11, 22), sites=SITES)


def form(*columns: TemplateColumn, background: Background = BACKGROUND) -> Form:
    return filled(TemplateMapping(sheet="x", columns=columns), [PC], background)


def column(source: str | None = None, **more: object) -> TemplateColumn:
    return TemplateColumn(header="H", from_=source, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "cell"),
    [
        (column("asset_tag"), "0012"),
        (column("asset_tag", format="integer"), 12),
        (column("model"), "=1+1"),
        (column("kind", values={"computer": "رایانه شخصی"}), "رایانه شخصی"),
        (column("purchase.price", format="rial"), 250_000_000),
        (column("purchase.price", format="toman"), 25_000_000),
        (column("purchase.date", format="jalali"), "1400/07/01"),
        (column("purchase.date", format="gregorian"), "2021-09-23"),
        (column("age_years"), "5"),
        (column("age_years", format="integer"), 5),
        (column("row_number", format="integer"), 1),
        (column("site.fa"), "اداره شهرستان فردیس"),
        (column("serial"), None),
        (column(constant="اداره کل"), "اداره کل"),
        (column("site", values={"fardis": "0305"}, format="text"), "0305"),
    ],
)
def test_a_column_is_filled_as_the_mapping_says(one, cell):
    assert form(one) == Form(rows=((cell,),))


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (column("serial", required=True), "template.required"),
        (column("kind", values={"printer": "چاپگر"}), "template.unmapped-word"),
        (column("model", format="integer"), "template.wrong-format"),
        (column("asset_tag", format="jalali"), "template.wrong-format"),
    ],
)
def test_a_mistake_names_asset_and_column_and_leaves_no_row(one, code):
    found = form(column("asset_tag"), one)
    assert found.rows == ()
    assert [(mistake.asset_id, mistake.column, mistake.code) for mistake in found.mistakes] == [("PC-1", "H", code)]


def test_rials_that_are_no_whole_tomans_are_refused():
    odd = asset("PC-2", purchase__date="2021-09-23", purchase__price="105")
    found = filled(TemplateMapping(sheet="x", columns=(column("purchase.price", format="toman"),)), [odd], BACKGROUND)
    assert [mistake.code for mistake in found.mistakes] == ["template.wrong-format"]


def test_another_currency_is_no_rial():
    foreign = asset("PC-2", purchase__date="2021-09-23", purchase__price="100", purchase__currency="EUR")
    found = filled(
        TemplateMapping(sheet="x", columns=(column("purchase.price", format="rial"),)), [foreign], BACKGROUND
    )
    assert "in EUR" in found.mistakes[0].problem


@pytest.mark.parametrize("source", ["seriall", "parts.0.serial", "value_on_budget_year_start", ""])
def test_an_unknown_path_is_one_mistake_of_the_mapping(source):
    (mistake,) = form(column(source)).mistakes
    assert (mistake.asset_id, mistake.code) == (None, "template.unknown-path")


def test_the_book_value_is_asked_where_somebody_can_tell_it():
    background = Background(today=BACKGROUND.today, sites=SITES, book_value=lambda asset: 1_000)
    assert form(column("value_on_budget_year_start", format="toman"), background=background).rows == ((100,),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ()},
        {"columns": (column("id"),), "header_row": 5, "first_row": 5},
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValueError, match=r"columns|first_row"):
        TemplateMapping(sheet="x", **wrong)


@pytest.mark.parametrize("both", [{}, {"from_": "id", "constant": "x"}])
def test_a_column_has_one_source(both):
    with pytest.raises(ValueError, match="either `from` or `constant`"):
        TemplateColumn(header="H", **both)
