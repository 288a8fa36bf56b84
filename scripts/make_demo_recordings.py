"""Record the demo office from the simulator into itops/demo/: esx01 and esx02 at the start of 1402, vc01 at its end."""

from datetime import UTC, datetime
from pathlib import Path

from itops import __version__
from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.tasks.record_source import record_source
from itops.tls import Trust
from tests.e2e.simulator import Simulator

FOLDER = Path(__file__).resolve().parent.parent / "itops" / "demo"
CLOCK = ("-now", "2024-03-17T00:00:00Z", "-office")
FIRST = datetime(2023, 4, 4, 6, 30, tzinfo=UTC)
LAST = datetime(2024, 3, 17, 6, 30, tzinfo=UTC)


def record(name: str, observed_at: datetime, *flags: str) -> None:
    """One server, one file."""
    with Simulator.start(*CLOCK, *flags) as simulator:
        settings = VsphereSettings(
            host=simulator.host,
            port=simulator.port,
            username=simulator.username,
            password=Secret(simulator.password),
            tls=Trust(pin=simulator.pin),
            browse_datastores=True,
        )
        source = VsphereSource(name, settings)
        record_source(source, FOLDER / f"{name}.itops", now=observed_at, itops_version=__version__, redaction=None)


if __name__ == "__main__":
    record("esx01", FIRST, "before", "-esx", "-host", "esx01")
    record("esx02", FIRST, "before", "-esx", "-host", "esx02")
    record("vc01", LAST, "after")
