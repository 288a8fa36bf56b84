"""How things are measured: CPU seconds, peak memory, and the line a result becomes."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure beside its target; `is_met` decides the exit code of the bench."""

    name: str
    figure: str
    target: str
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one child process cost."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    output: str

    @property
    def value(self) -> dict[str, float]:
        """The JSON object that the child printed last."""
        return dict(json.loads(self.output.splitlines()[-1]))


def run(command: Sequence[str], *, may_fail: bool = False) -> Usage:
    """Run a program to its end and say what it cost, its children included."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode and not may_fail:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Usage(
        cpu_seconds=used.ru_utime + used.ru_stime,
        wall_seconds=time.monotonic() - began,
        peak_bytes=used.ru_maxrss * 1024,
        output=output,
    )


def itops(*words: str) -> list[str]:
    """The command line of an itops command, in this environment."""
    return [sys.executable, "-m", "itops", *words]


def best_cpu(work: Callable[[], object], times: int) -> float:
    """CPU seconds of the quickest of some runs in this process."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def peak_of_this_process() -> int:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
