"""docs/reference/configuration.md tells every key and every code."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from itops.assets.records import AssetKind, AssetStatus, Register
from itops.config.settings import _File
from itops.plugins import Registry
from itops.sources.vsphere.settings import VsphereSettings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8")


def keys_of(hint) -> set[str]:
    """Every key that may stand under a section, however deep."""
    if not is_dataclass(hint):
        return set().union(*(keys_of(part) for part in get_args(hint)), set())
    hints = get_type_hints(hint)
    return {part.name for part in fields(hint)}.union(*(keys_of(hints[part.name]) for part in fields(hint)))


@pytest.mark.parametrize("root", [_File, Register, VsphereSettings], ids=lambda root: root.__name__)
def test_every_key_is_documented(root):
    silent = {key for key in keys_of(root) if not re.search(rf"\b{key}\b", PAGE)}
    # `names`, `number` and `lasting` are how a list of probes, a day of the month and a wait are held, not keys.
    assert silent - {"names", "number", "lasting", "pin", "ca_file"} == set()


@pytest.mark.parametrize("word", [*AssetKind, *AssetStatus])
def test_every_kind_and_status_is_documented(word):
    assert f"`{word}`" in PAGE


def test_every_code_of_doctor_is_documented():
    text = "".join(path.read_text() for path in [*ROOT.glob("itops/tasks/check_*.py"), ROOT / "itops/cli/doctor.py"])
    prefixes = "config|file|register|secret|state|clock|dns|tcp|tls|source|store"
    codes = set(re.findall(rf'"((?:{prefixes})\.[a-z-]+)"', text))
    assert len(codes) > 30
    assert {code for code in codes if f"`{code}`" not in PAGE} == set()


PAGES = {
    **dict.fromkeys(("restic", "borg", "pgbackrest", "barman"), "backup-products.md"),
    "mssql": "backup-sql-server.md",
    "catalog": "backup-catalog.md",
}
"""Of the repositories that have a page of their own."""
REPOSITORIES = Registry.from_entry_points("itops.repositories")
SOURCES = Registry.from_entry_points("itops.sources")
OF_A_VALUE = {"pin", "ca_file", "host", "port", "is_everywhere"}
"""Parts of a value that is written as one word, and no keys: `tls`, `pins`, `listen`, `legacy`."""


def told_of(name: str, page: str) -> str:
    """The section whose heading names it; the whole page where none does."""
    text = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
    parts = re.split(r"^#+ ", text, flags=re.MULTILINE)
    return next((part for part in parts if name in re.split(r"\W+", part.partition("\n")[0].lower())), text)


@pytest.mark.parametrize("name", list(SOURCES))
def test_every_key_of_a_source_is_documented_where_it_is_described(name):
    plugin = SOURCES[name]
    is_of_devices = getattr(plugin, "sees_devices", False)
    own = told_of(name, "devices.md") if is_of_devices else told_of("sources", "configuration.md")
    common = told_of("devices", "devices.md") if is_of_devices else ""  # the section above all others
    keys = keys_of(plugin.Settings) - (OF_A_VALUE - {field.name for field in fields(plugin.Settings)})
    assert {key for key in keys if f"`{key}`" not in own and f"`{key}`" not in common} == set()


@pytest.mark.parametrize("name", list(REPOSITORIES))
def test_every_key_of_a_repository_is_documented_where_it_is_described(name):
    own = told_of(name, PAGES.get(name, "configuration.md"))
    silent = {field.name for field in fields(REPOSITORIES[name].Settings) if f"`{field.name}`" not in own}
    assert silent == set()
