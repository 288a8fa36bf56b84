"""A server that a test starts: waited for until it is ready, ended however the test ends."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 60.0
_PAUSE_SECONDS = 0.05


@contextmanager
def until_the_end(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """Terminate it at the end, kill it when it does not go."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(is_ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path, name: str) -> None:
    """Raise RuntimeError with its log when it ends, or takes too long, before it is ready."""
    deadline = time.monotonic() + _START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} did not start:\n{log.read_text(errors='replace')}")
        time.sleep(_PAUSE_SECONDS)


def listens(port: int, host: str = "127.0.0.1") -> Callable[[], bool]:
    """Whether something accepts connections there."""

    def connects() -> bool:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            return False
        return True

    return connects
