"""The register behind a command: its file, its assets, and what devices said when they were last asked."""

from collections.abc import Callable, Iterator
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, Register
from itops.cli.office import Office, pass_office
from itops.config.mistakes import did_you_mean
from itops.config.register.loading import LoadedRegister, load_whole
from itops.errors import UsageWrong
from itops.text import comparable

if TYPE_CHECKING:
    from itops.assets.devices import Device
    from itops.assets.reconciliation import ScanPlan


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
    def whole(self) -> LoadedRegister:
        """The register and where everything in it stands; raises ConfigInvalid with every mistake."""
        return load_whole(self.path)

    @property
    def register(self) -> Register:
        """All of it."""
        return self.whole.register

    def found(self, typed: str) -> list[Asset]:
        """The asset of that id; else those that carry it as a number: property number, serial, IT code, a part's."""
        wanted = comparable(typed)
        by_id = [one for one in self.register.assets if comparable(one.id) == wanted]
        return by_id or [one for one in self.register.assets if wanted in map(comparable, _numbers(one))]

    def asset(self, typed: str) -> Asset:
        """The one asset of that id or number; raises UsageWrong."""
        found = self.found(typed)
        if len(found) == 1:
            return found[0]
        if found:
            many = ", ".join(one.id for one in found)
            raise UsageWrong(f"{typed} is a number of {len(found)} assets: {many}", remedy="use one of these ids")
        hint = did_you_mean(typed, [one.id for one in self.register.assets])
        raise UsageWrong(f"there is no asset {typed!r}{hint}", remedy="`itops assets list` shows them all")

    def site(self, typed: str) -> str:
        """A site of the register; raises UsageWrong."""
        if typed in self.register.sites:
            return typed
        known = ", ".join(self.register.sites)
        remedy = f"use one of: {known}" if known else f"name it under `sites` in {self.path.name}"
        raise UsageWrong(f"there is no site {typed!r}{did_you_mean(typed, self.register.sites)}", remedy=remedy)

    def devices(self) -> "tuple[Device, ...]":
        """Everything that was ever seen and may be an asset, joined; nothing before the first scan."""
        return self._devices

    @cached_property
    def _devices(self) -> "tuple[Device, ...]":
        from itops.tasks.scan_assets import devices_of  # noqa: PLC0415  commands about the register alone need none

        return devices_of(self.office.any_reader, self.policy)

    @cached_property
    def plan(self) -> "ScanPlan":
        """What the last scans say against the register; of the first time that it is asked for."""
        from itops.assets.reconciliation import reconcile  # noqa: PLC0415  as above

        return reconcile(self.register, self.devices(), self.policy, self.office.now)


def _numbers(asset: Asset) -> Iterator[str]:
    numbers = [asset.asset_tag, asset.serial, asset.it_code]
    numbers += [number for part in asset.parts for number in (part.asset_tag, part.serial)]
    yield from filter(None, numbers)


def pass_assets(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the AssetsOffice of the configuration file."""

    @wraps(command)
    @pass_office
    def with_assets(office: Office, *args: Any, **kwargs: Any) -> Any:
        return command(AssetsOffice(office), *args, **kwargs)

    return with_assets
