"""Whatever bytes somebody calls a workbook: an observation or a named error, soon, and nothing else."""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import ItopsError
from itops.inventory.entities import Entity, Gap
from itops.inventory.rvtools.catalogue import catalogue
from tests.inventory.factory import office
from tests.inventory.rvtools.sheets import rows_of
from tests.sources.rvtools.books import book, changed_part, export, observations

FUZZ = settings(
    max_examples=40, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SHEETS = [sheet for sheet in catalogue().sheets if sheet.name != "vMetaData"]


def consumed(path):
    """Everything a file shows, or the ItopsError that says why not. Any other exception fails the test."""
    try:
        return [it for observation in observations(path) for it in observation.seen]
    except ItopsError as named:
        return [] if named.remedy else pytest.fail(f"no remedy for {named}")


@FUZZ
@given(content=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"<html>"]))
def test_random_bytes(tmp_path, content, start):
    path = tmp_path / "random.xlsx"
    path.write_bytes(start + content)
    assert consumed(path) == []


@FUZZ
@given(data=st.data())
def test_a_workbook_with_random_bytes_changed(tmp_path, data):
    path = export(tmp_path / "mutated.xlsx", office(1))
    raw = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=12)):
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw)
    for it in consumed(path):
        assert isinstance(it, Entity | Gap)


@FUZZ
@given(
    part=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml",
                          "xl/_rels/workbook.xml.rels", "[Content_Types].xml"]),
    cuts=st.tuples(st.integers(0, 4000), st.integers(0, 400)),
    new=st.one_of(st.binary(max_size=60), st.sampled_from(
        [b'<c r="ZZZZ99999999"><v>1</v></c>', b'<c r="A0"><v>1</v></c>', b"<v>1e999</v>",
         b'<c r="A5" t="s"><v>99</v></c>',
         b"&x;", b"<!DOCTYPE x [<!ENTITY x 'x'>]>", b'<c r="A5" t="d"><v>9999-99-99</v></c>']
    )),
)  # fmt: skip
def test_a_workbook_with_broken_parts_inside_a_sound_zip(tmp_path, part, cuts, new):
    import zipfile  # noqa: PLC0415

    path = export(tmp_path / "parts.xlsx", office(1))
    with zipfile.ZipFile(path) as workbook:
        old = workbook.read(part) if part in workbook.namelist() else b"<sst/>"
    start, length = cuts
    consumed(changed_part(path, part, old[:start] + new + old[start + length :]))


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.floats(),
    st.datetimes(min_value=datetime(1900, 1, 2)),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
    st.sampled_from(
        ["True", "vmx-19", "1e400", "۱۲۳", "1,234", "vm-1", "[ds] x/x.vmdk", "1-5, 7-9", "²", "0-99999999999"]
    ),
)


@FUZZ
@given(data=st.data())
def test_random_cells_under_the_right_headers(tmp_path, data):
    chosen = data.draw(st.lists(st.sampled_from(SHEETS), min_size=1, max_size=3, unique_by=lambda sheet: sheet.name))
    sheets = {}
    for sheet in chosen:
        headers = data.draw(st.lists(st.sampled_from(sheet.headers), min_size=1, max_size=12, unique=True))
        headers = [sheet.headers[0], *(header for header in headers if header != sheet.headers[0])]
        rows = st.lists(st.lists(CELLS, min_size=len(headers), max_size=len(headers)), max_size=4)
        sheets[sheet.name] = [headers, *data.draw(rows)]
    found = [it for it in consumed(book(tmp_path / "cells.xlsx", sheets)) if isinstance(it, Entity)]
    for sheet in chosen:
        if sheet.kind:
            rows_of(sheet.name, found)  # what was read can be written again
    assert len({(it.kind, it.key) for it in found}) == len(found)


@FUZZ
@given(text=st.text(max_size=400), name=st.sampled_from(["vInfo", "vHost", "vDisk"]))
def test_random_csv(tmp_path, text, name):
    folder = tmp_path / "csv"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / f"RVTools_tab{name}.csv").write_bytes(("VM,Host,CPUs\n" + text).encode("utf-8", "surrogatepass"))
    consumed(folder)
