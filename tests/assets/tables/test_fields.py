"""An asset as dotted texts and back."""

import pytest
from hypothesis import given

from itops.assets.records import Asset
from itops.assets.tables.fields import Unbuildable, built, catalogue, field_at, flat
from tests.assets.tables.office import REGISTER, asset
from tests.assets.tables.strategies import registers


@given(registers())
def test_an_asset_is_its_texts_and_its_texts_are_the_asset(assets):
    for one in assets:
        assert built(flat(one)) == one


def test_every_field_of_the_record_is_in_the_catalogue():
    tops = {pattern.partition(".")[0] for pattern in catalogue()}
    assert tops == set(Asset.__dataclass_fields__)


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("serial", "serial"),
        ("parts.2.serial", "parts.#.serial"),
        ("ups.batteries.1.count", "ups.batteries.#.count"),
        ("link.shares.head.office.1", "link.shares.*"),
        ("parts.0.serial", None),
        ("parts.#.serial", None),
        ("parts.serial", None),
        ("parts", None),
        ("link.shares.", None),
        ("seriall", None),
        ("", None),
    ],
)
def test_a_dotted_name_means_one_field_or_none(path, pattern):
    found = field_at(path)
    assert (found.pattern if found else None) == pattern


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"kind": "computr"}, "kind: 'computr' is not one of"),
        ({"purchase.price": "5"}, "purchase.date is missing"),
        ({"purchase.date": "1403-01-40"}, "purchase.date: '1403-01-40' is not a day"),
        ({"fire.cylinders": "10001"}, "fire.cylinders: 10001 is not between"),
        ({"parts.2.serial": "x"}, "parts.2.kind is missing"),
        ({"id": "a b"}, "id: 'a b' should be letters"),
    ],
)
def test_what_no_register_could_hold_is_refused_with_its_field(texts, reason):
    with pytest.raises(Unbuildable) as caught:
        built({**flat(REGISTER.assets[0]), **texts})
    assert any(reason in one for one in caught.value.reasons)


def test_numbers_are_written_without_exponent_and_empty_fraction():
    assert flat(asset("A", useful_life_years="4"))["useful_life_years"] == "4"
    assert flat(asset("A", useful_life_years="0.00001"))["useful_life_years"] == "0.00001"
