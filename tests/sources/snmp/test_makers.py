"""The table of makers' OIDs."""

import re

from itops.assets.records import AssetKind
from itops.sources.snmp.makers import PRIVATE, Measure, Words, table


def test_every_row_can_be_asked_and_found() -> None:
    for maker in table().makers:
        assert all(table().named(begin) is maker for begin in maker.match)
        assert maker.oids() or maker.patterns
        assert all(re.fullmatch(r"1\.3\.6\.1\.4\.1(\.\d+)+", oid) for oid in maker.oids())
        assert maker.kind is None or maker.kind in {kind.value for kind in AssetKind}


def test_no_oid_stands_in_two_rows() -> None:
    oids = [oid for maker in table().makers for oid in maker.oids()]
    assert len(oids) == len(set(oids))
    assert len(oids) >= 80  # a row lost from the file is noticed here


def test_words_and_measures_are_what_the_readers_know() -> None:
    told = [getattr(maker.ups, name) for maker in table().makers for name in maker.ups.__slots__]
    words = {word for held in told if isinstance(held, Words) for word in held.words.values()}
    assert words <= {"yes", "no", "normal", "low", "depleted", "unknown", "passed", "failed", "none", "running"}
    assert {held.factor for held in told if isinstance(held, Measure)} == {1.0, 0.01, 0.1, 60}


def test_the_longest_match_wins_and_numbers_are_not_cut() -> None:
    small, big = table().named(PRIVATE + "9.6.1.83.28.5"), table().named(PRIVATE + "9.1.1208")
    assert small
    assert big
    assert (small.vendor, bool(small.serial), bool(big.serial)) == ("Cisco", True, False)
    assert table().named(PRIVATE + "3180.1") is None  # not APC, which is 318


def test_a_device_that_names_no_maker_is_asked_for_all() -> None:
    assert table().to_ask(PRIVATE + "8072.3.2.10") == table().makers
    assert table().to_ask("1.3.6.1.2.1.33") == table().makers
    assert table().to_ask("") == table().makers
    assert table().to_ask(PRIVATE + "2011.2.23") == ()
    assert table().vendor(PRIVATE + "2011.2.23") == "Huawei"
