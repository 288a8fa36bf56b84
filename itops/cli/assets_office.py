"""The register behind a command: its file, its assets, and what devices said when they were last asked."""

from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, Register
from itops.assets.sightings import Sighting, sighting_of
from itops.cli.office import Office, pass_office
from itops.config.register.loading import load
from itops.errors import UsageWrong
from itops.inventory.entities import Entity, Kind


class AssetsOffice:
    """What commands about the register share."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @property
    def policy(self) -> AssetPolicy:
        """The `assets:` section of itops.yaml."""
        return self.office.settings.assets

    @property
    def path(self) -> Path:
        """The register's root file."""
        return self.office.settings.register

    @cached_property
    def register(self) -> Register:
        """All of it; raises ConfigInvalid with every mistake."""
        return load(self.path)

    def asset(self, asset_id: str) -> Asset:
        """The asset of that id, property number or serial; raises UsageWrong."""
        from itops.config.mistakes import did_you_mean  # noqa: PLC0415  only needed when there is none

        typed = asset_id.casefold()
        found = [one for one in self.register.assets if one.id.casefold() == typed]
        found = found or [one for one in self.register.assets if typed in {_folded(one.asset_tag), _folded(one.serial)}]
        if len(found) == 1:
            return found[0]
        ids = [one.id for one in self.register.assets]
        problem = f"{asset_id} is {len(found)} assets" if found else f"there is no asset {asset_id!r}"
        raise UsageWrong(
            problem + did_you_mean(asset_id, ids), remedy="use an id, property number or serial of inventory.yaml"
        )

    def sightings(self) -> list[Sighting]:
        """What each collector last saw, newest state; nothing before the first scan."""
        return [sighting_of(entity) for entity in self.entities(Kind.DEVICE)]

    def entities(self, kind: Kind) -> list[Entity]:
        """Things of the inventory that may be assets, too: hosts and virtual machines."""
        reader = self.office.any_reader
        return list(reader.entities(kind)) if reader else []


def _folded(text: str | None) -> str | None:
    return text.casefold() if text else None


def pass_assets(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the AssetsOffice of the configuration file."""

    @wraps(command)
    @pass_office
    def with_assets(office: Office, *args: Any, **kwargs: Any) -> Any:
        return command(AssetsOffice(office), *args, **kwargs)

    return with_assets
