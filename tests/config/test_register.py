"""The register of hardware is read strictly; a serial stays what was typed; every mistake of every file is told."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from itops.assets.records import AssetKind, Register
from itops.config.register.loading import load, load_whole
from itops.errors import ConfigInvalid, UsageWrong

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


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
    return folder / "inventory.yaml"


def test_the_register_of_the_demo_office_loads_as_it_stands():
    register = load(OWN)
    kinds = Counter(asset.kind for asset in register.assets)
    assert len(register.sites) == 4
    assert len(register.assets) >= 40
    assert kinds[AssetKind.SERVER] == 3
    assert len(kinds) >= 10
    for file in load_whole(OWN).files:
        ids = [asset["id"] for asset in (file.document.texts or {}).get("assets") or ()]
        assert ids == sorted(ids), file.document.name


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
            'inventory.yaml:4 assets[2].serial "cz123" stands on line 3 already',
        ),
        (
            entry("A", serial="CZ41K", vendor="Hewlett-Packard") + entry("B", serial="CZ41K", vendor="HP Inc."),
            'inventory.yaml:4 assets[2].serial "CZ41K" stands on line 3 already',
        ),
        (
            entry("A", serial="CZ41K", vendor="HP") + entry("B", serial="CZ41K"),
            'inventory.yaml:4 assets[2].serial "CZ41K" stands on line 3 already',
        ),
        (
            entry("A", asset_tag="1402") + entry("B", asset_tag="۱۴۰۲"),
            'inventory.yaml:4 assets[2].asset_tag "۱۴۰۲" stands on line 3 already',
        ),
        (
            entry("A", asset_tag="1402") + entry("B", parts="[{kind: monitor, asset_tag: 1402}]"),
            'inventory.yaml:4 assets[2].parts[1].asset_tag "1402" stands on line 3 already',
        ),
        (
            entry("A", parts="[{kind: monitor, serial: M1234}, {kind: monitor, serial: M1234}]"),
            'inventory.yaml:3 assets[1].parts[2].serial "M1234" stands on line 3 already',
        ),
        (entry("A", seriall="x"), "inventory.yaml:3 assets[1].seriall unknown key; did you mean serial?"),
        (entry("A", kind="computr"), "did you mean computer?"),
        (entry("A", site="haed"), 'inventory.yaml:3 assets[1].site there is no site "haed"; did you mean head?'),
        (entry("A", part_of="B"), 'inventory.yaml:3 assets[1].part_of there is no asset "B"'),
        (entry("A", part_of="A"), "inventory.yaml:3 assets[1].part_of goes round in a circle: A is part of A"),
        (
            entry("A", part_of="B") + entry("B", part_of="C") + entry("C", part_of="B"),
            "inventory.yaml:4 assets[2].part_of goes round in a circle: B is part of C is part of B",
        ),
        (
            entry("A", in_service="1402-13-01"),
            "inventory.yaml:3 assets[1].in_service the day '1402-13-01' does not exist",
        ),
        (entry("A b"), "inventory.yaml:3 assets[1].id"),
        ("  - {kind: computer, name: x, site: head}\n", "inventory.yaml:3 assets[1].id is missing"),
        (entry("A", ups="{capacity_va: 3000}"), "assets[1].ups belongs to the kind ups only; this is a computer"),
        (entry("A", vm="{name: x}"), "assets[1].vm belongs to the kind virtual_server only; this is a computer"),
        (entry("A", lock="[serial, prise]"), 'inventory.yaml:3 assets[1].lock[2] "prise" is none of'),
        (entry("A", lock="[site]"), 'assets[1].lock[1] "site" is none of'),
        (
            entry("A", purchase="{date: 1402-05-01}", disposal="{date: 1401-01-01}"),
            "assets[1].disposal.date 1401-01-01 is before purchase.date, 1402-05-01 on line 3",
        ),
        (
            entry("A", purchase="{date: 1402-05-01}", warranty_end="2020-01-01"),
            "assets[1].warranty_end 2020-01-01 is before purchase.date, 1402-05-01 on line 3",
        ),
    ],
)
def test_a_mistake_in_the_register_is_told_with_its_line(tmp_path, text, said):
    assert said in told(tmp_path, HEAD + text)


LINK = "  - {{id: L, kind: link, name: خط, site: head, link: {{provider: p, bandwidth_mbps: 10, shares: {{{}}}}}}}\n"


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ("haed: 1", 'inventory.yaml:3 assets[1].link.shares.haed there is no site "haed"; did you mean head?'),
        ("head: 10.5", "assets[1].link.shares add up to 10.5 Mbit/s, more than bandwidth_mbps, 10"),
    ],
)
def test_shares_of_a_link_are_of_known_sites_and_fit_into_it(tmp_path, shares, said):
    assert said in told(tmp_path, HEAD + LINK.format(shares))


def test_a_link_may_be_shared_out_completely(tmp_path):
    assert read(tmp_path, HEAD + LINK.format("head: 10")).assets[0].link


def test_what_vendors_write_when_they_write_nothing_may_stand_twice(tmp_path):
    text = "".join(
        entry(f"A{n}", serial=serial) for n, serial in enumerate(["N/A", "N/A", "0000000", "0000000", "ندارد", "ندارد"])
    )
    assert len(read(tmp_path, HEAD + text).assets) == 6


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            entry("A", serial="12345670", vendor="HP") + entry("B", serial="12345670", vendor="Dell"), id="two makers"
        ),
        pytest.param(
            entry("A", serial="X9001", vendor="HP") + entry("B", serial="X9001", kind="printer"), id="another kind"
        ),
        pytest.param(
            "".join(entry(f"A{n}", serial="M70s", model="M70s", vendor="Lenovo") for n in range(3)), id="the model"
        ),
        pytest.param(entry("A", serial="X9001", parts="[{kind: case, serial: X9001}]"), id="the case of the same"),
    ],
)
def test_the_same_number_is_no_contradiction_when_it_says_nothing(tmp_path, text):
    assert read(tmp_path, HEAD + text).assets


def test_one_wrong_entry_hides_no_mistake_of_the_others(tmp_path):
    text = entry("A", kind="x") + entry("B", serial="CZ41K") + entry("C", serial="CZ41K") + entry("D", site="y")
    lines = told(tmp_path, HEAD + text)
    assert "3 mistakes in inventory.yaml" in lines
    assert all(said in lines for said in ("yaml:3 assets[1].kind", "yaml:5 assets[3].serial", "yaml:6 assets[4].site"))


def test_a_part_of_a_wrong_entry_is_not_called_lost(tmp_path):
    lines = told(tmp_path, HEAD + entry("A", kind="x") + entry("B", part_of="A"))
    assert "part_of" not in lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("assets: 3\n", "inventory.yaml:1 assets should be a list"),
        ("assets: {a: 1}\n", "inventory.yaml:1 assets should be a list"),
        ("- a\n", "inventory.yaml:1 should be a section"),
        ("asets: []\n", "unknown key; did you mean assets?"),
        ("assets: [3]\n", "inventory.yaml:1 assets[1] should be a section"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path, text, said):
    assert said in told(tmp_path, text)


def test_an_empty_file_is_an_empty_register(tmp_path):
    assert read(tmp_path, "# nothing yet\n").assets == ()


ROOT = "include: [inventory/*.yaml]\nsites: {head: a, fardis: b}\nassets:\n"


def test_included_files_add_their_sites_and_assets_sorted_by_name(tmp_path):
    path = write(
        tmp_path,
        inventory_yaml=ROOT + entry("Z"),
        inventory__b_yaml="assets:\n" + entry("B"),
        inventory__a_yaml="sites: {karaj: c}\nassets:\n" + entry("A", site="karaj"),
        inventory__empty_yaml="",
    )
    loaded = load_whole(path)
    assert [asset.id for asset in loaded.register.assets] == ["Z", "A", "B"]
    assert set(loaded.register.sites) == {"head", "fardis", "karaj"}
    assert loaded.register.include == ("inventory/*.yaml",)
    assert [file.document.name for file in loaded.files] == [
        "inventory.yaml",
        "inventory/a.yaml",
        "inventory/b.yaml",
        "inventory/empty.yaml",
    ]
    assert loaded.place_of("B") == (tmp_path / "inventory" / "b.yaml", 2)
    assert loaded.shown_place("A", "serial") == "inventory/a.yaml:3"


def test_mistakes_of_all_files_are_told_together_each_with_file_and_line(tmp_path):
    path = write(
        tmp_path,
        inventory_yaml="include: [inventory/*.yaml, nothing/*.yaml]\nsites: {head: a}\nassets:\n"
        + entry("A", serial="CZ41K"),
        inventory__a_yaml="assets:\n" + entry("A") + entry("B", serial="CZ41K"),
        inventory__b_yaml="sites: {head: b}\nassets:\n" + entry("C", kind="x"),
        inventory__c_yaml="a: b: c\n",
        inventory__d_yaml="include: [../x.yaml]\n",
    )
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    lines = [" ".join(line.split()) for line in caught.value.problem.splitlines()]
    assert lines[0] == "7 mistakes in inventory.yaml, inventory/a.yaml, inventory/b.yaml and 2 more files"
    assert lines[1].startswith('inventory.yaml:1 include[2] "nothing/*.yaml" names no file')
    assert lines[2] == 'inventory/a.yaml:2 assets[1].id "A" stands in inventory.yaml:4 already'
    assert lines[3] == 'inventory/a.yaml:3 assets[2].serial "CZ41K" stands in inventory.yaml:4 already'
    assert lines[4] == "inventory/b.yaml:1 sites.head stands in inventory.yaml:2 already"
    assert lines[5].startswith('inventory/b.yaml:3 assets[1].kind "x" is not one of')
    assert lines[6].startswith('inventory/c.yaml:1 a second ": " on the line')
    assert lines[7] == "inventory/d.yaml:1 include only inventory.yaml includes others; name this file's there"


def test_a_site_of_a_file_that_cannot_be_read_is_not_called_unknown(tmp_path):
    path = write(tmp_path, inventory_yaml=ROOT + entry("A", site="karaj"), inventory__a_yaml="a: b: c\n")
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    assert "karaj" not in caught.value.problem


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("/etc/*.yaml", "is not relative"),
        ("C:\\x.yaml", "is not relative"),
        ("../*.yaml", "may not lead out"),
        ("a/../../b.yaml", "may not lead out"),
        ("a\\b.yaml", "may not lead out"),
        ('"**/*.yaml"', "** is not known"),
        ("inventory", "names no file"),
        ('"*.yml"', "names no file"),
        ("''", "is empty"),
    ],
)
def test_a_pattern_that_leads_nowhere_or_out_is_refused_with_its_line(tmp_path, pattern, said):
    (tmp_path / "inventory").mkdir()
    path = write(tmp_path, inventory_yaml=f"sites: {{}}\ninclude:\n  - {pattern}\n")
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    assert caught.value.problem.startswith("inventory.yaml:3  include[1]")
    assert said in caught.value.problem


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "office"
    path = write(folder, inventory_yaml="include: [inventory/*.yaml]\n", inventory__x_yaml="")
    (tmp_path / "other.yaml").write_text("assets: []\n")
    (folder / "inventory" / "y.yaml").symlink_to(tmp_path / "other.yaml")
    with pytest.raises(ConfigInvalid) as caught:
        load(path)
    assert "leads out of the register's folder" in caught.value.problem


def test_a_file_that_several_patterns_name_is_read_once_and_the_root_never_again(tmp_path):
    path = write(
        tmp_path,
        inventory_yaml='include: ["*.yaml", inventory/*.yaml, inventory/a.yaml]\nsites: {head: a}\n',
        inventory__a_yaml="assets:\n" + entry("A"),
    )
    assert [asset.id for asset in load(path).assets] == ["A"]


def test_lock_files_of_editors_and_our_own_are_not_included(tmp_path):
    path = write(tmp_path, inventory_yaml="include: [inventory/*.yaml]\n", inventory__a_yaml="")
    (tmp_path / "inventory" / ".#a.yaml").symlink_to("someone@somewhere.1234")
    assert len(load_whole(path).files) == 2


def test_a_field_that_is_not_there_has_the_line_of_what_stands_above_it(tmp_path):
    text = HEAD + "  - id: A\n    kind: computer\n    name: x\n    site: head\n    parts:\n      - kind: case\n"
    path = write(tmp_path, inventory_yaml=text)
    loaded = load_whole(path)
    assert [loaded.line_of("A", field) for field in ("id", "name", "serial", "parts.1.kind")] == [3, 5, 3, 8]
    with pytest.raises(UsageWrong, match="did you mean serial"):
        loaded.line_of("A", "serail")
    with pytest.raises(KeyError):
        loaded.place_of("B")
