"""The store contract on a real PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.errors import StoreUnavailable
from itops.secrets import Secret
from itops.store import StoreLocation, open_reader, open_store
from itops.store.postgresql_gate import _WRITE_LOCK
from tests.contracts.store_contract import UNHURRIED, StoreContract, load_in_any_order
from tests.e2e.postgresql import Server, running_server
from tests.store.building import NOW, day, scan_once, vm

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


def location_on(server: Server, folder: Path, password: str | None = None) -> StoreLocation:
    return StoreLocation(folder=folder, url=server.new_database(), password=Secret(password or server.password))


class TestPostgresqlStore(StoreContract):
    @pytest.fixture
    def new_location(self, server: Server, tmp_path: Path) -> Callable[[], StoreLocation]:
        self.server = server
        return lambda: location_on(server, tmp_path)

    @settings(max_examples=8, **UNHURRIED)
    @given(data=st.data())
    def test_the_order_of_loading_does_not_matter(
        self, new_location: Callable[[], StoreLocation], data: st.DataObject
    ) -> None:
        load_in_any_order(new_location, data)

    @contextmanager
    def somebody_writing(self, location: StoreLocation) -> Iterator[None]:
        assert location.url is not None
        with self.server.connect(location.url.rpartition("/")[2]) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_WRITE_LOCK,))
            yield


def test_a_wrong_password_is_explained_and_never_shown(server: Server, tmp_path: Path) -> None:
    location = location_on(server, tmp_path, password="not-the-password")
    for open_it in (lambda: open_store(location, NOW), lambda: open_reader(location)):
        with pytest.raises(StoreUnavailable) as caught:
            open_it()
        assert "password" in caught.value.remedy
        assert "not-the-password" not in caught.value.problem + repr(location)


def test_a_server_that_is_not_there_is_explained(tmp_path: Path) -> None:
    location = StoreLocation(folder=tmp_path, url="postgresql://itops@127.0.0.1:9/itops")
    for open_it in (lambda: open_store(location, NOW), lambda: open_reader(location)):
        with pytest.raises(StoreUnavailable) as caught:
            open_it()
        assert "doctor" in caught.value.remedy


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_persian_is_refused_while_it_is_empty(
    server: Server, tmp_path: Path, encoding: str
) -> None:
    location = StoreLocation(folder=tmp_path, url=server.new_database(encoding), password=Secret(server.password))
    with pytest.raises(StoreUnavailable, match=encoding) as caught:
        open_store(location, NOW)
    assert "UTF8" in caught.value.remedy


def test_a_reader_can_write_nothing(server: Server, tmp_path: Path) -> None:
    location = location_on(server, tmp_path)
    scan_once(location, "vc01", day(0), [vm("a")])
    with open_reader(location) as reader, pytest.raises(Exception, match="read-only"):
        reader._connection.rows("DELETE FROM revision RETURNING id")
