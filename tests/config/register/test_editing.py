"""Edits of the register change exactly the lines they must, or nothing at all."""

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.assets.edits import AddAsset, AddEntry, Edit, SetField, SetList
from itops.config.register.editing import Changed, plan_edits
from itops.config.register.files import RegisterFile
from itops.config.register.loading import LoadedRegister, assemble, load_whole
from itops.config.yaml import loads
from itops.errors import ConfigInvalid, UsageWrong
from tests.config.register.offices import edits, registers

REGISTER = """\
# دفتر تجهیزات
include: [inventory/*.yaml]
sites: {head: اداره کل, fardis: فردیس}

assets:
  - id: PC-001   # رایانه دبیرخانه
    kind: computer
    name: {fa: رایانه, en: Computer}
    serial: 0123456     # on the label
    site: head
    parts:
      - {kind: case, seal: x}
    purchase: {date: 1402-05-01, price: 100}
    # a comment below

  - id: PC-003
    kind: computer
    name: رایانه
    site: head
    note: |
      two
      lines

  # the big one
  - id: UPS-001
    kind: ups
    name: یو پی اس
    site: head
    ups:
      capacity_va: 3000
      batteries:
        - {installed: 1401-03-10, count: 6}
        - installed: 1403-03-10
          count: 6
    lock:
      - serial  # it lies
      - model
""".replace(", seal: x", ", note: x")
FARDIS = "assets:\n- {id: PC-002, kind: computer, name: x, site: fardis}\n"


def office(folder: Path, root: str = REGISTER, **others: str) -> Path:
    (folder / "inventory").mkdir()
    (folder / "inventory.yaml").write_text(root, encoding="utf-8", newline="")
    for name, text in ({"fardis": FARDIS} | others).items():
        (folder / "inventory" / f"{name}.yaml").write_text(text, encoding="utf-8", newline="")
    return folder / "inventory.yaml"


def plan(folder: Path, *wanted: Edit, root: str = REGISTER) -> Changed:
    return plan_edits(load_whole(office(folder, root)), wanted)


def lines(changed: Changed) -> list[str]:
    told = []
    for file in changed.files:
        found = difflib.ndiff(file.old.text.splitlines(), file.new.text.splitlines())
        told += [line for line in found if line[0] in "+-"]
    return told


def field(asset_id: str, name: str, value: str | None) -> SetField:
    return SetField(asset_id=asset_id, field=name, value=value)


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        pytest.param(
            field("PC-001", "serial", "12E5"),
            ["-     serial: 0123456     # on the label", "+     serial: 12E5     # on the label"],
            id="a value, its comment stays",
        ),
        pytest.param(
            field("PC-001", "vendor", "HP"), ["+     vendor: HP"], id="a new key, in its place of the record's order"
        ),
        pytest.param(
            field("PC-001", "purchase.supplier", "رایانه، نمونه"),
            [
                "-     purchase: {date: 1402-05-01, price: 100}",
                "+     purchase: {date: 1402-05-01, price: 100, supplier: رایانه، نمونه}",
            ],
            id="in a section between braces",
        ),
        pytest.param(
            field("PC-001", "purchase.price", None),
            ["-     purchase: {date: 1402-05-01, price: 100}", "+     purchase: {date: 1402-05-01}"],
            id="out of a section between braces",
        ),
        pytest.param(
            field("PC-001", "service.next", "1406-01-01"), ["+     service: {next: 1406-01-01}"], id="a new section"
        ),
        pytest.param(
            field("PC-001", "name.en", "PC: one"),
            ["-     name: {fa: رایانه, en: Computer}", "+     name: {fa: رایانه, en: 'PC: one'}"],
            id="quotes where YAML needs them",
        ),
        pytest.param(
            field("PC-003", "name.en", "PC"),
            ["-     name: رایانه", "+     name: {fa: رایانه, en: PC}"],
            id="one text for both languages becomes two",
        ),
        pytest.param(field("PC-001", "note", "a\nb"), ['+     note: "a\\nb"'], id="two lines of text"),
        pytest.param(
            field("PC-003", "note", "x"),
            ["-     note: |", "-       two", "-       lines", "+     note: x"],
            id="instead of a block of text",
        ),
        pytest.param(field("PC-003", "location", "رک"), ["+     location: رک"], id="before a block of text"),
        pytest.param(field("PC-003", "note", None), ["-     note: |", "-       two", "-       lines"], id="out"),
        pytest.param(field("PC-001", "seal", None), [], id="what is not there goes without a trace"),
        pytest.param(field("PC-001", "serial", "0123456"), [], id="what stands there already"),
        pytest.param(
            field("UPS-001", "ups.batteries.2.count", "8"),
            ["-           count: 6", "+           count: 8"],
            id="an item",
        ),
        pytest.param(
            field("UPS-001", "ups.batteries.2.type", "12V 9Ah"), ["+           type: 12V 9Ah"], id="a key of an item"
        ),
        pytest.param(
            field("UPS-001", "ups.batteries.1", None),
            ["-         - {installed: 1401-03-10, count: 6}"],
            id="an item out",
        ),
        pytest.param(
            field("UPS-001", "ups", None),
            [
                "-     ups:",
                "-       capacity_va: 3000",
                "-       batteries:",
                "-         - {installed: 1401-03-10, count: 6}",
                "-         - installed: 1403-03-10",
                "-           count: 6",
            ],
            id="a whole section out",
        ),
        pytest.param(
            SetList(asset_id="UPS-001", field="lock", values=("serial", "vendor")),
            ["-       - model", "+       - vendor"],
            id="a list on lines of its own keeps what stays",
        ),
        pytest.param(
            SetList(asset_id="UPS-001", field="lock", values=()),
            ["-     lock:", "-       - serial  # it lies", "-       - model"],
            id="an empty list goes",
        ),
        pytest.param(
            SetList(asset_id="PC-001", field="lock", values=("serial",)), ["+     lock: [serial]"], id="a new list"
        ),
        pytest.param(
            AddEntry(asset_id="PC-001", field="parts", fields={"serial": "M12345", "kind": "monitor"}),
            ["+       - {kind: monitor, serial: M12345}"],
            id="one more entry as the one above it is written",
        ),
        pytest.param(
            AddEntry(asset_id="UPS-001", field="ups.batteries", fields={"installed": "1405-01-01", "count": "6"}),
            ["+         - installed: 1405-01-01", "+           count: 6"],
            id="one more entry on lines of its own",
        ),
        pytest.param(
            AddEntry(asset_id="UPS-001", field="tests", fields={"on": "1405-01-01", "by": "x", "is_passed": "true"}),
            ["+     tests:", "+       - {on: 1405-01-01, by: x, is_passed: true}"],
            id="the first entry",
        ),
        pytest.param(
            AddAsset(asset_id="PC-002A", fields={"name.fa": "ن", "name.en": "n", "kind": "printer", "site": "head"}),
            ["+   - id: PC-002A", "+     kind: printer", "+     name: {fa: ن, en: n}", "+     site: head", "+ "],
            id="an asset where its id sorts, in the record's order",
        ),
        pytest.param(
            AddAsset(asset_id="PC-009", fields={"name": "n", "kind": "printer", "site": "fardis"}),
            ["+ - {id: PC-009, kind: printer, name: n, site: fardis}"],
            id="an asset in the file that holds those of its site, as they are written there",
        ),
        pytest.param(
            AddAsset(asset_id="A-1", fields={"name": "n", "kind": "printer", "site": "head"}),
            ["+   - id: A-1", "+     kind: printer", "+     name: n", "+     site: head", "+ "],
            id="an asset before all others",
        ),
        pytest.param(
            AddAsset(asset_id="UPS-000", fields={"name": "n", "kind": "ups", "site": "head", "ups.capacity_va": "9"}),
            [
                "+   - id: UPS-000",
                "+     kind: ups",
                "+     name: n",
                "+     site: head",
                "+     ups: {capacity_va: 9}",
                "+ ",
            ],
            id="not between a comment and its entry",
        ),
    ],
)
def test_an_edit_changes_these_lines(tmp_path, edit, wanted):
    assert sorted(lines(plan(tmp_path, edit))) == sorted(wanted)


def test_an_asset_that_is_added_above_a_comment_leaves_it_to_its_entry(tmp_path):
    added = AddAsset(asset_id="UPS-000", fields={"name": "n", "kind": "printer", "site": "head"})
    text = plan(tmp_path, added).files[0].new.text
    assert "\n\n  # the big one\n  - id: UPS-001\n" in text
    assert "\n\n  - id: UPS-000\n" in text


def test_an_asset_of_a_site_without_assets_goes_into_the_file_that_names_the_site(tmp_path):
    path = office(tmp_path, karaj="sites: {karaj: کرج}\n")
    edits = [AddAsset(asset_id="PC-9", fields={"name": "n", "kind": "printer", "site": site}) for site in ["karaj"]]
    changed = plan_edits(load_whole(path), edits)
    assert [file.name for file in changed.files] == ["inventory/karaj.yaml"]
    assert changed.files[0].new.text.startswith("sites: {karaj: کرج}\nassets:\n  - id: PC-9\n")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("sites: {h: x}\n", "sites: {h: x}\nassets:\nNEW"),
        ("sites: {h: x}", "sites: {h: x}\nassets:\nNEW"),
        ("sites: {h: x}\r\nassets:\r\n", "sites: {h: x}\nassets:\nNEW"),
        ("assets: []  # none\nsites: {h: x}\n", "assets:   # none\nNEWsites: {h: x}\n"),
        ("sites: {h: x}\nassets:   # soon\n#  - id: Z\n", "sites: {h: x}\nassets:   # soon\nNEW#  - id: Z\n"),
    ],
)
def test_the_first_asset_of_a_register(tmp_path, text, wanted):
    (tmp_path / "inventory.yaml").write_bytes(text.encode())
    fields = {"name": "n", "kind": "printer", "site": "h"}
    changed = plan_edits(load_whole(tmp_path / "inventory.yaml"), [AddAsset(asset_id="A", fields=fields)])
    entry = "  - id: A\n    kind: printer\n    name: n\n    site: h\n"
    found = changed.files[0].new.text
    assert found.replace("\r\n", "\n").rstrip("\n") == wanted.replace("NEW", entry).rstrip("\n")
    assert found.count("\r\n") in (0, found.count("\n"))


def test_edits_that_only_together_make_sense_are_judged_together(tmp_path):
    price = field("UPS-001", "purchase.price", "5")
    with pytest.raises(ConfigInvalid) as caught:
        plan(tmp_path, price)
    assert "purchase.date" in caught.value.problem
    loaded = load_whole(tmp_path / "inventory.yaml")
    changed = plan_edits(loaded, [price, field("UPS-001", "purchase.date", "1400-01-01")])
    assert lines(changed) == ["+     purchase: {date: 1400-01-01, price: 5}"]
    assert changed.register.get("UPS-001").purchase.price == 5
    assert loaded.register.get("UPS-001").purchase is None


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (field("PC-001", "site", "karaj"), 'inventory.yaml:10  assets[1].site  there is no site "karaj"'),
        (field("PC-001", "kind", "computr"), "did you mean computer?"),
        (field("PC-001", "site", None), "assets[1].site  is missing"),
        (field("PC-001", "in_service", "1402-13-01"), "does not exist"),
        (field("PC-001", "part_of", "PC-001"), "goes round in a circle"),
        (
            field("PC-002", "ups.capacity_va", "3"),
            "inventory/fardis.yaml:2  assets[1].ups  belongs to the kind ups only",
        ),
        (SetList(asset_id="PC-001", field="lock", values=("price",)), "assets[1].lock[1]"),
        (AddAsset(asset_id="bad id", fields={"kind": "other", "name": "x", "site": "head"}), "should be letters"),
    ],
)
def test_an_edit_that_would_make_the_register_invalid_is_refused_with_the_reason(tmp_path, edit, said):
    with pytest.raises(ConfigInvalid) as caught:
        plan(tmp_path, edit)
    assert "nothing was written" in caught.value.problem
    assert said in caught.value.problem


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (field("PC-0O1", "note", "x"), 'no asset "PC-0O1"; did you mean PC-001'),
        (field("PC-001", "serail", "x"), 'no field "serail"; did you mean serial or seal?'),
        (field("PC-001", "id", "PC-004"), "an id never changes"),
        (field("PC-001", "serial.x", "x"), "serial has no fields of its own"),
        (field("PC-001", "parts.x.kind", "x"), "is no position in a list"),
        (field("PC-001", "parts.0.kind", "x"), "is no position in a list"),
        (field("PC-001", "parts.2.kind", "case"), "there is no entry 2 in a list of 1"),
        (AddEntry(asset_id="PC-001", field="serial", fields={}), "is not a list of entries"),
        (AddEntry(asset_id="PC-001", field="parts", fields={"knd": "x"}), "did you mean kind?"),
        (AddAsset(asset_id="PC-002", fields={}), "is in the register already (inventory/fardis.yaml:2)"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(tmp_path, edit, said):
    with pytest.raises(UsageWrong) as caught:
        plan(tmp_path, edit)
    assert said in caught.value.problem


def test_a_text_that_no_yaml_can_hold_is_refused(tmp_path):
    with pytest.raises(ConfigInvalid) as caught:
        plan(tmp_path, field("PC-001", "note", "a\x00b"))
    assert "cannot be changed" in caught.value.problem


def test_three_hundred_edits_are_three_hundred_lines(tmp_path):
    entry = "\n  - id: PC-{:03}\n    kind: computer\n    name: x\n    site: head\n    note: {}  # کامنت\n"
    text = "sites: {head: x}\nassets:\n" + "".join(entry.format(number, number) for number in range(300))
    (tmp_path / "inventory.yaml").write_text(text, encoding="utf-8")
    wanted = [field(f"PC-{number:03}", "note", f"n{number}") for number in range(300)]
    changed = plan_edits(load_whole(tmp_path / "inventory.yaml"), wanted)
    old, new = text.splitlines(), changed.files[0].new.text.splitlines()
    assert len(old) == len(new)
    assert sum(one != other for one, other in zip(old, new, strict=True)) == 300
    shown = changed.diff().splitlines()
    assert sum(line[0] == "+" and line[1:2] != "+" for line in shown) == 300


def test_what_is_shown_as_difference_makes_the_new_file_of_the_old_one(tmp_path):
    changed = plan(tmp_path, field("PC-001", "note", "x"), field("UPS-001", "note", "y"), field("PC-002", "note", "z"))
    assert changed.diff().startswith("--- inventory.yaml\n+++ inventory.yaml\n@@ -")
    for file in changed.files:
        assert applied(file.old.text, file.diff()) == file.new.text


def loaded_of(content: bytes) -> LoadedRegister:
    files = (RegisterFile(path=Path("inventory.yaml"), document=loads(content, "inventory.yaml")),)
    found: dict[str, Any] = {}
    loaded = assemble(files, found)
    assert loaded is not None, found
    return loaded


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_the_register_looks_like_edits_change_what_they_say_and_nothing_else(data):
    tree, content = data.draw(registers())
    wanted = data.draw(edits(tree))
    loaded = loaded_of(content)
    assert loaded.files[0].document.texts == tree
    changed = plan_edits(loaded, wanted)
    new = tree
    for edit in wanted:
        new = expected(new, edit)
    if not changed.files:
        assert new == tree
        return
    patch = changed.files[0].patch
    assert patch.new.texts == new
    assert changed.loaded.files[0].document.text == patch.new.text
    assert applied(patch.old.text, patch.diff()) == patch.new.text
    if not any(isinstance(edit, SetList) for edit in wanted):  # a list that goes takes along what is said inside it
        assert comment_lines(patch.new.text) == comment_lines(patch.old.text)
    assert patch.new.text.count("\r\n") in (0, patch.new.text.count("\n"))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_edits_one_by_one_come_to_the_same_as_all_at_once(data):
    tree, content = data.draw(registers())
    wanted = data.draw(edits(tree))
    at_once = plan_edits(loaded_of(content), wanted)
    loaded = loaded_of(content)
    for edit in wanted:
        if isinstance(edit, SetField) and edit.field == "purchase.supplier":
            continue  # its date may come first only
        loaded = plan_edits(loaded, [edit]).loaded
    for edit in wanted:
        if isinstance(edit, SetField) and edit.field == "purchase.supplier":
            loaded = plan_edits(loaded, [edit]).loaded
    # Where two keys are new in one place their order may differ, the data may not.
    assert loaded.files[0].document.texts == at_once.loaded.files[0].document.texts


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_the_same_edits_again_change_nothing(data):
    tree, content = data.draw(registers())
    ids = {asset["id"] for asset in tree["assets"]}
    drawn = data.draw(edits(tree))
    wanted = [edit for edit in drawn if isinstance(edit, SetField | SetList) and edit.asset_id in ids]
    once = plan_edits(loaded_of(content), wanted)
    last = {(edit.asset_id, edit.field): edit for edit in wanted}
    assert plan_edits(once.loaded, list(last.values())).files == ()


def comment_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip()[:1] == "#"]


def expected(tree: dict[str, Any], edit: Edit) -> dict[str, Any]:
    """What the edit means for the data, written down the simplest way."""
    if isinstance(edit, AddAsset):
        new = {"id": edit.asset_id, "kind": "printer", "name": {"fa": "چاپگر", "en": "x"}, "site": "fardis"}
        found = [*tree["assets"], {**new, "note": edit.fields["note"]}]
        return {**tree, "assets": sorted(found, key=lambda asset: asset["id"])}
    return {**tree, "assets": [_after(one, edit) if one["id"] == edit.asset_id else one for one in tree["assets"]]}


def _after(asset: dict[str, Any], edit: Edit) -> dict[str, Any]:
    if isinstance(edit, AddEntry):
        return {**asset, "parts": [*asset.get("parts", []), dict(edit.fields)]}
    if isinstance(edit, SetList):
        rest = {key: held for key, held in asset.items() if key != edit.field}
        return {**rest, edit.field: list(edit.values)} if edit.values else rest
    above, _, below = edit.field.partition(".")
    if above == "name" and isinstance(asset["name"], str):
        asset = {**asset, "name": {"fa": asset["name"], "en": asset["name"]}}
    if below:
        return {**asset, above: {**asset.get(above, {}), below: edit.value}}
    rest = {key: held for key, held in asset.items() if key != above}
    return {**rest, above: edit.value} if edit.value is not None else rest


def applied(text: str, diff: str) -> str:
    """What `patch` makes of a text and a unified difference."""
    old, new, at = text.split("\n"), [], 0
    old = [f"{line}\n" for line in old[:-1]] + ([old[-1]] if old[-1] else [])
    body: list[str] = []
    for line in diff.split("\n")[2:]:
        if line.startswith("\\"):
            body[-1] = body[-1][:-1]
        else:
            body.append(f"{line}\n")
    for line in body[:-1]:
        if line.startswith("@@"):
            start, _, count = line.split(" ")[1][1:].partition(",")
            begin = int(start) - (count != "0")
            new += old[at:begin]
            at = begin
        elif line[0] == "+":
            new.append(line[1:])
        else:
            assert old[at] == line[1:]
            new += old[at : at + 1] if line[0] == " " else []
            at += 1
    return "".join(new + old[at:])
