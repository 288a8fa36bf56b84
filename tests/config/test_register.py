"""The register of hardware is read strictly; a serial stays what was typed."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from itops.assets.records import AssetKind, Register
from itops.config.register.loading import load
from itops.errors import ConfigInvalid

HEAD = "sites: {head: {fa: اداره کل, en: Head office}}\nassets:\n"
OWN = Path(__file__).parents[2] / "inventory.yaml"


def read(folder: Path, text: str) -> Register:
    path = folder / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def entry(identifier: str, **more: str) -> str:
    keys = {"id": identifier, "kind": "computer", "name": "رایانه", "site": "head", **more}
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


def told(folder: Path, text: str) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        read(folder, text)
    return " ".join(caught.value.problem.split())


def test_the_register_of_the_demo_office_loads_as_it_stands():
    register = load(OWN)
    kinds = Counter(asset.kind for asset in register.assets)
    assert len(register.sites) == 4
    assert len(register.assets) >= 40
    assert kinds[AssetKind.SERVER] == 3
    assert len(kinds) >= 10
    assert [asset.id for asset in register.assets] == sorted(asset.id for asset in register.assets)


def test_serials_and_dates_are_what_was_typed(tmp_path):
    register = read(tmp_path, HEAD + entry("A", serial="0123456", in_service="1403-12-30") + entry("B", serial="12E5"))
    assert [asset.serial for asset in register.assets] == ["0123456", "12E5"]
    assert register.assets[0].in_service == date(2025, 3, 20)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry("A") + entry("A"), 'inventory.yaml:4 assets[2].id "A" stands on line 3 already'),
        (
            entry("A", serial="CZ 123", vendor="HPE") + entry("B", serial="cz123", vendor="hpe"),
            'inventory.yaml:4 assets[2].serial "HPE CZ123" stands on line 3 already',
        ),
        (
            entry("A", asset_tag="1402") + entry("B", asset_tag="۱۴۰۲"),
            'inventory.yaml:4 assets[2].asset_tag "1402" stands on line 3 already',
        ),
        (entry("A", seriall="x"), "inventory.yaml:3 assets[1].seriall unknown key; did you mean serial?"),
        (entry("A", kind="computr"), "did you mean computer?"),
        (entry("A", site="haed"), 'inventory.yaml:3 assets[1].site there is no site "haed"; did you mean head?'),
        (entry("A", part_of="B"), 'inventory.yaml:3 assets[1].part_of there is no asset "B"'),
        (
            entry("A", in_service="1402-13-01"),
            "inventory.yaml:3 assets[1].in_service the day '1402-13-01' does not exist",
        ),
        (entry("A b"), "inventory.yaml:3 assets[1].id"),
        ("  - {kind: computer, name: x, site: head}\n", "inventory.yaml:3 assets[1].id is missing"),
    ],
)
def test_a_mistake_in_the_register_is_told_with_its_line(tmp_path, text, said):
    assert said in told(tmp_path, HEAD + text)


def test_what_vendors_write_when_they_write_nothing_may_stand_twice(tmp_path):
    text = "".join(
        entry(f"A{n}", serial=serial) for n, serial in enumerate(["N/A", "N/A", "0000000", "0000000", "ندارد", "ندارد"])
    )
    assert len(read(tmp_path, HEAD + text).assets) == 6


def test_the_same_number_of_two_makers_is_no_contradiction(tmp_path):
    text = entry("A", serial="12345678", vendor="HP") + entry("B", serial="12345678", vendor="Dell")
    assert len(read(tmp_path, HEAD + text).assets) == 2
