"""The folder as a repository like any other."""

import os
from pathlib import Path

import pytest

from itops.repositories.folder import FolderRepository, Settings
from tests.contracts.repository_contract import TEHRAN, FileRepositoryContract, MakeRepository


class TestFolder(FileRepositoryContract):
    @pytest.fixture
    def make_repository(self, tmp_path: Path) -> MakeRepository:
        (tmp_path / "sql01").mkdir()
        (tmp_path / "sql01" / "Insurance_14050901.bak").write_bytes(os.urandom(3 << 20))
        (tmp_path / "empty.bak").touch()
        (tmp_path / "بیمه.bak").write_bytes(b"0123456789" * 1000)
        (tmp_path / os.fsdecode(b"caf\xe9\n.bak")).write_bytes(b"x")
        (tmp_path / "outside").symlink_to("/etc")
        return lambda name: FolderRepository(name, Settings(path=tmp_path), TEHRAN)

    @pytest.fixture
    def make_broken(self, tmp_path: Path) -> MakeRepository:
        return lambda name: FolderRepository(name, Settings(path=tmp_path / "not-there"), TEHRAN)
