"""The register of custody in SQLite: kept, chained, and every forgery noticed without a failure."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.custody.chain import first_break
from itops.backup.custody.records import KINDS
from itops.backup.custody.register import register_of
from itops.store import StoreLocation, open_reader, open_store
from itops.store.custody import from_entry_document, to_entry_document
from tests.backup.custody.building import added, rows_of
from tests.contracts.custody_contract import ENTRIES, CustodyContract, kept
from tests.store.building import NOW

_COLUMNS = ("number", "recorded_at", "medium", "document", "previous_hash", "hash")


class TestSqliteCustody(CustodyContract):
    @pytest.fixture
    def new_location(self, tmp_path: Path) -> Callable[[], StoreLocation]:
        numbers = count()
        return lambda: StoreLocation(folder=tmp_path / f"state{next(numbers)}")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("custody") / "state"
    with open_store(StoreLocation(folder=folder), NOW) as store:
        kept(store, *ENTRIES)
    return folder


@pytest.fixture
def location(filled: Path, tmp_path: Path) -> StoreLocation:
    return StoreLocation(folder=shutil.copytree(filled, tmp_path / "state"))


def forge(location: StoreLocation, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(location.database)) as connection, connection:
        connection.execute(sql, values)


@pytest.mark.parametrize("number", range(1, len(ENTRIES) + 1))
@pytest.mark.parametrize("column", _COLUMNS)
def test_a_value_changed_in_the_database_itself_is_noticed(location: StoreLocation, number: int, column: str) -> None:
    value = 10**6 + number if column in ("number", "recorded_at") else "x"
    forge(location, f"UPDATE custody SET {column} = ? WHERE number = ?", value, number)
    with open_reader(location) as reader:
        assert first_break(reader.custody.rows()) is not None


def test_a_row_removed_from_the_database_is_noticed(location: StoreLocation) -> None:
    forge(location, "DELETE FROM custody WHERE number = 4")
    with open_reader(location) as reader:
        broken = first_break(reader.custody.rows())
    assert broken is not None
    assert (broken.number, broken.reason) == (5, "number")


@pytest.mark.parametrize("moment", [-(2**63), 2**63 - 1])
def test_a_moment_that_no_calendar_has_is_noticed_by_reader_and_writer(location: StoreLocation, moment: int) -> None:
    forge(location, "UPDATE custody SET recorded_at = ? WHERE number = 2", moment)
    with open_reader(location) as reader, open_store(location, NOW) as store:
        for rows in (reader.custody.rows(), store.custody.rows()):
            broken = first_break(rows)
            assert broken is not None
            assert broken.number == 2
            assert rows[1].recorded_at is None
            register_of(rows)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@given(st.text(max_size=60) | JSON.map(json.dumps))
def test_what_is_no_entry_is_none_and_no_failure(text: str) -> None:
    assert from_entry_document(text, "M0001-3") is None


@settings(max_examples=400)
@given(st.sampled_from(ENTRIES), JSON, st.data())
def test_an_entry_with_any_value_in_any_field_is_read_or_refused_and_replayed(
    entry: object, value: object, data: st.DataObject
) -> None:
    whole = json.loads(to_entry_document(entry))  # type: ignore[arg-type]
    field = data.draw(st.sampled_from(sorted(whole["entry"])))
    whole["entry"][field] = value
    read = from_entry_document(json.dumps(whole), whole["entry"].get("medium", ""))
    if read is not None:
        found = register_of(rows_of([added(), read]))
        assert found.broken is None
        assert len(found.rows) == 2


def test_a_kind_that_a_newer_itops_writes_is_not_understood_and_does_no_harm() -> None:
    document = to_entry_document(ENTRIES[0]).replace('"kind":"added"', '"kind":"teleported"')
    assert json.loads(document)["kind"] == "teleported"
    assert from_entry_document(document, "M0001-3") is None


def test_a_field_that_a_newer_itops_adds_is_ignored() -> None:
    whole = json.loads(to_entry_document(ENTRIES[2]))
    whole["entry"]["colour"] = "red"
    assert from_entry_document(json.dumps(whole), "M0001-3") == ENTRIES[2]


def test_an_entry_about_another_medium_than_its_row_says_is_not_believed() -> None:
    assert from_entry_document(to_entry_document(ENTRIES[0]), "M0002-1") is None


def test_every_kind_of_entry_is_tried_here() -> None:
    assert {type(entry) for entry in ENTRIES} == set(KINDS.values())


def test_reading_the_register_loads_no_sqlalchemy(location: StoreLocation) -> None:
    script = (
        "import sys; from pathlib import Path; from itops.store import StoreLocation, open_reader\n"
        f"print(len(open_reader(StoreLocation(folder=Path({str(location.folder)!r}))).custody.rows()))\n"
        "print('sqlalchemy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(len(ENTRIES)), "False"]
