"""An office with a register and a store of sightings, and `itops assets` as a person calls it there."""

import json
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from itops import clock
from itops.assets.sightings import NetworkCard, Readings, Sighting, Supply, UpsReading, Via, entity_of
from itops.cli.main import cli
from itops.inventory.entities import EntityKey, Observation
from itops.store import StoreLocation, open_store

REGISTER = """\
# ours
sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: فردیس, en: Fardis}}
assets:
  - id: PRN-1   # the loud one
    kind: printer
    name: {fa: چاپگر, en: Printer}
    serial: PRN0001
    vendor: Kyocera
    model: M2040dn
    site: head
  - {id: SW-1, kind: network_device, name: سوئیچ, serial: FOC1111, vendor: Cisco, host_name: sw-1, site: head}
  - {id: TON-1, kind: peripheral, name: {fa: سینی, en: Tray}, site: head, part_of: PRN-1}
  - {id: FAX-1, kind: printer, name: فکس, serial: FAX0001, vendor: Brother, site: fardis, in_service: 1400-05-02}
"""
OFFICE = "office: {id: demo, calendar: jalali}\n"


def sighting(address: str, *, source: str = "net", at: datetime | None = None, **told: Any) -> Sighting:
    """A device as a collector saw it, now when nothing is said."""
    key = EntityKey(f"{source}/{address}")
    common = {"via": Via.SNMP, "site": "head", "kind": "printer", **told}
    return Sighting(source=source, key=key, address=address, seen_at=at or clock.now(), **common)


PRINTER = {"serial": "PRN0001", "vendor": "Kyocera", "model": "M2040dn"}
"""What PRN-1 tells when nothing about it has changed."""


class Terminal(StringIO):
    """Where a person answers."""

    def isatty(self) -> bool:
        """Yes."""
        return True


class AssetsDoor:
    """The office in a folder."""

    def __init__(self, folder: Path, register: str = REGISTER) -> None:
        self.folder = folder
        self.register = folder / "inventory.yaml"
        self.register.write_text(register, encoding="utf-8")
        self.configure()

    def configure(self, *sources: str) -> None:
        """Write itops.yaml with these lines below `sources:`."""
        lines = "".join(f"  {line}\n" for line in sources)
        (self.folder / "itops.yaml").write_text(OFFICE + (f"sources:\n{lines}" if sources else ""), encoding="utf-8")

    @property
    def text(self) -> str:
        """The register as it stands."""
        return self.register.read_text(encoding="utf-8")

    def saw(self, *sightings: Sighting, source: str = "net", at: datetime | None = None) -> None:
        """Keep what a source saw in one scan."""
        now = at or clock.now()
        (self.folder / "state").mkdir(mode=0o700, exist_ok=True)
        seen = Observation(source=source, observed_at=now, seen=iter(()))
        location = StoreLocation(folder=self.folder / "state")
        with closing(open_store(location, now)) as store, store.begin_scan(seen, now) as writer:
            for one in sightings:
                writer.add(entity_of(replace(one, seen_at=now), ref=one.address or one.key))
            writer.finish(now + timedelta(seconds=1), [source])

    def ran(self, *words: str) -> Result:
        """The command, whatever comes of it; nobody is at the terminal."""
        return CliRunner().invoke(cli, ["--config", str(self.folder / "itops.yaml"), "assets", *words])

    def done(self, *words: str) -> Result:
        """The command, which ends well."""
        ended = self.ran(*words)
        assert ended.exception is None, (ended.exception, ended.output)
        return ended

    def at_terminal(self, patch: pytest.MonkeyPatch, typed: "str | Terminal", *words: str) -> None:
        """The command with a person who answers, a line a question."""
        patch.setattr(sys, "stdin", typed if isinstance(typed, StringIO) else Terminal(typed))
        cli.main(["--config", str(self.folder / "itops.yaml"), "assets", *words], standalone_mode=False)

    def told(self, *words: str) -> Any:
        """The `data` of the command's JSON."""
        return json.loads(self.done(*words, "--output", "json").stdout)["data"]

    def items(self) -> dict[str, str]:
        """The plan, id -> code."""
        return {item["id"]: item["code"] for item in self.told("scan", "--stored")["items"]}


UPS = {
    "kind": "ups",
    "serial": "UPS0001",
    "cards": (NetworkCard(mac="00005e005350"),),
    "readings": Readings(
        uptime_seconds=7_776_012,
        ups=UpsReading(runtime_seconds=600, charge_ratio=1.0),
        supplies=(Supply(name="Drum", level_ratio=0.43), Supply(name="Toner", state="some left")),
    ),
}
"""A device that measures much."""
