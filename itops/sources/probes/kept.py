"""The results of probes between two runs: one small JSON file in the state folder."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from itops.errors import InputInvalid, StoreUnavailable
from itops.inventory.roles.probed import Outcome, ProbeResult, latest

_RESULTS = "results-1"
"""The key names the schema: another one is not read as this one."""


class ProbeFile:
    """`probes.json`: read whole, written whole and atomically, so that a killed run leaves the old file or the new."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[ProbeResult, ...]:
        """What is known; nothing when nobody ever probed."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return tuple(_result(entry) for entry in kept[_RESULTS])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise InputInvalid(
                f"{self._path} cannot be read as results of probes: {wrong}",
                remedy="remove the file and probe again: `itops inventory roles probe --send`",
            ) from wrong

    def keep(self, results: Iterable[ProbeResult]) -> None:
        """Add results; of each question the one that counts is kept."""
        kept = sorted(latest((*self.load(), *results)), key=lambda result: (result.vm_id, result.probe, result.address))
        content = {
            _RESULTS: [asdict(result) | {"observed_at": result.observed_at.isoformat()} for result in kept],
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as wrong:
            beside.unlink(missing_ok=True)
            raise StoreUnavailable(
                f"{self._path} cannot be written: {wrong.strerror}", remedy="check the state folder's rights and space"
            ) from wrong


def _result(entry: dict[str, Any]) -> ProbeResult:
    moment = datetime.fromisoformat(entry["observed_at"])
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return ProbeResult(
        vm_id=str(entry["vm_id"]),
        probe=str(entry["probe"]),
        address=str(entry["address"]),
        port=int(entry["port"]),
        outcome=Outcome(entry["outcome"]),
        roles=tuple(str(role) for role in entry["roles"]),
        detail=str(entry["detail"]),
        observed_at=moment,
    )
