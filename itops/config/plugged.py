"""Sections whose entries are plugins: `NAME: {type: ..., ...}` under `sources` and `backup.repositories`."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itops.config.mistakes import Mistake, did_you_mean, dotted, quoted
from itops.config.scalars import parse_identifier
from itops.config.yaml import Document
from itops.config.yaml import Place as Where

if TYPE_CHECKING:
    from itops.plugins import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """One entry: its name, the plugin, what the plugin wants to know, and what every entry of the section may say."""

    name: str
    type: str
    settings: Any  # an instance of the plugin's own Settings
    common: Any  # an instance of the section's own dataclass, or None
    line: int  # of itops.yaml
    plugin: Any = field(repr=False)


@dataclass(slots=True, kw_only=True)
class PluggedSection:
    """Reads one such section; what is wrong goes to `mistakes`, and the entry is left out."""

    document: Document
    place: Where
    folder: Path
    registry: "Registry[Any]"
    noun: str  # "source", "repository"
    common: type | None = None
    mistakes: list[Mistake]

    def read(self, section: dict[str, Any]) -> Iterator[Plugged]:
        """The entries of the section, in the order of the file."""
        for name, held in section.items():
            entry = self._entry(name, held)
            if entry is not None:
                yield entry

    def _entry(self, name: str, held: Any) -> Plugged | None:
        from itops.config.building import build  # noqa: PLC0415  pydantic: 40 ms that a typing mistake need not cost

        place = (*self.place, name)
        wrong = self._problem(name, held)
        if wrong:
            key, problem = wrong
            where = (*place, key) if key else place
            self.mistakes.append(Mistake(self.document.line(where), dotted(where), problem))
            return None
        plugin = self.registry[held["type"]]
        shared = {entry.name for entry in fields(self.common)} if self.common else set()
        common_texts = {key: value for key, value in held.items() if key in shared}
        own_texts = {key: value for key, value in held.items() if key != "type" and key not in shared}
        built = build(plugin.Settings, own_texts, self.document, place, self.folder, self.mistakes)
        common = self.common and build(self.common, common_texts, self.document, place, self.folder, self.mistakes)
        if built is None or (self.common and common is None):
            return None
        line = self.document.line(place)
        return Plugged(name=name, type=held["type"], settings=built, common=common, line=line, plugin=plugin)

    def _problem(self, name: str, held: Any) -> tuple[str, str] | None:
        """The key and the problem that keep an entry from being handed to its plugin."""
        try:
            parse_identifier(name)
        except ValueError as wrong:
            return "", str(wrong)
        if not isinstance(held, dict):
            return "", "should be a section: {type: ..., ...}"
        type_name = held.get("type")
        if not isinstance(type_name, str):
            return "type", f"is missing; one of {', '.join(self.registry)}"
        if type_name not in self.registry:
            known = f"use one of {', '.join(self.registry)}{did_you_mean(type_name, self.registry)}"
            return "type", f"there is no {self.noun} type {quoted(type_name)}; {known}"
        return None
