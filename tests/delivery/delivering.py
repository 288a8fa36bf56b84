"""An office and a simulated headquarters in two folders; the clock is moved by hand."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from itops.bundles.keys import AllowedKey
from itops.bundles.outbox import OutboxRow
from itops.bundles.recipients import Recipients
from itops.bundles.targets import BundleOnDisk, HeartbeatFile, Progress, Put, Target
from itops.delivery.age import NO_IDENTITIES, Identities
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.hub import Hub, HubSettings
from itops.delivery.outbox_files import OutboxFolder
from itops.errors import SourceUnavailable
from itops.store import StoreLocation, open_store
from itops.tasks.deliver_bundles import Delivery, Desk, Made, Maker, deliver, make_bundle
from tests.bundles.made import HEADQUARTERS, HUB_KEY, NOW, OFFICE, OFFICE_KEY


def silent(there: int, whole: int) -> None:
    assert 0 <= there <= whole


@dataclass
class Province:
    """The office, its drop, headquarters."""

    folder: Path
    now: datetime = NOW
    offices: tuple[AllowedKey, ...] = (OFFICE,)
    keys: tuple[AllowedKey, ...] = (HEADQUARTERS,)
    targets: list[Target] = field(default_factory=list)
    encrypt_to: Recipients | None = None
    identities: Identities = NO_IDENTITIES  # of headquarters

    def __post_init__(self) -> None:
        self.drop.mkdir(exist_ok=True)
        settings = FolderTargetSettings(path=self.drop, encrypt_to=self.encrypt_to)
        self.targets = self.targets or [FolderTarget("share", settings)]
        self.hub = hub_in(self.folder / "hub", self.offices, identities=self.identities)

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    @property
    def outbox(self) -> OutboxFolder:
        return OutboxFolder(self.folder / "state" / "outbox")

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    def make(self, text: str = "گزارش", period: str = "1405-08") -> Made:
        report = self.folder / "report.txt"
        report.write_text(text)
        maker = Maker(
            office="alborz", tool_version="1.2.0", redaction="none", private_key=OFFICE_KEY, folder=self.outbox
        )
        with open_store(self.location, self.now) as store:
            return make_bundle(store.outbox, maker, period, {"report.txt": report}, self.now)

    def deliver(self) -> Delivery:
        with open_store(self.location, self.now) as store:
            desk = Desk(
                store=store.outbox,
                folder=self.outbox,
                targets=self.targets,
                keys=self.keys,
                progress=lambda row: silent,
            )
            return deliver(desk, self.now)

    def change(self, sha256: str, step: Callable[[OutboxRow], OutboxRow]) -> None:
        with open_store(self.location, self.now) as store:
            store.outbox.change(sha256, step)

    def rows(self) -> list[OutboxRow]:
        with open_store(self.location, self.now) as store:
            return store.outbox.rows()

    def states(self) -> list[str]:
        return [row.state.value for row in self.rows()]

    def collect(self) -> int:
        return self.hub.collect(self.drop, self.now)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


def hub_in(folder: Path, offices: tuple[AllowedKey, ...], **more: Any) -> Hub:
    return Hub(HubSettings(folder=folder, name="hq", private_key=HUB_KEY, offices=offices, **more))


class ClosedWay:
    """A target that is never open."""

    name = "closed"

    def __init__(self) -> None:
        self.asked = 0

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        self.asked += 1
        raise SourceUnavailable("closed: no line", remedy="plug it in")

    def beat(self, heartbeat: HeartbeatFile) -> None:
        self.asked += 1
        raise SourceUnavailable("closed: no line", remedy="plug it in")

    def receipts(self, sha256s: Collection[str]) -> Iterable[bytes]:
        return ()
