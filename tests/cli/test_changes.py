"""`itops changes`: written, corrected, linked, shown beside what was observed; the exit code is the verdict."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from itops.cli.changes_log import changes
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.errors import ItopsError
from itops.inventory.entities import Entity
from itops.store import StoreLocation
from tests.inventory.sightings import DAY1, host, vm
from tests.store.building import scan_once

NOW = DAY1 + timedelta(days=28)  # 1405-08-29
YAML = """\
office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}
sources: {vc01: {type: rvtools, path: exports}}
"""


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    stdout: str
    stderr: str
    failure: ItopsError | None = None

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)["data"]


def run(folder: Path, group: click.Group, *words: str, now: datetime = NOW, settings: Any = None) -> Ran:
    """Exit codes as `itops.cli.main` gives them; `settings` in place of those of itops.yaml."""
    path = folder / "itops.yaml"
    office = Office(setting=read_setting(path), now=now, config_path=path)
    if settings is not None:
        office.__dict__["settings"] = settings
    try:
        ran = CliRunner().invoke(group, words, obj=office, standalone_mode=False)
    finally:
        office.close()
    raised = ran.exception
    if isinstance(raised, ItopsError):
        return Ran(code=raised.exit_code, stdout=ran.stdout, stderr=ran.stderr, failure=raised)
    if isinstance(raised, click.ClickException):
        return Ran(code=64, stdout=ran.stdout, stderr=raised.format_message())
    if raised is not None and not isinstance(raised, SystemExit):
        raise raised
    return Ran(code=ran.return_value or ran.exit_code, stdout=ran.stdout, stderr=ran.stderr)


def scan(folder: Path, at: datetime, seen: Iterable[Entity]) -> None:
    scan_once(StoreLocation(folder=folder / "state"), "vc01", at, [host(), *seen], live=("vc01",))


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(YAML, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def history(office: Path) -> Path:
    """A server went and one came."""
    scan(office, DAY1, [vm("a", "kaspersky")])
    scan(office, DAY1 + timedelta(days=20), [vm("b", "WSUS")])
    return office


LOG = ["log", "--kind", "removed", "--what", "حذف سرور", "--by", "A. Karimi", "--at", "1405-08-20 10:30"]


def test_a_server_that_is_gone_without_a_word_is_critical_and_explained_by_an_entry_with_its_order(history):
    first = run(history, changes, "list", "--output", "json")
    assert first.code == 2
    assert {one["code"] for one in first.data["findings"]} == {
        "change.removed-unexplained", "change.created-unexplained",
    }  # fmt: skip
    (history / "letter.pdf").write_bytes(b"letter")
    order = ["--issuer", "HQ", "--letter", "4012", "--letter-date", "1405-08-18", "--attachment"]
    run(history, changes, *LOG, "--subject", "kaspersky", *order, str(history / "letter.pdf"))
    run(history, changes, "log", "--kind", "created", "--what", "new", "--by", "A", "--at", "1405-08-20", "--subject", "WSUS")  # noqa: E501  # fmt: skip
    after = run(history, changes, "list", "--output", "json")
    assert (after.code, after.data["state"], after.data["findings"]) == (0, "OK", [])
    gone = next(one for one in after.data["changes"] if one["action"] == "removed")
    assert gone["entries"] == [{"number": 1, "is_linked": False}]
    assert (gone["order"]["letter_no"], gone["order"]["on"]) == ("4012", "2026-11-09")
    assert gone["order"]["attachment"]["path"] == "letter.pdf"


def test_an_entry_is_told_as_it_was_taken(office):
    told = run(office, changes, *LOG, "--what-en", "Removed", "--subject", "RDC", "--output", "json").data
    (row,) = told
    assert (row["number"], row["kind"], row["subjects"]) == (1, "removed", ["RDC"])
    assert (row["what"], row["at"]) == ({"fa": "حذف سرور", "en": "Removed"}, "2026-11-11T07:00:00Z")


def test_a_link_explains_and_undone_it_does_not(history):
    run(history, changes, "log", "--kind", "other", "--what", "x", "--by", "A", "--at", "1405-08-20")
    code = next(
        one["change"]
        for one in run(history, changes, "list", "--output", "json").data["changes"]
        if one["action"] == "added"
    )
    linked = run(history, changes, "link", "1", code, "--by", "B", "--output", "json")
    assert linked.data[0]["links"] == [code]
    assert _codes(history) == {"change.removed-unexplained"}
    run(history, changes, "link", "1", code, "--undo", "--by", "B")
    assert _codes(history) == {"change.removed-unexplained", "change.created-unexplained"}


def _codes(folder: Path) -> set[str]:
    return {one["code"] for one in run(folder, changes, "list", "--output", "json").data["findings"]}


def test_a_correction_and_a_withdrawal_are_rows_of_their_own(office):
    run(office, changes, *LOG, "--subject", "RCD")
    corrected = run(office, changes, *LOG, "--subject", "RDC", "--corrects", "1", "--output", "json").data
    assert (corrected[0]["number"], corrected[0]["numbers"]) == (2, [1, 2])
    gone = run(office, changes, "withdraw", "2", "--reason", "twice", "--by", "B", "--output", "json")
    assert (gone.code, gone.data) == (0, [])
    assert run(office, changes, "list", "--output", "json").data["entries"] == []


def test_where_nothing_was_scanned_the_verdict_is_unknown(office):
    ran = run(office, changes, "list")
    assert ran.code == 3
    assert "verdict: UNKNOWN" in ran.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["log", "--kind", "unheard", "--what", "x", "--by", "A"], 64),
        (["log", "--kind", "removed", "--by", "A"], 64),
        (["log", "--kind", "removed", "--what", "x"], 64),
        ([*LOG[:-1], "1405-13-01"], 64),
        ([*LOG[:-1], "1405-08-20 25:00"], 64),
        ([*LOG[:-1], "1406-08-20"], 64),
        ([*LOG, "--letter", "4012"], 64),
        ([*LOG, "--issuer", "HQ", "--attachment", "absent.pdf"], 65),
        ([*LOG, "--corrects", "9"], 64),
        (["link", "1", "removed-00000000", "--by", "B"], 64),
        (["withdraw", "1", "--reason", "x", "--by", "B"], 64),
        (["list", "--period", "1405-13"], 64),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_entry(office, words, code):
    assert run(office, changes, *words).code == code
    assert run(office, changes, "list", "--output", "json").data["entries"] == []


def test_the_tables_name_the_change_its_entry_and_what_is_wrong(history):
    run(history, changes, *LOG, "--subject", "kaspersky")
    shown = run(history, changes, "list").stdout
    for part in ("kaspersky", "WSUS", "removed-", "change.no-order", "and no order for it is written down"):
        assert part in shown
    assert run(history, changes, "list", "--output", "csv").stdout.startswith("change,at,action,")
