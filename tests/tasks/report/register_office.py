"""An office in a folder, with a register of hardware and a store, of which a report is asked at any moment."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itops.assets.sightings import Sighting, entity_of
from itops.config.register.loading import load_whole
from itops.config.settings import Plugins, load
from itops.dates import parse_period
from itops.inventory.entities import Entity, Observation
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.follow_register import Memory as RegisterMemory
from itops.tasks.report.asking import Asking, Memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from itops.store.writing import Store

DAY = timedelta(days=1)
BEGIN = datetime(2026, 10, 22, 20, 30, tzinfo=UTC)  # 1405-08-01 in Tehran
END = BEGIN + 30 * DAY
SETTLED = END + 2 * DAY
OFFICE = "office: {id: alborz, calendar: jalali}\n"
SITES = "sites: {head: {fa: اداره کل البرز, en: Alborz head office}, fardis: {fa: فردیس, en: Fardis}}\nassets:\n"


@dataclass
class RegisterOffice:
    """`more` replaces parts of the settings that are tedious to write as YAML."""

    folder: Path
    settings: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.folder / "itops.yaml").write_text(OFFICE + self.settings, encoding="utf-8")

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    def write(self, *entries: str) -> None:
        """The register's file, each entry as `id, kind and more`: by hand, so that nobody noticed yet."""
        lines = "".join(f"  - {{{entry}}}\n" for entry in entries)
        (self.folder / "inventory.yaml").write_text(SITES + (lines or "  []\n"), encoding="utf-8")

    @contextmanager
    def store(self, at: datetime) -> "Iterator[Store]":
        self.location.folder.mkdir(mode=0o700, exist_ok=True)
        with open_store(self.location, at) as store:
            yield store

    def notice(self, at: datetime, by: str | None = None, how: str = "by hand") -> None:
        """Remember what the file says."""
        register = load_whole(self.folder / "inventory.yaml").register
        with self.store(at) as store:
            RegisterMemory(store.register, at).take(register, by=by, how=how)

    def saw(self, at: datetime, *seen: Sighting | Entity) -> None:
        """One whole scan."""
        observation = Observation(source="net", observed_at=at, seen=iter(()))
        with self.store(at) as store, store.begin_scan(observation, at) as writer:
            for one in seen:
                known = entity_of(replace(one, seen_at=at), one.key) if isinstance(one, Sighting) else one
                writer.add(replace(known, seen_at=at))
            writer.finish(at + timedelta(seconds=1), ["net"])

    @contextmanager
    def asked(self, now: datetime = SETTLED, period: str = "1405-08") -> "Iterator[Asking]":
        """The report of a period, asked for at a moment."""
        settings = replace(load(self.folder / "itops.yaml", Plugins()), **self.more)
        if not self.location.folder.exists():
            yield Asking(settings=settings, memory=Memory(None), period=parse_period(period), now=now)
            return
        with open_reader(self.location) as reader:
            yield Asking(settings=settings, memory=Memory(reader), period=parse_period(period), now=now)


def entry(asset_id: str, kind: str = "computer", **more: str) -> str:
    """One line of the register."""
    known = {"id": asset_id, "kind": kind, "name": asset_id, "site": "head", **more}
    return ", ".join(f"{name}: {value}" for name, value in known.items())
