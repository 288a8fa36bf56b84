"""`python -m tests.config.register.writers FILE NAME COUNT`: add so many entries to the asset A, one write each."""

import sys
from pathlib import Path

from itops.assets.edits import AddEntry
from itops.config.register.writing import write_edits


def main(path: str, name: str, count: str) -> None:
    """Each entry says who wrote it."""
    for number in range(int(count)):
        fields = {"on": "1405-01-01", "by": f"{name}-{number}", "is_passed": "true"}
        write_edits(Path(path), [AddEntry(asset_id="A", field="tests", fields=fields)], wait_seconds=120)


if __name__ == "__main__":
    main(*sys.argv[1:])
