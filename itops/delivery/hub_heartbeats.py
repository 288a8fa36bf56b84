"""The heartbeats that a simulated headquarters has: the newest of each office, by its own word. See `Hub`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Lock

from itops.bundles.heartbeat import NotAHeartbeat, check_heartbeat, read_heartbeat
from itops.bundles.keys import AllowedKey
from itops.bundles.objections import Objection
from itops.bundles.targets import HEARTBEAT_ENDING, HEARTBEAT_MAX_BYTES, heartbeat_name
from itops.delivery.durable import read_small, write_whole

HEARTBEATS_FOLDER = "heartbeats"


class Heartbeats:
    """One folder of them."""

    def __init__(self, folder: Path, keys: Sequence[AllowedKey]) -> None:
        self._folder = folder
        self._keys = keys
        self._taking = Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def newest(self, office: str) -> bytes | None:
        """The newest heartbeat of an office, as it travelled."""
        path = self._folder / heartbeat_name(office)
        return path.read_bytes() if path.exists() else None

    def take(self, content: bytes, office: str, now: datetime) -> tuple[Objection, ...]:
        """Keep what came as this office's, unless something speaks against it; the same again changes nothing."""
        with self._taking:
            held = self.newest(office)
            if held == content:
                return ()
            newest = None if held is None else read_heartbeat(held).made_at
            _, objections = check_heartbeat(content, self._keys, now, office=office, newest=newest)
            if not objections:
                write_whole(self._folder / heartbeat_name(office), content)
            return objections

    def collect(self, drop: Path, now: datetime, office: str | None = None) -> None:
        """Take what lies in a drop; `office`: whose drop it is. What does not count stays where it is."""
        for path in sorted(drop.glob(f"*{HEARTBEAT_ENDING}")):
            try:
                content = read_small(path, HEARTBEAT_MAX_BYTES)
                claimed = read_heartbeat(content).office
            except (OSError, NotAHeartbeat):
                continue
            if path.name == heartbeat_name(claimed) and office in (None, claimed):
                self.take(content, claimed, now)
