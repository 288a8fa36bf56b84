"""Any other tool's sheet, through a map in YAML."""

import pytest

from itops.errors import ConfigInvalid, InputInvalid
from itops.inventory.entities import Kind
from itops.inventory.records import vm_of
from itops.sources.rvtools.column_map import load_column_map
from tests.sources.rvtools.books import book, observations, seen

MAP = """\
sheet: Report
kind: vm
columns:
  VM Name: name
  RAM (GB): {path: config.hardware.memoryMB, unit: GiB}
  Disk (TB): {path: at.disk_capacity_bytes, unit: TiB}
  State: {path: runtime.powerState, values: {"On": poweredOn, "Off": poweredOff}}
  Made: config.createDate
  Id: config.instanceUuid
  Host: at.host
"""
HEADERS = ["VM Name", "RAM (GB)", "Disk (TB)", "State", "Made", "Id", "Host"]
ROW = ["srv01", 8, 0.5, "on", "1402/05/01 08:00", "5021AAAA-0000-4000-8000-000000000001", "esx01"]


@pytest.fixture
def mapped(tmp_path):
    def write(text=MAP):
        path = tmp_path / "map.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_foreign_sheet_becomes_entities_in_api_units(tmp_path, mapped):
    made = book(tmp_path / "VMReport 2023-07-23.xlsx", {"Report": [HEADERS, ROW, ["srv02", None, None, "Off"]]})
    entities, gaps = seen(made, column_map=mapped())
    one, two = map(vm_of, entities)
    assert (one.name, one.memory_bytes, one.disk_capacity_bytes) == ("srv01", 8 * 2**30, 2**39)
    assert (one.power_state, two.power_state) == ("poweredOn", "poweredOff")
    assert str(one.created_at) == "2023-07-23 04:30:00+00:00"
    assert [it.key for it in entities] == ["5021aaaa-0000-4000-8000-000000000001", "old:srv02"]
    assert {it.kind for it in entities} == {Kind.VM}
    assert "identity.by-name" in {gap.code for gap in gaps}


def test_a_csv_file_is_one_sheet_whatever_it_is_called(tmp_path, mapped):
    (tmp_path / "anything 2023-01-01.csv").write_text("VM Name;RAM (GB)\nsrv01;2,5\n")
    entities, gaps = seen(tmp_path / "anything 2023-01-01.csv", column_map=mapped())
    assert vm_of(entities[0]).memory_bytes == 2560 * 2**20
    assert {gap.code for gap in gaps} >= {"workbook.missing-columns"}


@pytest.mark.parametrize(
    ("sheets", "problem"),
    [({"Other": [HEADERS]}, "no sheet 'Report'"), ({"Report": [["x"], [1]]}, "column with the name")],
)
def test_a_sheet_that_does_not_fit_the_map_is_refused(tmp_path, mapped, sheets, problem):
    with pytest.raises(InputInvalid, match=problem):
        list(observations(book(tmp_path / "r.xlsx", sheets), column_map=mapped())[0].seen)


def test_every_mistake_is_told_at_once_with_its_line(mapped):
    path = mapped("sheet: Report\nkind: hots\ncolums: {}\nsheet: x\n")
    with pytest.raises(ConfigInvalid) as failure:
        load_column_map(path)
    lines = failure.value.problem.splitlines()
    assert f"{path}:2  kind  'hots' is not a kind; did you mean host?" in lines
    assert f"{path}:3  colums  unknown key; did you mean columns?" in lines
    assert f"{path}:4  sheet  is there twice" in lines
    assert any("columns  is missing" in line for line in lines)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("  A: config.hardware.memory", "did you mean config.hardware.memoryMB"),
        ("  A: {path: config.hardware.memoryMB, unit: parsec}", "'parsec' cannot be; write one of bytes"),
        ("  A: {path: config.annotation, unit: GiB}", "no unit that can be converted"),
        ("  A: {unit: GiB}", "has no `path`"),
        ("  A: {path: name, colour: red}", "unknown key"),
        ("  A: [name]", "must be a mapping"),
        ("  A: ''", "must be a text"),
        ("  A: name\n  B: name", "is filled by 'A', too"),
        ("  A: config.annotation", "no column is the `name`"),
        ("  A: &x name\n  B: *x", "anchors and aliases"),
        ("  A: {", "not YAML"),
    ],
)
def test_each_mistake_names_file_and_line(mapped, line, problem):
    path = mapped(f"sheet: R\nkind: vm\ncolumns:\n{line}\n")
    with pytest.raises(ConfigInvalid) as failure:
        load_column_map(path)
    assert problem in failure.value.problem
    assert f"{path}:" in failure.value.problem


def test_a_bomb_of_aliases_and_a_huge_map_are_refused(mapped):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    for text in (bomb, "x" * 300_000, "[" * 5000):
        with pytest.raises(ConfigInvalid):
            load_column_map(mapped(text))


def test_an_absent_map_is_said(tmp_path):
    with pytest.raises(ConfigInvalid, match="cannot read"):
        load_column_map(tmp_path / "absent.yaml")
