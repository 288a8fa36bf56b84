"""Debian's rsyslog as a process of its own: one collector, TCP or TLS, that writes what it understood as JSON."""

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.delivery_servers import HOST, free_port, running
from tests.e2e.self_signed import SelfSigned, self_signed

RSYSLOGD = Path("/usr/sbin/rsyslogd")
DRIVERS = ("gtls", "ossl")
_WAIT_SECONDS = 30.0
_PAUSE_SECONDS = 0.05
_TEMPLATE = """template(name="seen" type="list" option.jsonf="on") {
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="moment" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="app-name" format="jsonf")
  property(outname="kind" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
"""


@dataclass(frozen=True, kw_only=True)
class Rsyslog:
    """A running collector."""

    port: int
    identity: SelfSigned
    kept: Path

    def seen(self, count: int) -> list[dict[str, Any]]:
        """So many records, waited for; raises RuntimeError when they do not come, or more come."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            text = self.kept.read_text() if self.kept.exists() else ""
            if text.count("\n") >= count:
                break
            time.sleep(_PAUSE_SECONDS)
        found = [json.loads(line) for line in text.splitlines()]
        if len(found) != count:
            raise RuntimeError(f"{len(found)} records: {text}")
        return found


@contextmanager
def running_rsyslog(driver: str | None = None, *, authentication: str = "anon") -> Iterator[Rsyslog]:
    """`driver`: of TLS; None: plain TCP. `authentication`: what rsyslog calls `authMode`."""
    # A folder of its own: Debian's profile keeps rsyslogd from others where such profiles are enforced.
    with tempfile.TemporaryDirectory(prefix="itops-rsyslog-") as home:
        folder, port, identity = Path(home), free_port(), self_signed(HOST)
        config = folder / "rsyslog.conf"
        config.write_text(_TEMPLATE + _input(folder, port, identity, driver, authentication))
        command = [str(RSYSLOGD), "-n", "-f", str(config), "-i", str(folder / "pid")]
        with running(command, port, folder / "log"):
            yield Rsyslog(port=port, identity=identity, kept=folder / "kept")


def _input(folder: Path, port: int, identity: SelfSigned, driver: str | None, authentication: str) -> str:
    both = identity.write(folder)
    tls = f' streamDriver.name="{driver}" streamDriver.mode="1" streamDriver.authMode="{authentication}"'
    files = f'global(workDirectory="{folder}"' + (
        f' defaultNetstreamDriver="{driver}" defaultNetstreamDriverCAFile="{both}"'
        f' defaultNetstreamDriverCertFile="{both}" defaultNetstreamDriverKeyFile="{both}")\n'
        if driver
        else ")\n"
    )
    return (
        files
        + f'module(load="imtcp"{tls if driver else ""})\n'
        + f'input(type="imtcp" address="{HOST}" port="{port}" ruleset="kept")\n'
        + f'ruleset(name="kept") {{ action(type="omfile" file="{folder}/kept" template="seen") }}\n'
    )
