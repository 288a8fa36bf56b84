"""Heartbeats outside itops: OpenSSH verifies them; whoever writes one may be killed at any instant."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import paramiko
import pytest

from itops.bundles.heartbeat import HEARTBEAT_NAMESPACE, check_heartbeat
from itops.bundles.keys import allowed_signers_text
from itops.bundles.targets import HEARTBEAT_ENDING
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.sftp import SftpSettings, SftpTarget
from itops.secrets import Secret
from tests.bundles.beating import BEATS, beat
from tests.bundles.made import OTHER_KEY, allowed, later
from tests.e2e.delivery_children import beat_for_ever, children
from tests.e2e.ssh_simulations import HOST, doorkeeper

pytestmark = pytest.mark.e2e
KILLS = 40
PATIENCE_SECONDS = 60


@pytest.mark.parametrize(
    ("signer", "key", "is_right"),
    [("alborz", BEATS, True), ("alborz", allowed(OTHER_KEY), False), ("qazvin", BEATS, False)],
)
def test_openssh_verifies_a_heartbeat(tmp_path: Path, signer: str, key: object, is_right: bool) -> None:
    body, line_end, armored = beat().content.partition(b"\n")
    (tmp_path / "signers").write_text(allowed_signers_text((key,)))  # type: ignore[arg-type]
    (tmp_path / "sig").write_bytes(armored)
    command = ["ssh-keygen", "-Y", "verify", "-f", "signers", "-I", signer, "-n", HEARTBEAT_NAMESPACE, "-s", "sig"]
    done = subprocess.run(command, input=body + line_end, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) is is_right


def test_whoever_is_killed_while_writing_leaves_a_whole_heartbeat(tmp_path: Path) -> None:
    chance = random.Random(11)
    place = tmp_path / f"itops_alborz{HEARTBEAT_ENDING}"
    FolderTarget("share", FolderTargetSettings(path=tmp_path)).beat(beat())
    context = children()
    for number in range(KILLS):
        process = context.Process(target=beat_for_ever, args=(tmp_path, number * 100_000), daemon=True)
        before = place.read_bytes()
        process.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while place.read_bytes() == before:
            assert time.monotonic() < deadline, "the writer never began"
        process.join(chance.uniform(0.0, 0.02))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        _, objections = check_heartbeat(place.read_bytes(), (BEATS,), later(days=100), office="alborz")
        assert objections == ()
    assert {path.name for path in tmp_path.iterdir()} <= {place.name, f"{place.name}.part"}


class PlainFolder(paramiko.SFTPServerInterface):
    """A simulation of a server that knows no extension of SFTP: it renames nothing to a name that is taken."""

    def __init__(self, server: paramiko.ServerInterface, folder: Path) -> None:
        super().__init__(server)
        self._folder = folder

    def _at(self, path: str) -> Path:
        return self._folder / path.lstrip("/")

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except FileNotFoundError:
            return paramiko.SFTP_NO_SUCH_FILE

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle:
        handle = paramiko.SFTPHandle(flags)
        handle.writefile = handle.readfile = os.fdopen(os.open(self._at(path), flags, 0o600), "r+b", buffering=0)
        return handle

    def remove(self, path: str) -> int:
        self._at(path).unlink()
        return paramiko.SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._at(newpath).exists():
            return paramiko.SFTP_FAILURE
        self._at(oldpath).rename(self._at(newpath))
        return paramiko.SFTP_OK


def test_a_server_that_replaces_nothing_gets_the_new_heartbeat_too(tmp_path: Path) -> None:
    def subsystem(channel: paramiko.Channel) -> None:
        server = paramiko.SFTPServer(channel, "sftp", paramiko.ServerInterface(), PlainFolder, tmp_path)
        server.start_subsystem("sftp", channel.get_transport(), channel)

    with doorkeeper("password", subsystem=subsystem) as (port, fingerprint):
        settings = SftpSettings(
            host=HOST, port=port, username="office", password=Secret("right"), path="/", host_key=fingerprint
        )
        for file in (beat(), beat(), beat(made_at=later(hours=1))):
            SftpTarget("drop", settings).beat(file)
            assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {file.name: file.content}
