"""The store contract on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from filelock import FileLock

from itops.store import StoreLocation
from tests.contracts.store_contract import StoreContract


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def new_location(self, tmp_path: Path) -> Callable[[], StoreLocation]:
        numbers = count()
        return lambda: StoreLocation(folder=tmp_path / f"state{next(numbers)}")

    @contextmanager
    def somebody_writing(self, location: StoreLocation) -> Iterator[None]:
        with FileLock(location.folder / "itops.lock"):
            yield
