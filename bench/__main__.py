"""Run all benches, or those named: `python -m bench [decoding|scanning|exporting|starting]...`; exits 1 on a miss."""

import sys

from bench import decoding, exporting, scanning, starting

BENCHES = {"starting": starting, "decoding": decoding, "exporting": exporting, "scanning": scanning}


def main() -> int:
    """Print each result as soon as it is known."""
    missed = 0
    for name in sys.argv[1:] or BENCHES:
        for result in BENCHES[name].results():
            missed += not result.is_met
            mark = "met   " if result.is_met else "MISSED"
            print(f"{mark}  {result.name}\n        {result.figure}; target: {result.target}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
