"""The rvtools source keeps the contract of all sources."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.sources.rvtools import RvtoolsSource, Settings
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.inventory.factory import office
from tests.sources.rvtools.books import book, export


class TestRvtoolsSource(SourceContract):
    @pytest.fixture
    def make_source(self, tmp_path: Path) -> MakeSource:
        export(tmp_path / "a.xlsx", office(2), created_at=datetime(2026, 10, 1, 6, 0, tzinfo=UTC))
        named = "RVTools_export_all_2020-01-01_00.00.00.xlsx"  # by name only, no UUID: full of gaps
        book(tmp_path / named, {"vInfo": [["VM"], ["srv01"], ["srv01"], ["srv01"]]})
        return lambda name: RvtoolsSource(name, Settings(path=tmp_path))

    @pytest.fixture
    def make_broken(self, tmp_path: Path) -> MakeSource:
        return lambda name: RvtoolsSource(name, Settings(path=tmp_path / "absent"))
