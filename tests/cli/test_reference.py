"""The reference pages: a command, an option or a JSON field that is not described fails here."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from itops.backup.custody.records import Entry
from itops.cli.columns import fields_of
from itops.cli.inventory import inventory
from itops.cli.lazy import LazyGroup
from itops.cli.main import cli
from itops.inventory.entities import Kind
from itops.tasks.read_inventory import LISTED
from tests.cli.backup_door import Door
from tests.cli.test_media import Desk, to_the_box
from tests.golden.office import filled, office

_REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
_HEADINGS = {"portgroup": "network, portgroup", "network": "network, portgroup"}
_IN_EVERY_ROW = {"id", "source", "sources", "is_copy", "name", "seen_at"}


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if command.params or not isinstance(command, click.Group):
        yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            is_there = not isinstance(command, LazyGroup) or find_spec(command.commands_table[name][0].split(":")[0])
            if is_there and (below := command.get_command(context, name)):
                yield from commands(below, f"{path} {name}")


COMMANDS = dict(commands(cli, "itops"))


def section(page: str, heading: str) -> str:
    """The text of a page below a heading, up to the next one that is not below it."""
    text = (_REFERENCE / page).read_text(encoding="utf-8")
    found = re.search(rf"^(##+) {re.escape(heading)}\n(.*?)(?=^(?!\1#)##+ |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"docs/reference/{page} has no section {heading}"
    return found[2]


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_and_its_options_are_described(path: str) -> None:
    described = section("commands.md", f"`{path}`")
    options = [
        name
        for parameter in COMMANDS[path].params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    ]
    assert [name for name in options if not re.search(rf"`{name}\b", described)] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_says_what_it_is_for(path: str) -> None:
    assert COMMANDS[path].help


def test_nothing_is_described_that_does_not_exist() -> None:
    described = re.findall(
        r"^### `(itops[^`]*)`$", (_REFERENCE / "commands.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(described) <= set(COMMANDS)


@pytest.mark.parametrize("kind", LISTED)
def test_every_field_of_a_listed_kind_is_described(kind: str) -> None:
    typed = kind in {"vm", "host", "cluster", "datastore", "network", "portgroup", "license", "snapshot"}
    described = section("json.md", _HEADINGS.get(kind, kind) if typed else "Other kinds")
    missing = [name for name in fields_of(kind) if name not in _IN_EVERY_ROW and f"`{name}`" not in described]
    assert missing == []


@pytest.mark.parametrize(
    "command",
    ["list", "show sql01", "changes --period 1405-08", "history sql01", "gaps", "sources", "roles list"],
)
def test_every_field_that_is_printed_is_described(command: str) -> None:
    run = CliRunner().invoke(inventory, [*command.split(), "--output", "json"], obj=office(filled()))
    whole = json.loads(run.stdout)
    text = (_REFERENCE / "json.md").read_text(encoding="utf-8")
    assert section("json.md", whole["schema"] if whole["schema"] != "itops.inventory.gaps/1" else "gaps")
    missing = {name for name in _names(whole) if f"`{name}`" not in text} - {kind.value for kind in Kind}
    assert missing == set()


_BACKUP = [
    "plan", "coverage", "scan", "verify", "status", "check", "drill letters", "controls", "inspect copies",
]  # fmt: skip


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Door:
    """An office in which something is wrong of every kind, so that no list in its answers is empty."""
    made = Door(tmp_path_factory.mktemp("office"))
    made.back_up()
    (made.copies / "letters_20261119.sqlite.sha256").write_text("nonsense\n")
    return made


@pytest.mark.parametrize("command", _BACKUP)
def test_every_field_of_the_backups_is_described_below_its_schema(command: str, door: Door) -> None:
    if command in {"status", "check", "drill letters", "controls"}:
        door.run("verify")
    whole = door.run(*_words(command, door), "--output", "json").json
    described = _with_what_it_refers_to(whole["schema"])
    missing = {name for name in _fields(whole["data"]) if f"`{name}`" not in described}
    assert missing == set()


@pytest.mark.parametrize("command", _BACKUP)
def test_every_column_of_the_backups_csv_holds_a_field_of_its_rows(command: str, tmp_path: Path) -> None:
    """Of the tiers of `status`, which are lists of slots, two numbers each."""
    table, whole = (_office(tmp_path / name, command) for name in ("csv", "json"))
    heading, *rows = table.run(*_words(command, table), "--output", "csv").csv
    data = whole.run(*_words(command, whole), "--output", "json").data
    told = data["promises"] if isinstance(data, dict) else data
    derived = {f"{tier}_{what}" for tier in ("daily", "weekly", "monthly") for what in ("held", "required")}
    assert set(heading) - {name for row in told for name in row} <= derived
    assert len(rows) == len(told) > 0


def _office(folder: Path, command: str) -> Door:
    folder.mkdir()
    made = Door(folder)
    made.back_up()
    if command in {"status", "check", "drill letters", "controls"}:
        made.run("verify")
    return made


def _words(command: str, door: Door) -> list[str]:
    return command.replace("copies", str(door.copies)).split()


@pytest.mark.parametrize("words", ["show", "show M0001-3"])
def test_every_field_of_the_register_is_described_below_its_schema(words: str, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    to_the_box(desk)
    desk.good("incident", "M0001-3", "--what", "lost", "--by", "R. Karimi")
    whole = json.loads(desk.run(*words.split(), "--output", "json").stdout)
    described = section("json.md", whole["schema"])
    assert {name for name in _fields(whole["data"]) if f"`{name}`" not in described} == set()


def test_every_field_of_a_written_row_is_described_below_its_schema(tmp_path: Path) -> None:
    whole = Desk(tmp_path).json("add", "--place", "office", "--by", "R. Karimi")
    described = section("json.md", whole["schema"])
    assert {name for name in _fields(whole["data"]) if f"`{name}`" not in described} == set()


@pytest.mark.parametrize(
    "entry", list({entry.KIND: entry for entry in Entry.__subclasses__()}.values()), ids=lambda entry: entry.KIND
)
def test_every_field_of_an_entry_is_described_beside_its_kind(entry: type[Entry]) -> None:
    described = section("json.md", "itops.media.show/1")
    *_, line = [line for line in described.splitlines() if line.startswith(f"| `{entry.KIND}` |")]
    common = {field.name for field in fields(Entry)}
    own = {field.name for field in fields(entry)} - common - {"files" if entry.KIND == "written" else ""}
    assert {name for name in own if f"`{name}`" not in line} == set()


def _with_what_it_refers_to(schema: str) -> str:
    """The section of a schema, with those whose fields it says it has."""
    text = section("json.md", schema)
    return text + "".join(section("json.md", other) for other in re.findall(r"`(itops\.[a-z.]+/\d)`", text))


_FREE = {"facts", "evidence"}
"""Objects whose keys depend on the code beside them, or on the format."""


def _fields(value: object) -> Iterator[str]:
    """Every key at every depth, but not those inside free objects."""
    if isinstance(value, dict):
        yield from value
        value = [held for name, held in value.items() if name not in _FREE or isinstance(held, list)]
    for item in value if isinstance(value, list) else ():
        yield from _fields(item)


def test_every_schema_is_described() -> None:
    room = Path(__file__).parents[2] / "itops" / "cli"
    schemas = {
        name for path in room.glob("*.py") for name in re.findall(r'schema="(itops[^"]+)"', path.read_text("utf-8"))
    }
    headings = "\n".join(re.findall(r"^## .*$", (_REFERENCE / "json.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {name for name in schemas if name not in headings} == {"itops.inventory.gaps/1"}  # "gaps" describes it
    assert len(schemas) > 10


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _names(item)
