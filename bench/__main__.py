"""Run all benches, or those named: `python -m bench [starting|decoding|...]...`; exits 1 on a miss.

Each bench runs in a process of its own: the kernel counts the memory of whoever starts a program as that program's,
so a bench that grew would spoil the figures of the next.
"""

import subprocess
import sys
from importlib import import_module

BENCHES = (
    "starting",
    "decoding",
    "exporting",
    "scanning",
    "backup_formats",
    "backup_listing",
    "backup_verify",
    "register",
    "assets_scan",
    "report",
    "watching",
    "ticking",
)


def main(names: list[str]) -> int:
    """Print each result as soon as it is known."""
    if len(names) != 1:
        codes = [
            subprocess.run([sys.executable, "-m", "bench", name], check=False).returncode for name in names or BENCHES
        ]
        return max(codes)
    missed = 0
    for result in import_module(f"bench.{names[0]}").results():
        missed += not result.is_met
        mark = "met   " if result.is_met else "MISSED"
        print(f"{mark}  {result.name}\n        {result.figure}; target: {result.target}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
