"""The agents source: one look at all inventories that lie in the folder now, each with the time it was made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from itops.assets.sightings import entity_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, EntityKey, Gap, Observation, Seen
from itops.sources.agents.describe import Place, sighting
from itops.sources.agents.folder import MOST_FILES, Found, names_in, read_all
from itops.sources.agents.joining import Computer, Dated, computers
from itops.sources.agents.kept import PRIVATE
from itops.sources.agents.moments import made
from itops.sources.agents.refusals import NotTaken
from itops.sources.agents.settings import AgentsSettings
from itops.sources.asking import HIDES
from itops.text import counted

_MOST_NAMED = 3


class AgentsSource:
    """Computers as their agents describe them. A file that stays shows when its computer was last heard of."""

    Settings = AgentsSettings
    is_live: ClassVar = True
    sees_devices: ClassVar = True

    def __init__(self, name: str, settings: AgentsSettings) -> None:
        self.name = name
        self._settings = settings

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look at the folder."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        """Raises SourceUnavailable where the folder cannot be looked into, or none of its files can be read."""
        names = names_in(self._settings.folder)
        dated: list[Dated] = []
        if len(names) > MOST_FILES:
            yield self._too_many(len(names))
        for read in read_all(self._settings.folder, names):
            if isinstance(read, Found):
                dated.append(self._dated(read, now))
            else:
                yield self._refused(*read)
        yield from self._all_told(dated)
        if names and not dated:
            raise SourceUnavailable(
                f"none of {counted('file', 'files', len(names))} in {self._settings.folder} is an inventory",
                remedy="see `itops inventory gaps` for what is wrong with each of them",
            )

    def _dated(self, found: Found, now: datetime) -> Dated:
        zone = self._settings.timezone
        return Dated(found=found, made=made(found.inventory, changed_at=found.changed_at, zone=zone, now=now))

    def _all_told(self, dated: list[Dated]) -> Iterator[Seen]:
        shared: dict[str, list[Computer]] = {}
        for computer in computers(dated):
            yield self._entity(computer)
            shared.setdefault(computer.id, []).append(computer)
        yield from (self._shared(agent_id, held) for agent_id, held in shared.items() if len(held) > 1)
        private = [one.found for one in dated if one.inventory.private]
        if private:
            yield self._private(private)

    def _entity(self, computer: Computer) -> Entity:
        """The time it was made travels with what moves by itself: the store dates a row by the scan that saw it."""
        key = f"{self.name}/{computer.id}" + (f"@{computer.number}" if computer.number > 1 else "")
        place = Place(source=self.name, site=self._settings.site)
        told = sighting(computer.inventory, computer.made, place, EntityKey(key))
        dated = replace(told, readings=replace(told.readings, told_at=computer.made.at))
        return entity_of(dated, ref=computer.names[-1])

    # -- gaps

    def _too_many(self, count: int) -> Gap:
        return Gap(
            source=self.name,
            subject=str(self._settings.folder),
            code="agents.too-many-files",
            problem=f"{count:,} files; the first {MOST_FILES:,} by name were read",
            remedy="remove what is no inventory, and old files of computers that are gone",
            hides=HIDES,
        )

    def _refused(self, name: str, refusal: NotTaken) -> Gap:
        return Gap(
            source=self.name,
            subject=name,
            code=refusal.code,
            problem=refusal.problem,
            remedy=refusal.remedy,
            hides=HIDES,
        )

    def _shared(self, agent_id: str, held: list[Computer]) -> Gap:
        files = ", ".join(computer.names[-1] for computer in held[:_MOST_NAMED])
        return Gap(
            source=self.name,
            subject=agent_id,
            code="agents.shared-id",
            problem=f"{len(held)} computers with other serials or UUIDs go by this agent's id ({files})",
            remedy="after cloning a disk, delete the agent's state on the clone and run it again; "
            "if it is one computer with a new board, delete the older file",
        )

    def _private(self, found: list[Found]) -> Gap:
        sections = sorted({PRIVATE[name] for one in found for name in one.inventory.private})
        return Gap(
            source=self.name,
            subject=counted("file", "files", len(found)),
            code="agents.private-sections",
            problem=f"they carry {', '.join(sections)}; none of it was kept, but it lies in the folder "
            f"({', '.join(one.name for one in found[:_MOST_NAMED])})",
            remedy="let the agents leave it out: --no-category=environment,process,local_user,local_group",
        )
