"""What the commands that read need of itops.yaml, fast.

The strict loader costs 200 ms of CPU: pydantic, and every plugin of a source. So a file that it found without a
mistake leaves its fingerprint in the state folder, and as long as the file stays the same, reading commands only
glance at it. A file that changed, or that has anything unusual in it, is judged anew, with every mistake told.
What it found is left there, too: see itops/cli/glance.py.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from itops.cli.glance import BEAT_WITHIN, JUDGED_FILE, Glance, common, fingerprint, judged, leave, left_of
from itops.errors import ConfigInvalid
from itops.inventory.roles.rules import RoleSettings
from itops.store import StoreLocation

if TYPE_CHECKING:
    from itops.config.settings import Settings

__all__ = ["JUDGED_FILE", "Setting", "fingerprint", "load_settings", "read_setting", "setting_of", "strictly_loaded"]
_CALENDARS = ("jalali", "gregorian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Glance):
    """What the commands that read need of itops.yaml."""

    roles: RoleSettings = field(default_factory=RoleSettings)


def strictly_loaded(config_path: Path) -> "Settings":
    """The whole of itops.yaml, judged with the plugins that are installed; raises ConfigInvalid."""
    from itops.config.settings import Plugins, load  # noqa: PLC0415  see the head of this file

    return load(config_path, Plugins.installed())


def load_settings(config_path: Path, load: "Callable[[Path], Settings]" = strictly_loaded) -> "Settings":
    """The whole of itops.yaml, judged, its fingerprint left in the state folder; raises ConfigInvalid."""
    before = fingerprint(config_path)
    settings = load(config_path)
    if before and before == fingerprint(config_path) and settings.state.is_dir():
        # Whoever may read the state folder but not write into it only pays the time, every time.
        with suppress(OSError):
            setting = setting_of(settings)
            leave(settings.state / JUDGED_FILE, before, setting, _roles_left(setting.roles))
    return settings


def read_setting(config_path: Path, load: "Callable[[Path], Settings]" = strictly_loaded) -> Setting:
    """The setting in the file at `config_path`; raises ConfigInvalid with every mistake in the file."""
    path = config_path.absolute()
    held = left_of(path)
    if held is not None and (left := _setting(held)) is not None:
        return left
    glanced = _glance(path)
    if glanced is not None and fingerprint(path) == judged(glanced.location.folder).partition("\n")[0]:
        return glanced
    return setting_of(load_settings(path, load))


def setting_of(settings: "Settings") -> Setting:
    """The few settings that reading needs."""
    store = settings.store
    return Setting(
        calendar=settings.office.calendar,
        zone=settings.office.zone,
        sources={source.name: source.type for source in settings.sources},
        location=StoreLocation(
            folder=settings.state, url=store.url if store else None, password=store.password if store else None
        ),
        roles=RoleSettings(names=settings.roles.patterns, attributes=settings.roles.attributes),
        beat_within=settings.schedule.beat_within,
        has_backups=settings.backup is not None and bool(settings.backup.jobs),
    )


def _roles_left(roles: RoleSettings) -> dict[str, Any]:
    names = {role: list(patterns) for role, patterns in roles.names.items()}
    return {"names": names, "attributes": list(roles.attributes)}


def _setting(held: Mapping[str, Any]) -> Setting | None:
    try:
        names = {role: _texts(patterns) for role, patterns in held["names"].items()}
        return Setting(**common(held), roles=RoleSettings(names=names, attributes=_texts(held["attributes"])))
    except (LookupError, TypeError, AttributeError, ValueError, OSError):
        return None  # left by another itops, or by nobody of ours


def _glance(path: Path) -> Setting | None:
    """The setting where it is written plainly, without judging the rest; None where anything is unusual."""
    from itops.config.yaml import load  # noqa: PLC0415  a command that is only asked for its help reads nothing

    try:
        tree: Any = load(path).texts
        if "store" in tree:
            return None
        office, roles = tree["office"], tree.get("roles") or {}
        calendar = office.get("calendar", _CALENDARS[0])
        return Setting(
            calendar=_CALENDARS[_CALENDARS.index(calendar)],
            zone=ZoneInfo(office.get("timezone", "Asia/Tehran")),
            sources={name: _text(source["type"]) for name, source in (tree.get("sources") or {}).items()},
            location=StoreLocation(folder=path.parent / Path(_text(tree.get("state", "state"))).expanduser()),
            beat_within=_beat_within(tree.get("schedule") or {}),
            has_backups=bool((tree.get("backup") or {}).get("jobs")),
            roles=RoleSettings(
                names={role: _texts(patterns) for role, patterns in (roles.get("patterns") or {}).items()},
                attributes=_texts(roles.get("attributes", [])),
            ),
        )
    except (ConfigInvalid, LookupError, TypeError, AttributeError, ValueError, OSError):
        return None  # the strict loader explains it, or takes it


def _beat_within(schedule: Mapping[str, Any]) -> timedelta:
    from itops.config.scalars import parse_duration  # noqa: PLC0415  as above

    return parse_duration(_text(schedule["beat_within"])) if "beat_within" in schedule else BEAT_WITHIN


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(_text(item) for item in value)
