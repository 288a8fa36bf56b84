"""The repository contract on a simulated SQL Server."""

import socket
from collections.abc import Iterator

import pytest

from itops.repositories.mssql import MssqlHistory
from tests.contracts.repository_contract import TEHRAN, MakeRepository, RepositoryContract
from tests.repositories.mssql.office import BACKUP, DATABASE, PAYROLL, history_of, office
from tests.repositories.mssql.tds_server import TdsServer, running

BACKUPS = (
    BACKUP,
    {**BACKUP, "backup_set_id": 102, "backup_set_uuid": None, "type": "L", "is_damaged": True},
    {**BACKUP, "backup_set_id": 103, "backup_set_uuid": PAYROLL, "database_name": "حقوق", "time_zone": 127},
)


class TestMssqlHistory(RepositoryContract):
    @pytest.fixture
    def make_repository(self) -> Iterator[MakeRepository]:
        script = office(backups=BACKUPS, databases=[DATABASE, {**DATABASE, "name": "حقوق"}], restores=[{}])
        with running(TdsServer(script)) as server:
            yield lambda name: MssqlHistory(name, history_of(server).settings, TEHRAN)

    @pytest.fixture
    def make_broken(self) -> MakeRepository:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            settings = history_of(TdsServer((), port=probe.getsockname()[1])).settings
        return lambda name: MssqlHistory(name, settings, TEHRAN)
