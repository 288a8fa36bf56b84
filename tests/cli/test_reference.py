"""The reference pages: a command, an option or a JSON field that is not described fails here."""

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from itops.cli.columns import fields_of
from itops.cli.inventory import inventory
from itops.cli.lazy import LazyGroup
from itops.cli.main import cli
from itops.inventory.entities import Kind
from itops.tasks.read_inventory import LISTED
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
