"""Reading the copies whose turn it is, on real files and in a real store."""

import hashlib
import os
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.backup.proofs import Examination
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
    assert (len(first.verified) > 0, len(first.left) > 0) == (True, True)
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


class Shelf:
    """The office's folder, some of which goes wrong: `refuse(key)` raises what it likes before a copy is opened."""

    def __init__(self, office, refuse):
        self._inner, self._refuse = office.repository(), refuse
        self.name, self.asked = "nas", []

    def look(self, now, last_facts):
        return self._inner.look(now, last_facts)

    def still_same(self, copy):
        return self._inner.still_same(copy)

    @contextmanager
    def open(self, copy):
        self.asked.append(copy.key)
        self._refuse(copy.key)
        with self._inner.open(copy) as thing:
            yield thing


def with_shelf(office, refuse):
    shelf = Shelf(office, refuse)
    office.repository = lambda: shelf
    return shelf


def listed(office):
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in office.copies.iterdir()]
    (office.copies / "SHA256SUMS").write_text("".join(lines))


def test_a_hash_list_that_cannot_be_read_takes_no_copy_with_it_and_is_read_another_time(office):
    listed(office)
    broken = True

    def refuse(key):
        if key == "SHA256SUMS" and broken:
            raise PermissionError(13, "Permission denied")

    shelf = with_shelf(office, refuse)
    outcome = office.verify(level=Level.SAME)
    assert levels(office) == {"19": 3, "20": 3, "21": 3}
    assert [(name, bad.path, bad.problem) for name, bad in outcome.bad_lists] == [
        ("nas", "SHA256SUMS", "cannot be read: Permission denied")
    ]
    assert shelf.asked.count("SHA256SUMS") == 1
    broken = False
    assert office.verify(level=Level.SAME).bad_lists == ()
    assert levels(office) == {"19": 4, "20": 4, "21": 4}


def test_a_list_of_which_some_lines_are_nonsense_is_told_and_its_good_lines_count(office):
    listed(office)
    with (office.copies / "SHA256SUMS").open("a") as file:
        file.write("nonsense\n")
    outcome = office.verify()
    [(_, bad)] = outcome.bad_lists
    assert ([fault.code for fault in bad.faults], bad.is_useless) == (["hash-line-mangled"], False)
    assert levels(office) == {"19": 4, "20": 4, "21": 4}


def test_a_repository_that_is_gone_is_not_asked_for_every_copy(tmp_path):
    office = Office(tmp_path)
    for day in range(1, 22):
        office.back_up(day)

    def refuse(key):
        raise SourceUnavailable("no answer from nas", remedy="switch it on")

    shelf = with_shelf(office, refuse)
    outcome = office.verify()
    assert [one.problem for one in outcome.verified] == ["no answer from nas"] * 21
    assert len(shelf.asked) < 10  # three in a row, and those that other threads had begun
    assert set(levels(office).values()) == {None}


def test_one_copy_that_is_refused_again_and_again_keeps_no_other_from_being_read(tmp_path):
    office = Office(tmp_path)
    for day in range(1, 22):
        office.back_up(day)

    def refuse(key):
        if key.endswith(("20261119_2330.bak", "20261120_2330.bak", "20261121_2330.bak", "20261118_2330.bak")):
            raise SourceUnavailable(f"{key} cannot be fetched", remedy="look at it")

    with_shelf(office, refuse)
    outcome = office.verify()
    assert sum(one.proof is None for one in outcome.verified) == 4
    assert len(outcome.verified) == 21


def test_a_run_that_is_stopped_keeps_what_it_has_read_and_does_not_read_on(tmp_path):
    office = Office(tmp_path)
    for day in range(1, 22):
        office.back_up(day)
    shelf = with_shelf(office, lambda key: None)

    def stop(verified):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.verify(on_verified=stop)
    assert 1 <= sum(known.proofs != () for known in office.known()) <= 2
    assert len(shelf.asked) < 21
    office.repository = Office(tmp_path).repository
    office.verify()
    assert set(levels(office).values()) == {3}


def test_what_was_asked_for_beyond_a_first_reading_is_read_once_more_and_then_is_the_same(office):
    for path in office.copies.iterdir():
        os.utime(path, (NOW.timestamp() - 3600,) * 2)
    assert [limit.code for limit in office.verify(level=Level.SAME).verified[0].proof.examination.limits] == [
        "no-early-hash"
    ]
    assert {one.proof.examination.level for one in office.verify(level=Level.SAME).verified} == {Level.SAME}
    assert office.verify(level=Level.SAME).verified == ()


class Mute:
    """A product whose check says nothing of one copy."""

    name = "nas"

    def __init__(self, office):
        self._inner = office.repository()

    def look(self, now, last_facts):
        return self._inner.look(now, last_facts)

    def prove(self, copies, effort):
        for copy in copies[1:]:
            yield copy, Examination(format="x", attempted=effort.level, level=Level.INTACT)


def test_a_copy_that_the_products_check_passes_over_is_unread_and_not_the_budgets_fault(office):
    mute = Mute(office)
    office.repository = lambda: mute
    outcome = office.verify()
    assert [one.proof is None for one in outcome.verified].count(True) == 1
    assert outcome.left == ()
    assert next(one for one in outcome.verified if one.proof is None).problem == "the check of nas said nothing of it"
