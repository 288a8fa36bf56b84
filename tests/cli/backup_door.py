"""A person at the door of `itops backup`: an office in a folder, a clock that is moved by hand, exit codes as seen."""

import csv
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from itops.cli.backup import backup
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.errors import ItopsError
from tests.tasks.backup_office import TEHRAN

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # Sunday, 1 Azar 1405, 10:00 in Tehran
PLAN = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
backup:
  days: {start: "06:00"}
  repositories:
    nas: {type: folder, path: copies}
  jobs:
    insurance:
      protects: sql01/Insurance
      repository: nas
      files: "Insurance_{year}{month}{day}_{hour}{minute}.bak"
      level: L3
      since: 1405-08-28
      daily: {due: "06:00", keep: 3}
    letters:
      protects: files/fs01/letters
      repository: nas
      files: "letters_{year}{month}{day}.sqlite"
      since: 1405-08-24
      weekly: {on: thursday, keep: 1}
      drill: {into: sqlite, question: SELECT count(*) FROM letter, at_least: 5, rto: 1h}
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a person saw."""

    code: int
    stdout: str
    stderr: str
    failure: ItopsError | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def csv(self) -> list[list[str]]:
        return list(csv.reader(StringIO(self.stdout)))


@dataclass
class Door:
    """Runs commands of `itops backup` in the office of one folder."""

    folder: Path
    plan: str = PLAN
    now: datetime = NOW
    nights: Sequence[int] = (19, 20, 21)
    damaged: int = 21  # its second half is missing; 0: none

    def __post_init__(self) -> None:
        self.write(self.plan)
        (self.folder / "state").mkdir(mode=0o700)
        self.copies.mkdir()

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    def write(self, plan: str) -> None:
        self.path = self.folder / "itops.yaml"
        self.path.write_text(plan, encoding="utf-8")

    def back_up(self) -> None:
        """Three nights of a database, and the letters of a week."""
        for night in self.nights:
            self.tape(night)
        if self.damaged:
            path = self.copies / f"Insurance_202611{self.damaged:02}_2330.bak"
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
            _written(path, self.damaged)
        letters = self.copies / "letters_20261119.sqlite"
        with closing(sqlite3.connect(letters)) as connection, connection:
            connection.execute("CREATE TABLE letter (number INTEGER)")
            connection.executemany("INSERT INTO letter VALUES (?)", [(number,) for number in range(9)])
        _written(letters, 19)

    def tape(self, night: int, database: str = "Insurance", server: str = "SQL01") -> Path:
        begun = datetime(2026, 11, night, 23, 30, tzinfo=TEHRAN)
        path = self.copies / f"Insurance_202611{night:02}_2330.bak"
        write_tape(
            [path],
            TapeBackup(database=database, server=server, started_at=begun, finished_at=begun + timedelta(minutes=5)),
        )
        _written(path, night)
        return path

    def run(self, *words: str) -> Ran:
        """Exit codes as `itops.cli.main` gives them."""
        try:
            office = Office(setting=read_setting(self.path), now=self.now, config_path=self.path)
        except ItopsError as wrong:
            return Ran(code=wrong.exit_code, stdout="", stderr="", failure=wrong)
        try:
            ran = CliRunner().invoke(backup, words, obj=office, standalone_mode=False)
        finally:
            office.close()
        raised = ran.exception
        if isinstance(raised, ItopsError):
            return Ran(code=raised.exit_code, stdout=ran.stdout, stderr=ran.stderr, failure=raised)
        if isinstance(raised, click.ClickException):
            return Ran(code=64, stdout=ran.stdout, stderr=ran.stderr + raised.format_message())
        if raised is not None and not isinstance(raised, SystemExit):
            raise raised
        return Ran(code=ran.return_value or ran.exit_code, stdout=ran.stdout, stderr=ran.stderr)


def _written(path: Path, night: int) -> None:
    moment = datetime(2026, 11, night, 23, 40, tzinfo=TEHRAN).timestamp()
    os.utime(path, (moment, moment))
