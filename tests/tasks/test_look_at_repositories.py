"""Looking at repositories: one that fails leaves the others, and every look is kept."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Event

import pytest

from itops.backup.claims import claim_of
from itops.backup.copies import Copy, Database, ListedFile, ServerFact
from itops.backup.repositories import Look, LookGap
from itops.errors import SourceUnavailable
from tests.tasks.backup_office import NOW, Office


class Told:
    """A repository that tells what it was made of; a listed exception is raised in its turn."""

    def __init__(self, name: str, *seen, facts: Mapping[str, str] | None = None, begun: Event | None = None) -> None:
        self.name, self._seen, self._facts, self._begun = name, seen, dict(facts or {}), begun
        self.last_facts: Mapping[str, object] | None = None

    def look(self, now, last_facts) -> Look:
        self.last_facts = last_facts
        if self._begun is not None:
            self._begun.set()
        return Look(repository=self.name, looked_at=now, seen=self._told(), facts=self._facts)

    def _told(self) -> Iterator[object]:
        for one in self._seen:
            if isinstance(one, Exception):
                raise one
            yield one


DEAD = SourceUnavailable("vault01 does not answer", remedy="switch it on")
FILE = ListedFile("Insurance_20261121_2330.bak", 5, 0)
GAP = LookGap(subject="folder x", code="folder.unreadable", problem="closed", remedy="open it", hides=True)


@pytest.fixture
def office(tmp_path) -> Office:
    return Office(tmp_path)


def test_everything_that_is_told_is_counted_and_kept(office):
    nas = Told(
        "nas",
        FILE,
        ListedFile("notes.txt", 1, 0),
        ListedFile("SHA256SUMS", 1, 0),
        Database(server="sql01", name="Insurance"),
        ServerFact(server="sql01", object="Insurance", code="restored"),
        GAP,
        facts={"device": "ext4 /dev/x"},
    )
    [look] = office.look(nas)
    assert look.record.counts == {"copies": 1, "files": 3, "unclaimed": 1, "databases": 1}
    assert (look.record.hides, look.record.gaps, look.claims.examples) == (True, (GAP,), ("notes.txt",))
    assert [file.path for file in look.claims.hash_lists] == ["SHA256SUMS"]
    with office.reader() as reader:
        assert reader.ledger.looks() == [look.record]
        assert [known.copy.key for known in reader.ledger.copies()] == [FILE.path]
        assert [known.database.name for known in reader.ledger.databases()] == ["Insurance"]
        assert [fact.code for fact in reader.ledger.server_facts()] == ["restored"]


@pytest.mark.parametrize("seen", [(DEAD,), (FILE, DEAD)], ids=["at once", "in the middle"])
def test_one_that_fails_is_recorded_with_its_remedy_ends_nothing_and_leaves_the_others(office, seen):
    office.look(Told("nas", FILE))
    office.now = NOW + timedelta(hours=1)
    looks = office.look(Told("nas", *seen), Told("other", ListedFile("x", 1, 0)))
    assert [(look.repository, look.error is None) for look in looks] == [("nas", False), ("other", True)]
    assert [known.is_here for known in office.known()] == [True]
    with office.reader() as reader:
        newest, _ = reader.ledger.looks("nas")
    assert (newest.is_complete, newest.problem, newest.remedy) == (False, DEAD.problem, DEAD.remedy)


def test_what_hides_something_ends_no_copy(office):
    office.look(Told("nas", FILE))
    office.now = NOW + timedelta(hours=1)
    office.look(Told("nas", GAP))
    assert [known.is_here for known in office.known()] == [True]
    office.now = NOW + timedelta(hours=2)
    office.look(Told("nas"))
    assert [known.is_here for known in office.known()] == [False]


def test_a_repository_is_told_what_its_own_last_whole_look_saw_of_the_place(office):
    office.look(Told("nas", facts={"device": "first"}), Told("other", facts={"device": "of another"}))
    office.now = NOW + timedelta(hours=1)
    office.look(Told("nas", DEAD, facts={"device": "never finished"}))
    office.now = NOW + timedelta(hours=2)
    again = Told("nas")
    office.look(again)
    assert again.last_facts == {"device": "first"}


def test_they_are_told_as_they_end_and_returned_in_their_order(office):
    looks = office.look(*(Told(name) for name in ("c", "a", "b")))
    assert [look.repository for look in looks] == ["c", "a", "b"]


def test_a_bug_is_not_hidden(office):
    with pytest.raises(ZeroDivisionError):
        office.look(Told("nas", ZeroDivisionError()), Told("other"))


def test_a_look_remembers_for_which_jobs_it_was_made(office):
    [look] = office.look(Told("nas", FILE))
    job = office.plan.jobs["insurance"]
    assert look.record.claims == (claim_of("insurance", job),)
    assert claim_of("insurance-db", job) not in look.record.claims


def test_a_catalogues_entry_is_claimed_by_what_it_is_of(office):
    entry = Copy(repository="nas", key=FILE.path, fingerprint="1", object="sql01/insurance")
    [look] = office.look(Told("nas", entry))
    assert [(copy.job, copy.object) for copy in look.claims.copies] == [("insurance", "sql01/Insurance")]


def test_what_stops_the_run_begins_no_look_that_had_to_wait(office):
    """Eight at once; the first to end is answered by a keyboard."""
    begun = [Event() for _ in range(40)]
    hold = Event()

    class Slow(Told):
        def _told(self):
            hold.wait(5)
            yield from super()._told()

    def interrupted(look):
        hold.set()
        raise KeyboardInterrupt

    quick = [Told("r0", begun=begun[0])]
    slow = [Slow(f"r{number}", begun=event) for number, event in enumerate(begun[1:], 1)]
    office.on_look = interrupted
    with pytest.raises(KeyboardInterrupt):
        office.look(*quick, *slow)
    assert sum(event.is_set() for event in begun) < 40
