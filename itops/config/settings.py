"""What itops.yaml says, as frozen records; `load` reads and judges the whole file and names every mistake at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from itops.alerts.policy import AlertPolicy
from itops.assets.policy import AssetPolicy
from itops.backup.policy import BackupPlan, Place
from itops.bundles.policy import DeliveryPolicy, HeartbeatPolicy
from itops.config.mistakes import Mistake, did_you_mean, dotted, quoted, refuse
from itops.config.plan import ReportSettings
from itops.config.plugged import Plugged, PluggedSection
from itops.config.yaml import Document
from itops.config.yaml import load as load_yaml
from itops.names import Count, Identifier, Names
from itops.plugins import Registry
from itops.schedule.policy import SchedulePolicy, When
from itops.secrets import Secret
from itops.worklog.policy import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSettings:
    """Who and where the office is."""

    id: Identifier
    name: Names | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Tehran"))
    calendar: Literal["jalali", "gregorian"] = "jalali"
    language: Literal["fa", "en"] = "fa"

    @property
    def zone(self) -> ZoneInfo:
        """Where the office's days begin."""
        return self.timezone


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSettings:
    """One source or target: its name, the plugin, and what the plugin wants to know."""

    section: str  # "sources", "delivery.targets"
    name: str
    type: str
    settings: Any  # an instance of the plugin's own Settings
    line: int  # of itops.yaml
    plugin: Any = field(repr=False)

    def build(self) -> Any:
        """The plugin itself (`itops.inventory.entities.Source`, say); touches neither network nor disk."""
        return self.plugin(self.name, self.settings)

    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Every secret it refers to, with its dotted path in itops.yaml."""
        yield from _secrets_in(self.settings, f"{self.section}.{self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositorySettings:
    """One repository of the backup plan: the plugin that looks, what it wants to know, and where the place stands."""

    name: str
    type: str
    settings: Any  # an instance of the plugin's own Settings
    place: Place
    line: int  # of itops.yaml
    plugin: Any = field(repr=False)

    @classmethod
    def of(cls, held: Plugged) -> "RepositorySettings":
        """As the file has it."""
        return cls(
            name=held.name,
            type=held.type,
            settings=held.settings,
            place=held.common,
            line=held.line,
            plugin=held.plugin,
        )

    def build(self, zone: ZoneInfo) -> Any:
        """The repository itself (`itops.backup.repositories.Repository`); touches neither network nor disk."""
        return self.plugin(self.name, self.settings, zone)

    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Every secret it refers to, with its dotted path in itops.yaml."""
        yield from _secrets_in(self.settings, f"backup.repositories.{self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectsSettings:
    """What the office must have: how many servers of each role."""

    roles: Mapping[str, Count] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probes:
    """Which probes may knock at servers to learn their roles; none unless they are named."""

    names: tuple[str, ...] = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Probes":
        """`off`, or a list of names; raises ValueError."""
        if value == "off":
            return cls()
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise ValueError("should be off or a list of probes: [kms, tds]")
        return cls(tuple(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesSettings:
    """How servers get their roles; the rules are joined with the built-in ones in `itops.inventory.roles`."""

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    probes: Probes = Probes()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreSetting:
    """A finding that somebody decided to live with."""

    code: str
    subject: str | None = None
    reason: str | None = None
    until: date | None = None

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "IgnoreSetting":
        """A bare code."""
        if not isinstance(value, str) or not value:
            raise ValueError("should be a code, or {code, subject, reason, until}")
        return cls(code=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """Thresholds by `RULE.PARAMETER`, and what is ignored."""

    thresholds: Mapping[str, Any] = field(default_factory=dict)
    ignore: tuple[IgnoreSetting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """A PostgreSQL store instead of the SQLite file in the state folder."""

    url: str
    password: Secret | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "postgresql" or not parts.hostname:
            raise ValueError("url: should be postgresql://user@host/database; without a store: section SQLite is used")
        if parts.password is not None or "password" in parts.query:
            raise ValueError("url: holds a password; take it out and write `password: file:PATH` beside it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole of itops.yaml, judged."""

    path: Path
    office: OfficeSettings
    sources: tuple[PluginSettings, ...]
    expects: ExpectsSettings
    roles: RolesSettings
    health: HealthSettings
    assets: AssetPolicy
    backup: BackupPlan | None
    report: ReportSettings | None
    services: Mapping[str, Service]
    delivery: DeliveryPolicy | None
    schedule: SchedulePolicy
    alerts: AlertPolicy
    heartbeat: HeartbeatPolicy
    state: Path
    store: StoreSettings | None

    @property
    def folder(self) -> Path:
        """The folder of itops.yaml; every path in it is relative to this one."""
        return self.path.parent

    @property
    def register(self) -> Path:
        """The hardware register."""
        return self.folder / self.assets.register

    def source(self, name: str) -> PluginSettings | None:
        """The source of that name."""
        return next((source for source in self.sources if source.name == name), None)

    def secrets(self) -> Iterator[tuple[str, Secret]]:
        """Every secret that the file refers to, with its dotted path."""
        for source in self.sources:
            yield from source.secrets()
        for repository in self.backup.repositories.values() if self.backup else ():
            yield from repository.secrets()
        for target in self.delivery.targets.values() if self.delivery else ():
            yield from target.secrets()
        for way in (*self.alerts.channels.values(), *self.heartbeat.pings.values()):
            yield from way.secrets()
        if self.store and self.store.password:
            yield "store.password", self.store.password


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """The top level of itops.yaml."""

    office: OfficeSettings
    sources: Mapping[str, Any] = field(default_factory=dict)
    expects: ExpectsSettings = ExpectsSettings()
    roles: RolesSettings = RolesSettings()
    health: HealthSettings = HealthSettings()
    assets: AssetPolicy = field(default_factory=AssetPolicy)
    backup: BackupPlan | None = None
    report: ReportSettings | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    delivery: DeliveryPolicy | None = None
    schedule: SchedulePolicy = field(default_factory=SchedulePolicy)
    alerts: AlertPolicy = field(default_factory=AlertPolicy)
    heartbeat: HeartbeatPolicy = field(default_factory=HeartbeatPolicy)
    state: Path | None = None
    store: StoreSettings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugins:
    """Those that the file may name, by kind; of a kind without any each type is refused."""

    sources: Registry[Any] = field(default_factory=lambda: Registry({}))
    repositories: Registry[Any] = field(default_factory=lambda: Registry({}))
    targets: Registry[Any] = field(default_factory=lambda: Registry({}))
    channels: Registry[Any] = field(default_factory=lambda: Registry({}))
    pings: Registry[Any] = field(default_factory=lambda: Registry({}))

    @classmethod
    def installed(cls) -> "Plugins":
        """Every one that an installed distribution offers."""
        return cls(**{kind.name: Registry.from_entry_points(f"itops.{kind.name}") for kind in fields(cls)})


def load(path: Path, plugins: Plugins) -> Settings:
    """Read and judge itops.yaml.

    Raises ConfigInvalid with every mistake: line, dotted path, what is wrong, and what was probably meant.
    """
    path = path.absolute()
    document = load_yaml(path)
    mistakes: list[Mistake] = []
    settings = _settings(document, path, plugins, mistakes)
    if mistakes or settings is None:
        refuse(document.name, mistakes)
    return settings


def _settings(document: Document, path: Path, plugins: Plugins, mistakes: list[Mistake]) -> Settings | None:
    from itops.config.building import build  # noqa: PLC0415  pydantic: 40 ms that a typing mistake need not cost

    file = build(_File, document.texts, document, (), path.parent, mistakes)
    sources = _plugged(document, path.parent, ("sources",), plugins.sources, mistakes)
    repositories = _repositories(document, path.parent, plugins.repositories, mistakes)
    targets = _plugged(document, path.parent, ("delivery", "targets"), plugins.targets, mistakes)
    channels = _plugged(document, path.parent, ("alerts", "channels"), plugins.channels, mistakes)
    pings = _plugged(document, path.parent, ("heartbeat", "pings"), plugins.pings, mistakes)
    _check_jobs(document, mistakes)
    if file is None or mistakes:
        return None
    return Settings(
        path=path,
        office=file.office,
        sources=tuple(sources.values()),
        expects=file.expects,
        roles=file.roles,
        health=file.health,
        assets=file.assets,
        backup=replace(file.backup, repositories=repositories) if file.backup else None,
        report=file.report,
        services=file.services,
        delivery=replace(file.delivery, targets=targets) if file.delivery else None,
        schedule=file.schedule.completed(
            _report_due(file.report),
            is_delivered=bool(targets),
            is_heard=bool(pings or (targets and file.heartbeat.headquarters)),
        ),
        alerts=replace(file.alerts, channels=channels),
        heartbeat=replace(file.heartbeat, pings=pings),
        state=file.state or path.parent / "state",
        store=file.store,
    )


def _report_due(report: ReportSettings | None) -> When | None:
    if report is None or report.monthly is None:
        return None
    return When(at=report.monthly.at, day=report.monthly.day)


def _plugged(
    document: Document, folder: Path, place: tuple[str, ...], registry: Registry[Any], mistakes: list[Mistake]
) -> dict[str, PluginSettings]:
    """The entries of a section of plugins that have nothing in common but that."""
    noun = place[-1].removesuffix("s")
    section = PluggedSection(
        document=document, place=place, folder=folder, registry=registry, noun=noun, mistakes=mistakes
    )
    return {
        held.name: PluginSettings(
            section=".".join(place),
            name=held.name,
            type=held.type,
            settings=held.settings,
            line=held.line,
            plugin=held.plugin,
        )
        for held in section.read(_below(document.texts, *place))
    }


def _repositories(
    document: Document, folder: Path, registry: Registry[Any], mistakes: list[Mistake]
) -> dict[str, RepositorySettings]:
    section = PluggedSection(
        document=document,
        place=("backup", "repositories"),
        folder=folder,
        registry=registry,
        noun="repository",
        common=Place,
        mistakes=mistakes,
    )
    return {
        held.name: RepositorySettings.of(held)
        for held in section.read(_below(document.texts, "backup", "repositories"))
    }


def _check_jobs(document: Document, mistakes: list[Mistake]) -> None:
    """Judged on the texts, so that it is told together with mistakes that keep the plan from being built."""
    backup = _below(document.texts, "backup")
    repositories = _below(backup, "repositories")
    for name, job in _below(backup, "jobs").items():
        named = _below(job).get("repository")
        for wanted in named if isinstance(named, list) else [named]:
            if not isinstance(wanted, str) or wanted in repositories:
                continue
            place = ("backup", "jobs", name, "repository")
            problem = f"there is no repository {quoted(wanted)}{did_you_mean(wanted, repositories)}"
            mistakes.append(Mistake(document.line(place), dotted(place), problem))


def _below(tree: Any, *keys: str) -> dict[str, Any]:
    """The section under `keys`; an empty one where there is something else, which is a mistake told elsewhere."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def _secrets_in(value: Any, path: str) -> Iterator[tuple[str, Secret]]:
    if isinstance(value, Secret):
        yield path, value
    elif is_dataclass(value):
        for part in fields(value):
            yield from _secrets_in(getattr(value, part.name), f"{path}.{part.name}")
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from _secrets_in(held, f"{path}.{key}")
    elif isinstance(value, tuple):
        for position, held in enumerate(value):
            yield from _secrets_in(held, f"{path}[{position + 1}]")
