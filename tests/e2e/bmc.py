"""A BMC for tests: `ipmi_sim` of Debian's package openipmi on loopback, with a FRU of the test's own."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

USERNAME, PASSWORD = "itops", "a-secret-of-tests"
FEW_RIGHTS, ITS_PASSWORD = "reader", "another-of-tests"
GUID = "a123456789abcdefa123456789abcdef"
_START_SECONDS = 15.0
_FIRST = datetime(1996, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Bmc:
    """One that runs."""

    port: int
    log: Path


@contextmanager
def running_bmc(folder: Path, fru: bytes | None) -> Iterator[Bmc]:
    """Start one at 127.0.0.1; without a FRU it has none."""
    if shutil.which("ipmi_sim") is None or shutil.which("ipmitool") is None:
        raise FileNotFoundError("no ipmi_sim or ipmitool: install the packages openipmi and ipmitool")
    port = _free_port()
    (folder / "state").mkdir()
    (folder / "lan.conf").write_text(_LAN.format(port=port), encoding="utf-8")
    commands = ["mc_setbmc 0x20", "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02", f"mc_set_guid 0x20 {GUID}"]
    if fru is not None:
        (folder / "fru").write_bytes(fru)
        commands.append(f'mc_add_fru_data 0x20 0 {len(fru)} file 0 "{folder / "fru"}"')
    (folder / "commands").write_text("\n".join([*commands, "mc_enable 0x20", ""]), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["ipmi_sim", "-n", "-c", "lan.conf", "-f", "commands", "-s", "state"], cwd=folder, stdout=log, stderr=log,
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            _wait_until_ready(process, port, folder / "log")
            yield Bmc(port=port, log=folder / "log")
        finally:
            process.terminate()
            process.wait(timeout=10)


def ipmitool(port: int, *question: str) -> None:
    """Change the simulated BMC, as its administrator."""
    login = ["ipmitool", "-I", "lanplus", "-H", "127.0.0.1", "-p", str(port), "-U", USERNAME, "-E", "-C", "3"]
    environment = {**os.environ, "IPMI_PASSWORD": PASSWORD}
    subprocess.run([*login, *question], check=True, capture_output=True, env=environment, timeout=60)


def fru_of(*, chassis: tuple[str, ...], board: tuple[str, ...], product: tuple[str, ...], made: datetime) -> bytes:
    """A FRU as the IPMI platform management specification lays it out: header, chassis, board, product."""
    minutes = int((made - _FIRST).total_seconds() // 60)
    areas = [
        _area(b"\x17", chassis),  # a rack mount chassis
        _area(b"\x19" + minutes.to_bytes(3, "little"), board),
        _area(b"\x19", product),
    ]
    starts, at = [], 1
    for area in areas:
        starts.append(at)
        at += len(area) // 8
    return _summed(bytes([1, 0, *starts, 0, 0])) + b"".join(areas)


def _area(head: bytes, texts: tuple[str, ...]) -> bytes:
    body = head + b"".join(bytes([0xC0 | len(text)]) + text.encode("latin-1") for text in texts) + b"\xc1"
    filled = body + bytes(-(len(body) + 3) % 8)
    return _summed(bytes([1, (len(filled) + 3) // 8]) + filled)


def _summed(data: bytes) -> bytes:
    return data + bytes([-sum(data) & 255])


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Until it answers an RMCP presence ping."""
    ping = bytes.fromhex("0600ff06000011be80000000")
    deadline = time.monotonic() + _START_SECONDS
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        probe.connect(("127.0.0.1", port))
        while process.poll() is None and time.monotonic() < deadline:
            try:
                probe.send(ping)
                probe.recv(100)
            except OSError:
                time.sleep(0.05)
            else:
                return
    raise RuntimeError(f"ipmi_sim did not start:\n{log.read_text(errors='replace')}")


_LAN = f"""name "bmc"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 {{port}}
    priv_limit admin
    allowed_auths_user md5
    allowed_auths_operator md5
    allowed_auths_admin md5
    guid {GUID}
  endlan
  user 2 true "{USERNAME}" "{PASSWORD}" admin 10
  user 3 true "{FEW_RIGHTS}" "{ITS_PASSWORD}" user 10
"""
