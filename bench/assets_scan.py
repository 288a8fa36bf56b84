"""Scanning devices by SNMP: a whole /24 in seconds, and thousands of recorded devices, odd ones too, without a crash.

The devices are a simulation (`itops.demo.devices`) in a process of its own; addresses at which nothing is are played
as silent ones, for on loopback they would refuse at once.
"""

import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from multiprocessing.connection import Connection

from bench.measure import Result, peak_of_this_process
from itops.assets.sightings import Sighting, sighting_of
from itops.demo.devices.answering import Fault
from itops.demo.devices.draft import MadeDevice
from itops.demo.devices.making import make_recordings
from itops.demo.devices.recording import recording_of
from itops.demo.devices.simulator import Simulator
from itops.inventory.entities import Entity, Gap
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSettings, SnmpSource

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NETWORK, ANSWERING = 254, 20
RECORDED, AT_ONCE, A_NETWORK = 2_000, 500, 250
MIB = 1 << 20
TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One scan of one source."""

    seconds: float
    sightings: Mapping[str, Sighting]  # by address; a member of a stack has its serial behind a slash
    gaps: tuple[Gap, ...]


def results() -> Iterator[Result]:
    """The promises of a scan by SNMP."""
    yield bench_network()
    yield bench_recorded()


def bench_network() -> Result:
    """A /24 in which twenty devices of all families answer and nothing else does."""
    with played(first=0, count=ANSWERING, silent=NETWORK - ANSWERING) as port:
        scans = [scan(port, "127.0.20.1-254") for _ in range(TIMES)]
    best = min(scans, key=lambda done: done.seconds)
    return Result(
        name=f"scan a /24 with {ANSWERING} answering devices, timeout 1 s, one retry",
        figure=f"{best.seconds:.2f} s for {len(best.sightings)} sightings (a stack is two), {len(best.gaps)} gap",
        target="under 3 s, all of them",
        is_met=best.seconds < 3 and all(done.sightings.keys() >= devices(0, ANSWERING).keys() for done in scans),
    )


def bench_recorded() -> Result:
    """Thousands of recorded devices: every one a sighting, and what they truly are beside what was understood."""
    truth: dict[str, MadeDevice] = {}
    seen: dict[str, Sighting] = {}
    gaps: Counter[str] = Counter()
    seconds = 0.0
    for first in range(0, RECORDED, AT_ONCE):
        with played(first=first, count=AT_ONCE) as port:
            done = scan(port, f"127.0.20.1-{A_NETWORK}", f"127.0.21.1-{A_NETWORK}")
        seconds += done.seconds
        truth |= {f"{first}/{address}": made for address, made in devices(first, AT_ONCE).items()}
        seen |= {f"{first}/{address}": sighting for address, sighting in done.sightings.items() if "/" not in address}
        gaps.update(gap.code for gap in done.gaps)
    told = {place: made.serial for place, made in truth.items() if made.serial}
    found = sum(place in seen and cleaned(seen[place].serial) == serial for place, serial in told.items())
    more = ", ".join(f"{count} {code}" for code, count in sorted(gaps.items())) or "none"
    return Result(
        name=f"{RECORDED} recorded devices, junk and traps among them",
        figure=f"{len(seen)} seen in {seconds:.1f} s, {found} of {len(told)} told serials, gaps: {more},"
        f" {peak_of_this_process() / MIB:.0f} MiB",
        target="every one of them a sighting, no crash, 9 of 10 serials",
        is_met=len(seen) == RECORDED and found >= 0.9 * len(told),
    )


def cleaned(serial: str | None) -> str | None:
    """Without padding."""
    return serial.strip(" \0") if serial else None


def scan(port: int, *addresses: str) -> Scan:
    """One scan, from the first question to the last entity."""
    settings = SnmpSettings(addresses=tuple(map(Addresses, addresses)), community=Secret("public"), port=port)
    began = time.perf_counter()
    [observation] = SnmpSource("net", settings).observe(NOW)
    seen = list(observation.seen)
    seconds = time.perf_counter() - began
    sightings = {thing.key.removeprefix("net/"): sighting_of(thing) for thing in seen if isinstance(thing, Entity)}
    gaps = tuple(thing for thing in seen if isinstance(thing, Gap))
    return Scan(seconds=seconds, sightings=sightings, gaps=gaps)


def devices(first: int, count: int) -> dict[str, MadeDevice]:
    """Address -> device; the numbers of the devices go on from one call to the next."""
    made = islice(make_recordings(first + count), first, None)
    return {f"127.0.{20 + at // A_NETWORK}.{1 + at % A_NETWORK}": device for at, device in enumerate(made)}


@contextmanager
def played(*, first: int, count: int, silent: int = 0) -> Iterator[int]:
    """A process that plays so many devices, and so many silent ones behind them; gives the port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_play, args=(theirs, first, count, silent))
    process.start()
    try:
        yield int(ours.recv())
    finally:
        ours.send("enough")
        process.join()


def _play(line: Connection, first: int, count: int, silent: int) -> None:
    recordings = {address: device.recording for address, device in devices(first, count).items()}
    nobody = {f"127.0.20.{1 + at}": recording_of({}) for at in range(count, count + silent)}
    with Simulator(recordings | nobody, faults=dict.fromkeys(nobody, Fault.SILENT)) as playing:
        line.send(playing.port)
        line.recv()
