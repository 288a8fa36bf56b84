"""A restore test: fetched, restored, asked, kept, cleaned up."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.backup.copies import Copy, Fault, Identity, ListedFile
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Damaged, Unprovable
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import DrillPolicy
from itops.backup.proofs import Examination, Proof
from itops.errors import SourceUnavailable
from itops.tasks.drill_backup import DrillRun, drill, place_for
from itops.tasks.examine_things import Examiner
from tests.tasks.backup_office import TEHRAN

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
COPY = Copy(repository="nas", key="a/b.bak", fingerprint="f", files=(ListedFile("a/b.bak", 3, 0),), size_bytes=3)
ASK = "SELECT count(*) FROM letter"


class Shelf:
    """A repository that hands out one file."""

    name = "nas"

    def fetch(self, copy, into, effort):
        path = into / "b.bak"
        path.write_bytes(b"abc")
        return path


class Place:
    """A throw-away place that gives what it was made with, or raises it."""

    name = "place"

    def __init__(self, outcome) -> None:
        self.outcome, self.seen = outcome, []

    def restore(self, copy, identity, question, scratch, effort):
        self.seen.append((copy.read_bytes(), identity, question, list(scratch.iterdir())))
        (scratch / "left").write_text("behind")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class Server:
    """A server that restores by itself."""

    def __init__(self, outcome: DrillOutcome) -> None:
        self.outcome, self.asked = outcome, []

    def drill(self, copy_path, identity, question, effort, *, verify_only=False):
        self.asked.append((tuple(copy_path), verify_only))
        return self.outcome


class Kept:
    """What was written down."""

    def __init__(self) -> None:
        self.drills, self.proofs = [], []

    def record_drill(self, one):
        self.drills.append(one)

    def record_proof(self, one):
        self.proofs.append(one)


RESTORED = DrillOutcome(is_restored=True, answer=9, tool="sqlite", tool_version="3")

VERIFIED = DrillOutcome(is_restored=False, evidence={"verified_only": True, "has_checksums": True})


def known(*proofs: Proof, **more) -> KnownCopy:
    copy = Copy(**{**{name: getattr(COPY, name) for name in COPY.__slots__}, **more})
    return KnownCopy(copy=copy, first_seen_at=NOW, last_seen_at=NOW, proofs=proofs)


def run_of(policy: DrillPolicy, held: KnownCopy | None = None, repository: object = None) -> DrillRun:
    return DrillRun(
        job="letters",
        object="files/fs01/letters",
        policy=policy,
        known=held or known(),
        repository=repository or Shelf(),
        by="R. Karimi",
    )


def drilled(place, run: DrillRun, scratch: Path, kept: Kept | None = None):
    examiner = Examiner(formats=(), zone=TEHRAN, scratch=scratch)
    seconds = iter([100.0, 160.0])
    return drill(run, place, kept or Kept(), examiner, lambda: NOW, lambda: next(seconds))


def test_the_time_is_from_the_first_byte_to_the_answer_and_everything_is_kept(tmp_path):
    kept, place = Kept(), Place(RESTORED)
    record = drilled(place, run_of(DrillPolicy(into="sqlite", question=ASK, at_least=5)), tmp_path, kept)
    assert place.seen == [(b"abc", None, ASK, [])]
    assert (record.seconds, record.answer, record.is_answered, record.by) == (60.0, 9, True, "R. Karimi")
    assert (record.key, record.into, record.size_bytes, record.started_at) == ("a/b.bak", "sqlite", 3, NOW)
    assert kept.drills == [record]
    [proof] = kept.proofs
    assert (proof.key, proof.fingerprint, proof.examination.level) == ("a/b.bak", "f", Level.ANSWERED)


@pytest.mark.parametrize(
    ("outcome", "policy", "level", "faults", "limits"),
    [
        (RESTORED, {}, Level.RESTORED, [], []),
        (RESTORED, {"question": ASK}, Level.ANSWERED, [], []),
        (RESTORED, {"question": ASK, "at_least": 10}, Level.RESTORED, [], ["answer-wrong"]),
        (DrillOutcome(is_restored=True), {"question": ASK}, Level.RESTORED, [], ["answer-wrong"]),
        (
            DrillOutcome(is_restored=False, faults=(Fault(code="restore-failed"),)),
            {"question": ASK},
            Level.SEEN,
            ["restore-failed"],
            [],
        ),
        (VERIFIED, {}, Level.INTACT, [], []),
        (replace(VERIFIED, evidence={"verified_only": True}), {}, Level.COMPLETE, [], ["no-checksums"]),
        (replace(VERIFIED, faults=(Fault(code="cut"),)), {}, Level.SEEN, ["cut"], []),
    ],
)
def test_a_test_proves_as_much_as_it_restored_and_no_more(tmp_path, outcome, policy, level, faults, limits):
    kept = Kept()
    drilled(Place(outcome), run_of(DrillPolicy(into="sqlite", **policy)), tmp_path, kept)
    found = kept.proofs[0].examination
    assert (found.level, [one.code for one in found.faults], [one.code for one in found.limits]) == (
        level,
        faults,
        limits,
    )


def test_nothing_is_left_behind_whatever_happens(tmp_path):
    for outcome in (RESTORED, SourceUnavailable("no server", remedy="install one"), OSError(28, "No space left")):
        with contextlib.suppress(SourceUnavailable):
            drilled(Place(outcome), run_of(DrillPolicy(into="sqlite")), tmp_path)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "trouble",
    [
        SourceUnavailable("no server", remedy="install one"),
        Unprovable("out-of-time"),
        OSError(36, "File name too long"),
    ],
)
def test_what_could_not_be_tested_is_told_with_a_remedy_and_nothing_is_kept(tmp_path, trouble):
    kept = Kept()
    with pytest.raises(SourceUnavailable) as raised:
        drilled(Place(trouble), run_of(DrillPolicy(into="sqlite")), tmp_path, kept)
    assert raised.value.remedy
    assert (kept.drills, kept.proofs) == ([], [])


def test_a_repository_that_hands_out_nothing_says_so(tmp_path):
    class Catalogue:
        name = "tapes"

    with pytest.raises(SourceUnavailable, match="copies of tapes cannot be fetched"):
        drilled(Place(RESTORED), run_of(DrillPolicy(into="sqlite"), repository=Catalogue()), tmp_path)


def test_who_the_copy_says_it_is_is_handed_to_the_place(tmp_path):
    identity = Identity(object="letters")
    examination = Examination(format="sqlite", attempted=Level.INTACT, level=Level.INTACT, identity=identity)
    proof = Proof(
        repository="nas", key="a/b.bak", fingerprint="f", proved_at=NOW, duration_seconds=1, examination=examination
    )
    place = Place(RESTORED)
    drilled(place, run_of(DrillPolicy(into="sqlite"), known(proof)), tmp_path)
    assert place.seen[0][1] == identity


@pytest.mark.parametrize(
    ("base", "path"), [("\\\\nas\\sql", "\\\\nas\\sql\\a\\b.bak"), ("/mnt/sql/", "/mnt/sql/a/b.bak")]
)
def test_a_server_is_told_the_path_as_it_sees_it(tmp_path, base, path):
    server = Server(RESTORED)
    drilled(server, run_of(DrillPolicy(into="mssql", server="sql02", server_path=base)), tmp_path)
    assert server.asked == [((path,), False)]


def test_a_server_that_wrote_the_copies_itself_knows_where_they_are(tmp_path):
    server = Server(RESTORED)
    catalogue = Identity(facts={"devices": "D:\\one.bak\nE:\\two.bak"})
    held = known(files=(), catalogue=catalogue)
    drilled(server, run_of(DrillPolicy(into="mssql", server="sql02", verify_only=True), held), tmp_path)
    assert server.asked == [(("D:\\one.bak", "E:\\two.bak"), True)]


def test_without_the_servers_path_nothing_is_tested(tmp_path):
    with pytest.raises(SourceUnavailable, match="nobody said where") as raised:
        drilled(Server(RESTORED), run_of(DrillPolicy(into="mssql", server="sql02")), tmp_path)
    assert "drill.server_path" in raised.value.remedy


class BrokenShelf(Shelf):
    """A repository that is well, of which a copy is not."""

    def fetch(self, copy, into, effort):
        raise Damaged(Fault(code="restore-failed", facts={"tool": "restic", "code": 1, "said": "it said why"}))


def test_a_copy_that_does_not_come_out_of_its_repository_has_failed_and_that_is_kept(tmp_path):
    kept, place = Kept(), Place(RESTORED)
    record = drilled(place, run_of(DrillPolicy(into="sqlite", question=ASK), repository=BrokenShelf()), tmp_path, kept)
    assert place.seen == []
    assert (record.is_restored, record.tool, record.is_answered) == (False, "restic", None)
    assert kept.drills == [record]
    found = kept.proofs[0].examination
    assert (found.level, [one.code for one in found.faults], found.tool) == (Level.SEEN, ["restore-failed"], "restic")
    assert list(tmp_path.iterdir()) == []


def test_the_place_is_the_one_that_the_plan_names():
    place, server = Place(RESTORED), Server(RESTORED)
    assert place_for(DrillPolicy(into="sqlite"), {"sqlite": place}, {}) is place
    assert place_for(DrillPolicy(into="mssql", server="sql02"), {}, {"sql02": server}) is server
    with pytest.raises(SourceUnavailable, match="no place called 'oracle'"):
        place_for(DrillPolicy(into="oracle"), {"sqlite": place}, {})
    with pytest.raises(SourceUnavailable, match="no server that restores can be tried on"):
        place_for(DrillPolicy(into="mssql", server="nas"), {}, {"nas": Shelf()})


def test_a_slow_test_is_measured_not_judged(tmp_path):
    record = drilled(Place(RESTORED), run_of(DrillPolicy(into="sqlite", rto=timedelta(seconds=1))), tmp_path)
    assert (record.is_restored, record.seconds) == (True, 60.0)
