"""Two `itops backup verify` at once on one office, as two schedules that overlap would start them."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.store import StoreLocation, open_reader
from tests.cli.backup_door import Door

pytestmark = pytest.mark.e2e


def started(door: Door) -> "subprocess.Popen[str]":
    code = "from itops.cli.main import main; main()"
    words = ["--config", str(door.path), "backup", "verify", "--output", "json"]
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_both_end_well_and_every_proof_of_either_is_kept(tmp_path: Path) -> None:
    """At worst each copy is read once by each of them: neither waits for the other, and neither loses what it read."""
    door = Door(tmp_path, damaged=21)
    door.back_up()
    runs = [started(door) for _ in range(2)]
    outcomes = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    assert [err for _, err, _ in outcomes if "Traceback" in err] == []
    assert [code for *_, code in outcomes] == [2, 2]  # the damaged copy is told by both, or known to the second
    with closing(open_reader(StoreLocation(folder=door.folder / "state"))) as reader:
        known = {held.copy.key: held for held in reader.ledger.copies()}
    told = Counter(row["copy"] for out, *_ in outcomes for row in json.loads(out)["data"])
    assert len(known) == 4
    assert {key: len(held.proofs) for key, held in known.items()} == dict(told)
    assert set(told.values()) <= {1, 2}
    for held in known.values():
        levels = {proof.examination.level for proof in held.proofs if not proof.examination.faults}
        assert levels <= {Level.INTACT, Level.COMPLETE}
        assert bool(levels) != ("21_2330" in held.copy.key)
    after = door.run("verify")
    assert (after.code, "0 copies read, 4 read before and unchanged" in after.stderr) == (2, True)
