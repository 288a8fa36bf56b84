"""Start the simulated vCenter or ESXi host, change its inventory while it runs, and stop it again.

The process ends by itself when its standard input closes, so a test run that is killed leaves nothing behind.
"""

import contextlib
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from filelock import FileLock

ROOT = Path(__file__).parents[2]
BINARY = ROOT / "build" / "vsphere-simulator"


def built_simulator() -> Path:
    """The binary, built by make when it is missing or older than its source; one test process builds, others wait."""
    with FileLock(Path(tempfile.gettempdir()) / "itops-simulator-build.lock"):
        subprocess.run(["make", "--silent", "build/vsphere-simulator"], cwd=ROOT, check=True, timeout=600)
    return BINARY


@dataclass(slots=True)
class Simulator:
    """A running simulator and everything a client needs to reach it."""

    process: "subprocess.Popen[str]"
    url: str
    host: str
    port: int
    certificate: str  # PEM
    pin: str  # SHA-256 of the certificate, hex
    username: str
    password: str
    machine_count: int

    @classmethod
    def start(cls, *flags: str) -> "Simulator":
        """Start with these flags (see `build/vsphere-simulator -h`) and wait until it answers."""
        process = subprocess.Popen(
            [built_simulator(), *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator ended at once with {process.wait(10)}; flags: {flags}")
        ready = json.loads(line)
        return cls(
            process=process,
            url=ready["url"],
            host=ready["host"],
            port=int(ready["port"]),
            certificate=ready["pem"],
            pin=ready["sha256"],
            username=ready["username"],
            password=ready["password"],
            machine_count=ready["machines"],
        )

    def command(self, do: str, name: str = "", **more: str | int) -> str:
        """Give one command and wait for its answer: the moref of the machine. Raises ValueError when it is refused."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"do": do, "name": name, **more}), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        if not answer["ok"]:
            raise ValueError(answer["error"])
        return str(answer["ref"])

    def add(self, name: str) -> str:
        """Create one more anonymous machine."""
        return self.command("add", name)

    def rename(self, name: str, to: str) -> str:
        return self.command("rename", name, to=to)

    def remove(self, name: str) -> str:
        return self.command("remove", name)

    def snapshot(self, name: str, snapshot: str, *, days: int = 0) -> str:
        """Take a snapshot that is already so many days old."""
        return self.command("snapshot", name, to=snapshot, days=days)

    def unsnapshot(self, name: str) -> str:
        return self.command("unsnapshot", name)

    def reconfigure(self, name: str, **changes: str | int) -> str:
        """Change cpus, memory_mib, notes or version (the hardware version, `vmx-17`)."""
        return self.command("reconfigure", name, **changes)

    def move(self, name: str, host: str) -> str:
        return self.command("move", name, to=host)

    def power(self, name: str, state: str) -> str:
        """Switch it `on` or `off`."""
        return self.command("power", name, state=state)

    def connect(self, name: str, state: str) -> str:
        """Set its connection state: connected, disconnected, orphaned, inaccessible or invalid."""
        return self.command("connect", name, state=state)

    def stop(self) -> None:
        """Close its input and wait; end it by force if it does not listen."""
        with contextlib.suppress(BrokenPipeError, subprocess.TimeoutExpired):
            self.process.communicate(timeout=10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def __enter__(self) -> "Simulator":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
