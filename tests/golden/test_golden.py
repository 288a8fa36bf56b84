"""What each reading command prints, and its exit code, byte for byte, over the real store and its in-memory twin.

After a change that is meant: `ITOPS_GOLDEN=write .venv/bin/pytest tests/golden`, then read the difference.
"""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from itops.cli.inventory import inventory
from itops.errors import ItopsError, UsageWrong
from itops.inventory.reading import Reader
from itops.store import StoreLocation, open_reader
from tests.contracts.memory_reader import MemoryReader
from tests.golden.office import fill, filled, office

_EXPECTED = Path(__file__).parent / "expected"
_COMMANDS = {
    "list": "list",
    "list-json": "list --output json",
    "list-csv": "list --output csv",
    "list-role": "list --role sql",
    "list-no-such-role": "list --role wsus",
    "list-as-of": "list --as-of ۱۴۰۵/۰۸/۱۰",
    "list-hosts": "list --kind host",
    "list-hosts-json": "list --kind host --output json",
    "list-snapshots-csv": "list --kind snapshot --output csv",
    "list-datastores-csv": "list --kind datastore --output csv",
    "list-licenses": "list --kind license",
    "list-clusters": "list --kind cluster",
    "list-networks": "list --kind network",
    "list-pools": "list --kind resource_pool",
    "list-role-of-hosts": "list --kind host --role sql",
    "list-unknown-source": "list --source vc09",
    "show": "show SQL01",
    "show-json": "show sql01 --output json",
    "show-several": "show srv-1",
    "show-gone": "show kaspersky",
    "show-hostile": "show [/]",
    "show-nothing": "show nobody",
    "changes": "changes --period 1405-08",
    "changes-this-month": "changes",
    "changes-json": "changes --from 2026-11-01 --to 2026-11-14 --output json",
    "changes-csv": "changes --period 2026-11 --output csv",
    "changes-nothing": "changes --period 1404",
    "changes-backwards": "changes --from 1405-08-10 --to 1405-08-01",
    "changes-no-such-month": "changes --period 1405-13",
    "history": "history sql01",
    "history-json": "history sql01 --output json",
    "history-csv": "history [/] --output csv",
    "gaps": "gaps",
    "gaps-csv": "gaps --output csv",
    "sources": "sources",
    "sources-json": "sources --output json",
}
_BEFORE_THE_FIRST_SCAN = ("list", "show x", "changes", "history x", "gaps", "sources", "list --output json")


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> StoreLocation:
    return fill(tmp_path_factory.mktemp("office") / "state")


@pytest.mark.parametrize("engine", ["memory", "sqlite"])
@pytest.mark.parametrize("name", _COMMANDS)
def test_a_command_prints_what_it_printed(name: str, engine: str, location: StoreLocation) -> None:
    reader = filled() if engine == "memory" else open_reader(location)
    _compare(name, _COMMANDS[name].split(), reader)


@pytest.mark.parametrize("command", _BEFORE_THE_FIRST_SCAN)
def test_before_the_first_scan_each_command_says_what_to_do(command: str) -> None:
    name = _empty_name(command)
    _compare(name, command.split(), MemoryReader())
    assert "itops inventory scan" in (_EXPECTED / f"{name}.txt").read_text(encoding="utf-8")


def test_every_expectation_belongs_to_a_test() -> None:
    names = [*_COMMANDS, *map(_empty_name, _BEFORE_THE_FIRST_SCAN)]
    assert sorted(file.stem for file in _EXPECTED.glob("*.txt")) == sorted(names)


def _empty_name(command: str) -> str:
    return "empty-" + command.replace(" --output ", "-").replace(" ", "-")


def _compare(name: str, arguments: list[str], reader: Reader) -> None:
    run = CliRunner().invoke(inventory, arguments, obj=office(reader), env={"NO_COLOR": "1"})
    code, stderr = run.exit_code, run.stderr
    if isinstance(run.exception, ItopsError):
        code, stderr = run.exception.exit_code, f"error:  {run.exception}\nremedy: {run.exception.remedy}\n"
    elif run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    printed = f"$ itops inventory {' '.join(arguments)}\n{run.stdout}--- stderr\n{stderr}--- exit {code}\n"
    file = _EXPECTED / f"{name}.txt"
    if os.environ.get("ITOPS_GOLDEN") == "write":
        file.write_text(printed, encoding="utf-8", newline="")
    assert printed == file.read_bytes().decode()


@pytest.mark.parametrize(
    "words", ["list --as-of", "changes --period", "changes --from 1405-08-01 --to", "list --source"]
)
def test_an_empty_word_is_refused_and_not_taken_for_nothing(words: str) -> None:
    with pytest.raises(UsageWrong, match="''"):
        CliRunner().invoke(inventory, [*words.split(), ""], obj=office(filled()), catch_exceptions=False)
