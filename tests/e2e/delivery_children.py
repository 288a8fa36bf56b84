"""What the child processes of the chaos test do: an office that sends, a simulated headquarters that takes."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from itops.bundles.targets import Target
from itops.delivery.age import NO_IDENTITIES
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.hub_http import serve
from itops.delivery.outbox_files import OutboxFolder
from itops.errors import StoreLocked
from itops.store import StoreLocation, open_store, writing  # noqa: F401  `writing`: loaded once, before the forks
from itops.tasks.deliver_bundles import Desk, Maker, deliver, make_bundle
from tests.bundles.beating import beat
from tests.bundles.made import HEADQUARTERS, OFFICE, OFFICE_KEY, later
from tests.delivery.age_keys import AgeKey
from tests.delivery.delivering import hub_in
from tests.delivery.http_target import HttpTarget

TOKEN = "a-token-of-the-office"
BUNDLES = 40


def children() -> ForkServerContext:
    """Processes of their own that need not import everything again."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def moment() -> datetime:
    return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)


def reports(folder: Path, number: int) -> dict[str, Path]:
    """A report of 0.2 to 3 MB."""
    path = folder / f"report-{number}"
    if not path.exists():
        path.write_bytes(number.to_bytes(2, "big") * (100_000 + 35_000 * number))
    return {"report.bin": path}


def office(folder: Path, port: int | None, key: AgeKey | None) -> None:
    """Make what is not made, deliver until all is delivered; killed at any moment, and begun again."""
    outbox = OutboxFolder(folder / "state" / "outbox")
    way: Target = FolderTarget("share", FolderTargetSettings(path=folder / "drop", encrypt_to=key and key.recipients))
    if port is not None:
        way = HttpTarget(port, TOKEN)
    maker = Maker(office="alborz", tool_version="1", redaction="none", private_key=OFFICE_KEY, folder=outbox)
    with open_store(StoreLocation(folder=folder / "state"), moment(), lock_wait_seconds=30) as store:
        for number in range(len(store.outbox.rows()), BUNDLES):
            make_bundle(store.outbox, maker, f"{1300 + number}", reports(folder, number), moment())
        while any(row.state.is_open for row in store.outbox.rows()):
            with suppress(StoreLocked, OSError, HTTPException):  # headquarters was killed while we asked it
                deliver(Desk(store=store.outbox, folder=outbox, targets=(way,), keys=(HEADQUARTERS,)), moment())
            time.sleep(0.01)


def headquarters(folder: Path, port: int | None, key: AgeKey | None, ready: Connection) -> None:
    """Take bundles for ever, from the drop or over HTTP; tells its port."""
    hub = hub_in(
        folder / "hub", (OFFICE,), tokens={TOKEN: "alborz"}, identities=key.identities if key else NO_IDENTITIES
    )
    if port is not None:
        server = serve(hub, moment, port)
        ready.send(server.server_address[1])
        server.serve_forever()
    ready.send(0)
    while True:
        hub.collect(folder / "drop", moment())
        time.sleep(0.02)


def beat_for_ever(drop: Path, start: int) -> None:
    """A heartbeat of another moment each time, until somebody kills this process."""
    way = FolderTarget("share", FolderTargetSettings(path=drop))
    for number in count(start):
        way.beat(beat(made_at=later(seconds=number)))
