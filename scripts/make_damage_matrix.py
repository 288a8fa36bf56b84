#!/usr/bin/env python3
"""Make docs/reference/backup-damage.md: do every damage to a good copy of every format, and write what was noticed."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/reference/backup-damage.md"
_HEAD = """# What is noticed of which damage

Made by `scripts/make_damage_matrix.py` from a run over real copies: each was made by the real tool (those of products
that cannot be had here are simulations and called so), damaged, and examined without telling what was done to it.
`make e2e` repeats it and holds this page to its word.

**L1** to **L3**: noticed on that [rung](../explanation/backups.md): by the header, by walking the structure, by the
format's own checksums. **3/5**: noticed in three of five places that were tried. **hole**: not noticed by the format. A
hole is closed by **L4** alone: the hash taken when the copy was made, in a list beside it or by `itops backup verify`
on the same day. **weaker**: not called damaged, but proven less far than a good copy. · : the damage changes nothing in
this copy.

Where checksums cover most of a format but not all of it (limit `partly-checked`: the definitions in a pg_dump archive,
say), a good copy reaches L2 and no more, and damage under a checksum is noticed at L3 all the same.

Of folders the largest file is damaged (of pg_basebackup the largest table).

"""
_TAIL = """
What is noticed of every format alike, by whoever reads or judges it, each held by a test of its own:

| what | noticed as |
| --- | --- |
| half of a stripe set | fault `stripe-missing`, L2 |
| half uploaded under a name of its own (`.partial`, `.tmp`) | no copy of any job: the slot stays empty |
| still growing | no candidate until two looks agree; state UNKNOWN in a slot that is over |
| growing or changing while it is read | limit `changed-while-read`: neither good nor bad, read again |
| dated tomorrow, or before 2000 | quarantine: fills no slot; findings `future-dated`, `dated-before-2000` |
| another database under the right name | finding `wrong-object` where the header tells its name |
| a zip, gz, xz, bz2 or zst bomb | fault `bomb`, within the bounds of memory and time |
| an archive that would write outside its folder | fault `path-traversal`; nothing is ever unpacked there |
| bytes that rot under the same name, size and time | fault `content-changed` at the next reading |
"""


def claims(page: str) -> dict[str, dict[str, str]]:
    """Maker -> column -> cell, as the page has them."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    heads = [head.strip() for head in lines[0].strip("|").split("|")]
    rows = {}
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(heads) and "`" in cells[-1]:
            rows[cells[-1].strip("`")] = dict(zip(heads, cells, strict=True))
    return rows


def main() -> None:
    """Write the page."""
    sys.path.insert(0, str(ROOT))
    from tests.makers.damages import DAMAGES  # noqa: PLC0415  as above
    from tests.makers.matrix import ANOTHER, MAKERS, maker, row  # noqa: PLC0415  needs the path above

    heads = ["format", "a good copy reaches", *DAMAGES, ANOTHER, "maker"]
    lines = [f"| {' | '.join(heads)} |", "|" + " --- |" * len(heads)]
    for name in MAKERS:
        with tempfile.TemporaryDirectory() as folder:
            good, cells = row(name, Path(folder))
        print(name, good.format, good.level, good.faults, good.limits, flush=True)  # noqa: T201  a script
        is_simulation = "simulation" in (maker(name).__doc__ or "").lower()
        shown = f"{good.format}{' (simulation)' if is_simulation else ''}"
        reached = "-" if good.level is None else f"L{good.level.value}"
        lines.append(f"| {shown} | {reached} | {' | '.join(cell.text for cell in cells.values())} | `{name}` |")
    PAGE.write_text(_HEAD + "\n".join(lines) + "\n" + _TAIL, encoding="utf-8")


if __name__ == "__main__":
    main()
