"""A simulated vCenter of any size and an itops.yaml that points at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.simulator import Simulator


@contextmanager
def crowd(vms: int, page: int = 500) -> Iterator[Simulator]:
    """A simulated vCenter with so many realistic VMs (about 20 KB of XML each), answering in pages."""
    with Simulator.start("-vms", str(vms), "-hosts", "20", "-page", str(page)) as simulator:
        yield simulator


def write_office(folder: Path, simulator: Simulator) -> Path:
    """An itops.yaml with this one source, in an empty folder."""
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    secret = folder / "secrets" / "vc01"
    secret.touch(mode=0o600)
    secret.write_text(simulator.password)
    path = folder / "itops.yaml"
    path.touch(mode=0o600)
    path.write_text(
        "office: {id: bench, timezone: Asia/Tehran, calendar: jalali}\n"
        "sources:\n"
        f"  vc01: {{type: vsphere, host: {simulator.host}, port: {simulator.port}, username: {simulator.username},"
        f" password: 'file:secrets/vc01', tls: 'pin:sha256:{simulator.pin}', tags: false}}\n"
    )
    return path
