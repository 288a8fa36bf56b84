"""The workbook on disk, as another program reads it."""

import weakref
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from itops import __version__
from itops.errors import StoreUnavailable, UsageWrong
from itops.inventory.entities import Kind
from itops.inventory.rvtools.catalogue import catalogue
from itops.reports.rvtools import xlsx
from itops.tasks.export_rvtools import Disclosure, ExportForm, export_rvtools
from tests.inventory.factory import SEEN_AT, datastore_entity, office, reader_of, vm_entity

TEHRAN = ZoneInfo("Asia/Tehran")
HEALTH = [("srv01", "VM has a CD-ROM connected", "CDROM", "vc01"), ("=1+1", "@x", "Zombie", "elsewhere")]


def export(out: Path, entities=None, **options):
    options = {"created_at": SEEN_AT, "zone": TEHRAN, **options}
    return export_rvtools(reader_of(office() if entities is None else entities), HEALTH, out, **options)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    out = tmp_path_factory.mktemp("export") / "office.xlsx"
    export(out)
    return load_workbook(out)


def test_all_sheets_have_their_headers_even_empty_ones(book):
    assert book.sheetnames == [sheet.name for sheet in catalogue().sheets]
    assert [cell.value for cell in book["vUSB"][1]][:3] == ["VM", "Powerstate", "Template"]
    assert book["vUSB"].max_row == 1


def test_the_header_row_looks_and_behaves_as_in_rvtools(book):
    for sheet in book:
        head = sheet["A1"]
        assert (head.font.name, head.font.size, head.font.bold) == ("Verdana", 9, True)
        assert (head.font.color.rgb[-6:], head.fill.fgColor.rgb[-6:]) == ("FFFFFF", "000000")
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")


def test_types_and_number_formats(book):
    cells = {head.value: cell for head, cell in zip(book["vInfo"][1], book["vInfo"][2], strict=True)}
    assert (cells["Memory"].value, cells["Memory"].number_format) == (8192, "#,##0")
    assert cells["Template"].value == "False", "a text, not a boolean"
    assert cells["PowerOn"].value == datetime(2026, 10, 1, 0, 45), "21:15 UTC is 0:45 of the next day in Tehran"
    assert cells["PowerOn"].number_format == "yyyy/MM/dd HH:mm:ss"
    assert cells["Annotation"].value == "سرور بیمه\nrole: sql"
    sizes = {head.value: cell for head, cell in zip(book["vSnapshot"][1], book["vSnapshot"][2], strict=True)}
    assert (sizes["Size MiB (vmsn)"].value, sizes["Size MiB (vmsn)"].number_format) == (1.5, "#,##0.00")
    keys = {head.value: cell for head, cell in zip(book["vDisk"][1], book["vDisk"][2], strict=True)}
    assert keys["Disk Key"].value == "2000", "digits that are an id stay text"


def test_who_wrote_it_and_the_findings(book):
    assert [cell.value for cell in book["vMetaData"][2]] == [
        "itops " + ".".join(__version__.split(".")[:2]),
        f"itops {__version__}",
        datetime(2026, 10, 23, 12, 0),
        "vc01.example.ir",
    ]
    told = [cell.value for cell in book["vHealth"][2]]
    assert told[:4] == [*HEALTH[0][:3], "vc01.example.ir"]
    assert book["vHealth"]["D3"].value is None  # nobody knows the server of that source
    assert book["vHealth"]["A3"].data_type == "s"


def test_text_from_outside_never_becomes_a_formula_a_link_or_a_number(tmp_path):
    names = ["=cmd|' /C calc'!A0", "[/]", "http://example.ir/", "0012", "\x1b[31mred", "a" * 40_000, "_x0041_", "@x"]
    out = tmp_path / "names.xlsx"
    export(out, [vm_entity(number, {"name": name}) for number, name in enumerate(names)])
    cells = [row[0] for row in load_workbook(out)["vInfo"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}
    shown = [cell.value for cell in cells]
    assert shown[:4] == names[:4]
    assert shown[4] == "[31mred"
    assert len(shown[5]) == 32_767
    assert shown[6:] == ["_x005F_x0041_", "@x"], "as a spreadsheet escapes _x0041_, which it would show as A"


def test_the_same_history_gives_the_same_bytes(tmp_path):
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    export(one)
    export(two)
    assert one.read_bytes() == two.read_bytes()
    export(two, created_at=SEEN_AT + timedelta(days=1))
    assert one.read_bytes() != two.read_bytes()


def test_a_failure_in_the_middle_leaves_the_old_file_and_no_litter(tmp_path):
    out = tmp_path / "office.xlsx"
    export(out)
    before = out.read_bytes()

    def breaking(kind):
        yield from reader_of(office())(kind)
        if kind is Kind.LICENSE:
            raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        export_rvtools(breaking, [], out, created_at=SEEN_AT, zone=TEHRAN)
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


def test_a_place_that_cannot_be_written_is_a_named_error(tmp_path):
    with pytest.raises(UsageWrong, match="there is no folder"):
        export(tmp_path / "nowhere" / "x.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(UsageWrong, match="is a folder"):
        export(tmp_path / "folder.xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageWrong, match="is a file"):
        export(tmp_path / "file", form=ExportForm.CSV)
    with pytest.raises(StoreUnavailable, match="cannot make the folder"):
        export(tmp_path / "file" / "below", form=ExportForm.CSV)


def test_rows_beyond_the_last_of_a_sheet_are_counted_not_lost_silently(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    written = export(tmp_path / "full.xlsx", [vm_entity(number) for number in range(4)])
    assert (written.row_counts["vInfo"], written.left_out["vInfo"]) == (2, 2)


def test_redacted_workbooks_hold_no_licence_key(tmp_path):
    out = tmp_path / "redacted.xlsx"
    export(out, disclosure=Disclosure.REDACTED)
    assert all("AAAAA" not in str(cell) for sheet in load_workbook(out) for row in sheet.values for cell in row)


def test_csv_is_one_file_a_sheet_with_harmless_cells_on_one_line(tmp_path):
    folder = tmp_path / "csv"
    written = export(folder, [vm_entity(1, {"name": "=cmd|x"}), datastore_entity()], form=ExportForm.CSV)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"RVTools_tab{sheet.name}.csv" for sheet in catalogue().sheets
    )
    raw = (folder / "RVTools_tabvInfo.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfVM,Powerstate,Template")
    row = raw.decode("utf-8-sig").splitlines()[1]
    assert row.startswith("'=cmd|x,poweredOn,False,False,green")
    assert "سرور بیمه role: sql" in row
    assert "2026/10/01 00:45:00" in row
    assert written.row_counts["vDatastore"] == 1


class Document(dict):
    """A property map that can be watched."""

    __hash__ = object.__hash__


def test_never_more_than_two_vm_documents_are_held_at_once(tmp_path):
    alive: weakref.WeakSet[Document] = weakref.WeakSet()
    most = 0

    def watched(number: int):
        nonlocal most
        document = Document(vm_entity(number).properties)
        alive.add(document)
        most = max(most, len(alive))
        return replace(vm_entity(number), properties=document)

    def entities(kind):
        return map(watched, range(30)) if kind is Kind.VM else reader_of(office(0))(kind)

    written = export_rvtools(entities, [], tmp_path / "big.xlsx", created_at=SEEN_AT, zone=TEHRAN)
    assert written.row_counts["vInfo"] == 30
    assert most == 2, "the one being written and the next"


def test_a_sentence_of_the_health_sheet_is_not_cut_on_the_screen(tmp_path):
    sentence = "The certificate of the host ends on 2026-12-26, in 54 days, and nobody has ordered another one"
    export_rvtools(
        reader_of(office()), [("esx01", sentence, "Certificate", "vc01")], tmp_path / "o.xlsx",
        created_at=SEEN_AT, zone=TEHRAN,
    )  # fmt: skip
    book = load_workbook(tmp_path / "o.xlsx")
    assert book["vHealth"].column_dimensions["B"].width > len(sentence)
    assert max(shown.width for shown in book["vInfo"].column_dimensions.values()) < 50
