"""Heartbeats of the small fictional office of `made`."""

from dataclasses import replace
from typing import Any

from itops.bundles.heartbeat import HEARTBEAT_NAMESPACE, Heartbeat, write_heartbeat
from itops.bundles.pings import Pulse
from itops.bundles.targets import HeartbeatFile
from tests.bundles.made import NOW, OFFICE_KEY, allowed, later

BEATS = allowed(namespaces=frozenset({"itops-bundle", HEARTBEAT_NAMESPACE}))
PULSE = Pulse(ok=38, warning=1, critical=2, unknown=3, stale=4, runs_ok=290, runs_failed=5)
HEARTBEAT = Heartbeat(
    office="alborz",
    made_at=NOW,
    tool_version="1.2.0",
    report="1405-08",
    beat_at=later(minutes=-1),
    evaluated_at=later(minutes=-3),
    pulse=PULSE,
)


def beat(key: bytes = OFFICE_KEY, **changed: Any) -> HeartbeatFile:
    return write_heartbeat(replace(HEARTBEAT, **changed), key)
