"""Reading the copies whose turn it is, on real files and in a real store."""

import hashlib
import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from tests.tasks.backup_office import NOW, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    for day in (19, 20, 21):
        made.back_up(day)
    return made


def levels(office: Office) -> dict[str, int | None]:
    """Day -> the level of its newest proof; -1 for damaged, None for never read."""
    found: dict[str, int | None] = {}
    for known in office.known():
        day = known.copy.key.split("_")[1][-2:]
        examination = known.proofs[-1].examination if known.proofs else None
        found[day] = None if examination is None else -1 if examination.faults else examination.level
    return found


def test_every_copy_is_read_once_and_not_again_while_nothing_changes(office):
    assert len(office.verify().verified) == 3
    assert levels(office) == {"19": 3, "20": 3, "21": 3}
    assert office.verify().verified == ()


def test_a_copy_that_changed_is_another_copy_and_is_read(office):
    office.verify()
    path = office.back_up(20, database="Payroll")
    os.utime(path, (NOW.timestamp() - 60,) * 2)
    [verified] = office.verify().verified
    assert verified.proof.examination.identity.object == "Payroll"


def test_a_copy_is_read_again_when_its_proof_is_old_and_the_same_bytes_are_the_same(office):
    made = NOW - timedelta(hours=3)
    for path in office.copies.iterdir():
        os.utime(path, (made.timestamp(),) * 2)
    office.verify()
    office.now = NOW + timedelta(days=80)
    assert Counter(one.proof.examination.level for one in office.verify().verified) == {Level.SAME: 3}


def test_bytes_that_rot_under_an_unchanged_name_and_time_are_noticed(office):
    office.verify()
    path = office.copies / "Insurance_20261120_2330.bak"
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[700] ^= 1  # in a string of the header block: no checksum of the format is over it
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    office.now = NOW + timedelta(days=80)
    office.verify()
    assert levels(office)["20"] == -1


@pytest.mark.parametrize(("is_right", "level"), [(True, 4), (False, -1)])
def test_a_hash_list_beside_the_copies_is_honoured(office, is_right, level):
    lines = []
    for path in sorted(office.copies.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f"{digest if is_right else digest[::-1]}  {path.name}\n")
    (office.copies / "SHA256SUMS").write_text("".join(lines))
    office.verify()
    assert levels(office) == {"19": level, "20": level, "21": level}


def test_the_budget_leaves_the_rest_for_the_next_run_and_nothing_is_lost(office):
    clock = iter(range(1000))
    first = office.verify(budget=timedelta(seconds=4), monotonic=lambda: float(next(clock)))
    assert (len(first.verified) > 0, first.left > 0) == (True, True)
    second = office.verify()
    assert len(first.verified) + len(second.verified) == 3
    assert levels(office) == {"19": 3, "20": 3, "21": 3}


def test_a_file_that_cannot_be_read_is_told_and_makes_no_proof(office):
    looks = office.look()
    assert looks[0].record.is_complete
    (office.copies / "Insurance_20261120_2330.bak").unlink()
    with office.store() as store, office.reader() as reader:
        del store, reader
    outcome = verify_what_was_seen(office)
    unread = [one for one in outcome.verified if one.proof is None]
    assert [one.turn.known.copy.key for one in unread] == ["Insurance_20261120_2330.bak"]
    assert unread[0].problem
    assert unread[0].remedy
    assert levels(office) == {"19": 3, "20": None, "21": 3}


def verify_what_was_seen(office: Office):
    """Without another look before."""
    office.look = list
    return office.verify()


def test_a_copy_that_changes_while_it_is_read_is_neither_good_nor_bad(office, monkeypatch):
    repository = office.repository()
    repository.still_same = lambda copy: False
    monkeypatch.setattr(office, "repository", lambda: repository)
    [first, *_] = office.verify().verified
    examination = first.proof.examination
    assert (examination.level, [limit.code for limit in examination.limits]) == (Level.SEEN, ["changed-while-read"])
    monkeypatch.undo()
    assert len(office.verify().verified) == 3


def test_a_failed_look_is_recorded_and_leaves_the_others_and_the_past_whole(office):
    class Dead:
        name = "vault"

        def look(self, now, last_facts):
            raise SourceUnavailable("vault01 does not answer", remedy="switch it on")

    office.verify()
    looks = office.look(office.repository(), Dead())
    assert [(look.repository, look.error is None) for look in looks] == [("nas", True), ("vault", False)]
    with office.reader() as reader:
        [newest] = reader.ledger.looks("vault")
    assert (newest.is_complete, newest.problem, newest.remedy) == (False, "vault01 does not answer", "switch it on")
    assert levels(office) == {"19": 3, "20": 3, "21": 3}


def test_a_repository_that_fails_ends_none_of_its_copies(office):
    office.look()
    for path in office.copies.iterdir():
        path.unlink()
    office.copies.rmdir()
    office.now = NOW + timedelta(hours=1)
    [look] = office.look()
    assert look.error is not None
    assert all(known.is_here for known in office.known())


def test_what_was_pruned_is_gone_and_keeps_its_proof(office):
    office.verify()
    (office.copies / "Insurance_20261119_2330.bak").unlink()
    office.now = NOW + timedelta(hours=1)
    office.look()
    gone = [known for known in office.known() if not known.is_here]
    assert [(known.copy.key, len(known.proofs)) for known in gone] == [("Insurance_20261119_2330.bak", 1)]
