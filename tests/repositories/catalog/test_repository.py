"""What a catalogue file tells, and what is said of one that tells it badly."""

import csv
import io
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.backup.copies import Copy, CopyKind, Fault
from itops.backup.repositories import Listed, LookGap
from itops.errors import SourceUnavailable
from itops.repositories.catalog import CatalogRepository, Settings
from itops.repositories.catalog.rows import COLUMNS, copy_of_row
from tests.contracts.repository_contract import NAME, NOW, TEHRAN, copies, gaps, seen

GOOD = {"object": "Insurance", "server": "sql01", "finished_at": "2026-11-21T23:30:00+03:30"}


def looked(folder: Path, text: str | bytes, name: str = "copies.csv", **more: Any) -> list[Listed]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return seen(CatalogRepository(NAME, Settings(path=path, **more), TEHRAN))


def table(*rows: dict[str, str], delimiter: str = ",") -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def only(folder: Path, **cells: str) -> Copy:
    (copy,) = looked(folder, table({**GOOD, **cells}))
    assert isinstance(copy, Copy)
    return copy


def test_a_full_row_becomes_a_copy_with_the_identity_the_product_tells(tmp_path: Path) -> None:
    copy = only(
        tmp_path,
        kind="differential",
        started_at="2026-11-21T22:00:00+03:30",
        size_bytes="۱۰۷۳۷۴۱۸۲۴",
        status="Warning",
        id="job-7",
        labels="nightly; hr",
        location="tape 12",
        sha256="AB" * 32,
        made_by="Archiver 9",
    )
    assert copy.catalogue is not None
    assert (copy.key, copy.object, copy.kind, copy.size_bytes) == (
        "job-7",
        "sql01/Insurance",
        CopyKind.DIFFERENTIAL,
        1 << 30,
    )
    assert (copy.labels, copy.faults, copy.files) == ({"nightly", "hr"}, (), ())
    told = copy.catalogue
    assert (told.object, told.server, told.made_by, told.kind) == (
        "Insurance",
        "sql01",
        "Archiver 9",
        CopyKind.DIFFERENTIAL,
    )
    assert told.started_at == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert told.finished_at == datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert told.utc_offset_minutes == 210
    assert told.facts == {"status": "warning", "location": "tape 12", "sha256": "ab" * 32}


def test_a_copy_that_failed_is_a_copy_with_a_fault(tmp_path: Path) -> None:
    assert only(tmp_path, status="failed").faults == (Fault(code="reported-failed"),)


def test_without_an_id_object_kind_and_time_are_the_key_and_without_a_server_the_object_stands_alone(
    tmp_path: Path,
) -> None:
    assert only(tmp_path).key == "sql01/Insurance unknown 2026-11-21T20:00:00Z"
    assert only(tmp_path, server="").object == "Insurance"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T23:30:00+03:30", "2026-11-21T20:00"),
        ("2026-11-21T20:00:00Z", "2026-11-21T20:00"),
        ("2026-11-21 23:30", "2026-11-21T20:00"),
        ("2026-11-21 23:30:00.123", "2026-11-21T20:00"),
        ("1405-08-30 23:30", "2026-11-21T20:00"),
        ("1405/8/30 23:30:00", "2026-11-21T20:00"),
        ("۱۴۰۵/۰۸/۳۰ ۲۳:۳۰", "2026-11-21T20:00"),
        ("1405-08-30T23:30:00-0500", "2026-11-22T04:30"),
    ],
)
def test_a_moment_may_be_written_in_either_calendar(tmp_path: Path, text: str, moment: str) -> None:
    told = only(tmp_path, finished_at=text).catalogue
    assert told is not None
    assert told.finished_at == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_times_without_an_offset_are_in_the_zone_of_the_settings(tmp_path: Path) -> None:
    (copy,) = copies(
        looked(tmp_path, table({**GOOD, "finished_at": "2026-11-21 23:30"}), timezone=ZoneInfo("Europe/Berlin"))
    )
    assert copy.catalogue is not None
    assert copy.catalogue.finished_at == datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    assert copy.catalogue.utc_offset_minutes is None


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"finished_at": "yesterday"}, "finished_at 'yesterday' is not a moment"),
        ({"finished_at": "2026-11-21"}, "not a moment"),
        ({"finished_at": "1405-12-30 23:30"}, "not a moment"),
        ({"finished_at": "2026-11-21 24:30"}, "not a moment"),
        ({"finished_at": "2026-11-21T23:30:00+99:00"}, "not a moment"),
        ({"finished_at": "9999-12-31T23:30:00-12:00"}, "not a moment"),
        ({"finished_at": ""}, "neither started_at nor finished_at"),
        ({"started_at": "2026-11-22 23:30"}, "finished before it started"),
        ({"object": " "}, "object is empty"),
        ({"size_bytes": "1 GB"}, "not a whole number"),
        ({"size_bytes": "-1"}, "not a whole number"),
        ({"size_bytes": "9" * 30}, "not a whole number"),
        ({"kind": "complete"}, "kind 'complete' is none of full"),
        ({"status": "done"}, "status 'done' is none of ok"),
        ({"sha256": "abc"}, "not 64 hexadecimal digits"),
        ({"object": "x" * 2000}, "at most 1000"),
    ],
)
def test_a_bad_row_is_a_gap_with_its_line_and_the_others_are_read(
    tmp_path: Path, cells: dict[str, str], problem: str
) -> None:
    listed = looked(tmp_path, table({**GOOD, "id": "1"}, {**GOOD, "id": "2", **cells}, {**GOOD, "id": "3"}))
    assert [copy.key for copy in copies(listed)] == ["1", "3"]
    (gap,) = gaps(listed)
    assert (gap.code, gap.subject, gap.hides) == ("catalog.row", "copies.csv line 3", True)
    assert problem in gap.problem


def test_a_copy_that_stands_there_twice_is_taken_once(tmp_path: Path) -> None:
    listed = looked(tmp_path, table(GOOD, {**GOOD, "size_bytes": "7"}))
    assert len(copies(listed)) == 1
    (gap,) = gaps(listed)
    assert (gap.code, gap.subject, gap.hides) == ("catalog.duplicate", "copies.csv line 3", False)
    assert "line 2" in gap.problem


def test_columns_nobody_knows_are_told_once_and_the_rest_is_read(tmp_path: Path) -> None:
    listed = looked(tmp_path, table({**GOOD, "size_in_gb": "7"}, {**GOOD, "id": "2", "size_in_gb": "7"}))
    assert len(copies(listed)) == 2
    (gap,) = gaps(listed)
    assert (gap.code, gap.hides) == ("catalog.unknown-columns", False)
    assert "size_in_gb" in gap.problem


@pytest.mark.parametrize(
    ("columns", "missing"), [({"server": "a", "finished_at": "b"}, "object"), ({"object": "a"}, "started_at or")]
)
def test_a_column_that_must_be_there_is_missed_once(tmp_path: Path, columns: dict[str, str], missing: str) -> None:
    (gap,) = looked(tmp_path, table(columns, columns))
    assert isinstance(gap, LookGap)
    assert (gap.code, gap.hides) == ("catalog.missing-columns", True)
    assert missing in gap.problem


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_spreadsheets_are_understood(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = table({**GOOD, "Object": "بیمه"} | {"object": "بیمه"}, delimiter=delimiter)
    (copy,) = copies(looked(tmp_path, text.encode(encoding)))
    assert copy.object == "sql01/بیمه"


def test_headers_may_be_written_with_capitals_and_blanks(tmp_path: Path) -> None:
    (copy,) = copies(looked(tmp_path, "Object,Finished At\r\nInsurance,2026-11-21 23:30\r\n\r\n,\r\n"))
    assert copy.object == "Insurance"


def test_a_row_may_lack_empty_cells_at_its_end_but_not_have_more_than_the_header(tmp_path: Path) -> None:
    head = "object,finished_at,size_bytes\n"
    listed = looked(tmp_path, head + "a,2026-11-21 23:30\nb,2026-11-21 23:30,,,\nc,2026-11-21 23:30,5,surplus\n")
    assert [copy.object for copy in copies(listed)] == ["a", "b"]
    assert "4 cells" in gaps(listed)[0].problem


def test_a_file_that_breaks_off_in_a_quotation_hides_what_follows(tmp_path: Path) -> None:
    listed = looked(tmp_path, table(GOOD) + '"Payroll,sql01,2026-11-21 23:30\nmore\n')
    assert len(copies(listed)) == 1
    assert [(gap.code, gap.hides) for gap in gaps(listed)] == [("catalog.broken", True)]


def test_very_many_bad_rows_are_counted(tmp_path: Path) -> None:
    listed = looked(tmp_path, table(GOOD, *({**GOOD, "kind": "?"} for _ in range(250))))
    assert len(copies(listed)) == 1
    assert len(gaps(listed)) == 101
    assert "150 more" in gaps(listed)[-1].problem


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("copies.csv", b""),
        ("copies.csv", "حساب".encode("cp1256")),
        ("copies.csv", b"\xff\xfeo"),
        ("copies.json", b""),
        ("copies.json", b"{}"),
        ("copies.json", b'{"copies": {}}'),
        ("copies.json", b"[" * 100_000),
        ("copies.json", b'[{"size_bytes": ' + b"9" * 10_000 + b"}]"),
    ],
)
def test_what_is_no_catalogue_at_all_is_said_with_a_remedy(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(SourceUnavailable) as failure:
        looked(tmp_path, data, name)
    assert failure.value.remedy


def test_a_folder_or_a_file_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no file of at most"):
        seen(CatalogRepository(NAME, Settings(path=tmp_path), TEHRAN))
    with (tmp_path / "copies.csv").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(SourceUnavailable, match="at most 64 MiB"):
        seen(CatalogRepository(NAME, Settings(path=tmp_path / "copies.csv"), TEHRAN))


def test_the_age_of_the_file_is_a_fact(tmp_path: Path) -> None:
    looked(tmp_path, table(GOOD))
    os.utime(tmp_path / "copies.csv", (1_700_000_000, 1_700_000_000))
    look = CatalogRepository(NAME, Settings(path=tmp_path / "copies.csv"), TEHRAN).look(NOW, {})
    assert look.facts == {"written_at": "2023-11-14T22:13:20+00:00"}


def test_json_is_a_list_or_an_object_with_copies(tmp_path: Path) -> None:
    rows = [
        {**GOOD, "id": 7, "size_bytes": 5, "labels": ["a", "b"], "server": None},
        "no object",
        {**GOOD, "size_bytes": 1.5},
        {**GOOD, "status": True},
        {**GOOD, "id": "\ud800"},
    ]
    for held in (rows, {"copies": rows}):
        listed = looked(tmp_path, json.dumps(held), "copies.json")
        one, other = copies(listed)
        assert (one.key, one.object, one.size_bytes, one.labels) == ("7", "Insurance", 5, {"a", "b"})
        assert other.key == "?"
        assert [gap.subject for gap in gaps(listed)] == [f"copies.json copy {number}" for number in (2, 3, 4)]
    assert looked(tmp_path, "[]", "odd.name", format="json") == []


def test_a_fingerprint_changes_with_anything_that_is_told(tmp_path: Path) -> None:
    changes = ({}, {"size_bytes": "7"}, {"status": "failed"}, {"sha256": "0" * 64}, {"kind": "full"}, {"labels": "x"})
    marks = [only(tmp_path, id="1", **cells).fingerprint for cells in changes]
    assert len(set(marks)) == len(changes)
    assert only(tmp_path, id="1").fingerprint == marks[0]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    data=st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.lists(st.dictionaries(st.sampled_from(COLUMNS), st.text(), min_size=2), min_size=1)
        .map(lambda rows: table(*rows))
        .map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(COLUMNS), inner),
        ).map(lambda held: json.dumps([held]).encode()),
    ),
    name=st.sampled_from(["copies.csv", "copies.json"]),
)
def test_any_bytes_give_copies_gaps_or_source_unavailable(tmp_path: Path, data: bytes, name: str) -> None:
    try:
        listed = looked(tmp_path, data, name)
    except SourceUnavailable:
        return
    for thing in listed:
        assert isinstance(thing, Copy | LookGap)
        if isinstance(thing, Copy):
            assert thing.key.encode()
            assert str(thing.object).encode()


@given(st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14 * 4, 14 * 4))
def test_an_instant_is_the_same_whatever_offset_it_is_written_with(moment: datetime, quarters: int) -> None:
    minutes = quarters * 15
    sign = "-" if minutes < 0 else "+"
    local = moment.replace(microsecond=0) + timedelta(minutes=minutes)
    text = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    told = copy_of_row({**GOOD, "finished_at": text}, NAME, TEHRAN).catalogue
    assert told is not None
    assert told.finished_at == moment.replace(microsecond=0, tzinfo=UTC)
    assert told.utc_offset_minutes == minutes
