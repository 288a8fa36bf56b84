"""The catalogue file as a repository like any other."""

from pathlib import Path

import pytest

from itops.repositories.catalog import CatalogRepository, Settings
from tests.contracts.repository_contract import TEHRAN, MakeRepository, RepositoryContract

CSV = """\
object,server,kind,started_at,finished_at,size_bytes,status,id
Insurance,sql01,full,2026-11-21T23:30:00+03:30,2026-11-21T23:52:00+03:30,1073741824,ok,job-1
Payroll,sql01,full,1405-08-30 23:52,,,failed,job-2
Payroll,sql01,full,yesterday,,,ok,job-3
"""
JSON = '{"copies": [{"object": "dc01", "server": "vm", "finished_at": "2026-11-21 23:30", "size_bytes": 5}]}'


class TestCsv(RepositoryContract):
    @pytest.fixture
    def make_repository(self, tmp_path: Path) -> MakeRepository:
        path = tmp_path / "copies.csv"
        path.write_text(CSV, encoding="utf-8-sig")
        return lambda name: CatalogRepository(name, Settings(path=path), TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path: Path) -> MakeRepository:
        return lambda name: CatalogRepository(name, Settings(path=tmp_path / "not-there.csv"), TEHRAN)


class TestJson(TestCsv):
    @pytest.fixture
    def make_repository(self, tmp_path: Path) -> MakeRepository:
        path = tmp_path / "copies.json"
        path.write_text(JSON, encoding="utf-8")
        return lambda name: CatalogRepository(name, Settings(path=path), TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path: Path) -> MakeRepository:
        path = tmp_path / "page.json"
        path.write_text("<html>502</html>")
        return lambda name: CatalogRepository(name, Settings(path=path), TEHRAN)
