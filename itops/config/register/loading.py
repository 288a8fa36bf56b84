"""The register of hardware: inventory.yaml and its includes, read strictly, every mistake of every file at once.

An id, a property number or a good serial that stands twice is refused, naming both places. Scalars are the text typed:
a serial 0123456 or 12E5 stays what it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from itops.assets.records import Register
from itops.config.mistakes import refuse_files
from itops.config.register.entries import Entry, build_entries
from itops.config.register.fields import resolve
from itops.config.register.files import LIMITS, Found, RegisterFile, read_files
from itops.config.register.judging import judge

__all__ = ["LIMITS", "LoadedRegister", "assemble", "load", "load_whole"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRegister:
    """The register and where everything in it stands. `files`: the root first."""

    register: Register
    files: tuple[RegisterFile, ...]
    entries: Mapping[str, Entry]  # by the asset's id, in the order of the files

    def place_of(self, asset_id: str) -> tuple[Path, int]:
        """File and line of an asset; raises KeyError."""
        entry = self.entries[asset_id]
        return entry.file.path, entry.line()

    def line_of(self, asset_id: str, field: str) -> int:
        """The line of a field, dotted as in edits (`parts.2.serial`); of what stands above it where it is not there.

        Raises KeyError for an unknown asset, UsageWrong for an unknown field.
        """
        entry = self.entries[asset_id]
        return entry.line(*(step.key for step in resolve(field)))

    def shown_place(self, asset_id: str, field: str | None = None) -> str:
        """As messages show it: inventory/fardis.yaml:212."""
        entry = self.entries[asset_id]
        line = self.line_of(asset_id, field) if field else entry.line()
        return f"{entry.file.document.name}:{line}"


def load(path: Path) -> Register:
    """Read and judge the register. Raises ConfigInvalid with every mistake."""
    return load_whole(path).register


def load_whole(path: Path) -> LoadedRegister:
    """The same, with the files and where each entry stands."""
    files, found = read_files(path)
    loaded = assemble(files, found, is_whole=not any(found.values()))
    if loaded is None:
        refuse_files(found)
    return loaded


def assemble(files: Sequence[RegisterFile], found: Found, *, is_whole: bool = True) -> LoadedRegister | None:
    """Build and judge files that were read; None when there are mistakes, which are then in `found`."""
    contents = build_entries(files, found)
    for file, mistake in judge(contents, is_whole=is_whole):
        found[file.document.name].append(mistake)
    if any(found.values()):
        return None
    return LoadedRegister(
        register=Register(
            sites=contents.sites, include=contents.include, assets=tuple(entry.asset for entry in contents.entries)
        ),
        files=tuple(files),
        entries=MappingProxyType({entry.asset.id: entry for entry in contents.entries}),
    )
