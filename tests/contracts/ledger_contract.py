"""What every store does with the ledger of backups; the store contract includes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Chain, Copy, CopyKind, Database, Fault, Identity, ListedFile, ServerFact
from itops.backup.ledger import DrillRecord, LookRecord, RecordedVerdict, unchanged_since
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit, Proof
from itops.backup.repositories import LookGap
from itops.documents import from_document, to_document
from itops.store import StoreLocation, open_reader, open_store
from tests.store.building import NOW

IDENTITY = Identity(
    object="بیمه",
    server="SQL01",
    kind=CopyKind.FULL,
    started_at=datetime(2026, 11, 21, 20, 0, tzinfo=UTC),
    utc_offset_minutes=210,
    chain=Chain(first_lsn=10**25, base_id="b"),
    facts={"pages": 3, "vss": True, "ratio": 0.5, "none": None},
)
COPY = Copy(
    repository="nas",
    key="Insurance_20261121_2330.bak",
    fingerprint="f1",
    job="insurance-db",
    object="sql01/Insurance",
    kind=CopyKind.FULL,
    size_bytes=2**40,
    files=(ListedFile("Insurance_20261121_2330.bak", 2**40, -(10**18)),),
    modified_at=datetime(2026, 11, 21, 20, 5, tzinfo=UTC),
    catalogue=IDENTITY,
    faults=(Fault(code="reported-damaged", facts={"by": "msdb"}),),
    labels=frozenset({"b", "a"}),
)
EXAMINATION = Examination(
    format="mssql-backup",
    attempted=Level.INTACT,
    level=Level.COMPLETE,
    identity=IDENTITY,
    limits=(Limit(code="no-checksums"),),
    sha256="ab" * 32,
    evidence={"bytes": 5},
)
PROOF = Proof(
    repository="nas",
    key=COPY.key,
    fingerprint="f1",
    proved_at=NOW,
    duration_seconds=1.5,
    examination=EXAMINATION,
)


def look(days: int = 0, **more) -> LookRecord:
    at = NOW + timedelta(days=days)
    record = LookRecord(repository="nas", looked_at=at, ended_at=at, is_complete=True, facts={"device": "1:2"})
    return replace(record, **more)


def recorded(location: StoreLocation, *looks: tuple[LookRecord, list[Copy]]) -> None:
    with open_store(location, NOW) as store:
        for record, copies in looks:
            store.ledger.record_look(record, copies, [], [])


def lives(location: StoreLocation, **wanted) -> list[tuple[str, int, int, int | None]]:
    """(fingerprint, first day, last day, day gone) of what is remembered."""
    with open_reader(location) as reader:
        return [
            (
                known.copy.fingerprint,
                (known.first_seen_at - NOW).days,
                (known.last_seen_at - NOW).days,
                None if known.gone_at is None else (known.gone_at - NOW).days,
            )
            for known in reader.ledger.copies(**wanted)
        ]


class LedgerContract:
    """Inherit it beside a fixture `location`."""

    def test_a_copy_and_its_proof_are_read_back_as_they_were(self, location: StoreLocation) -> None:
        recorded(location, (look(), [COPY]))
        with open_store(location, NOW) as store:
            store.ledger.record_proof(PROOF)
        with open_reader(location) as reader:
            [known] = reader.ledger.copies()
        assert (known.copy, known.proofs, known.first_seen_at, known.is_here) == (COPY, (PROOF,), NOW, True)

    def test_a_proof_is_of_one_state_of_the_content_and_of_no_other(self, location: StoreLocation) -> None:
        recorded(location, (look(), [COPY]), (look(1), [replace(COPY, fingerprint="f2")]))
        with open_store(location, NOW) as store:
            store.ledger.record_proof(PROOF)
        with open_reader(location) as reader:
            proofs = {known.copy.fingerprint: len(known.proofs) for known in reader.ledger.copies()}
        assert proofs == {"f1": 1, "f2": 0}

    def test_what_a_look_does_not_see_is_gone_and_what_comes_back_lives_on(self, location: StoreLocation) -> None:
        recorded(location, (look(0), [COPY]), (look(1), [COPY]), (look(2), []))
        assert lives(location) == [("f1", 0, 1, 2)]
        recorded(location, (look(3), [COPY]))
        assert lives(location) == [("f1", 0, 3, None)]

    def test_a_look_that_saw_the_same_as_the_last_one_moves_all_of_them_up(self, location: StoreLocation) -> None:
        other = replace(COPY, fingerprint="f2", key="other")
        recorded(location, (look(0), [COPY]), (look(1), [COPY, other]))
        with open_reader(location) as reader:
            since = unchanged_since(reader.ledger.copies(), "nas", [other, COPY])
        assert since == NOW + timedelta(days=1)
        with open_store(location, NOW) as store:
            store.ledger.record_look(look(2), [COPY, other], [], [], unchanged_since=since)
        assert lives(location) == [("f1", 0, 2, None), ("f2", 1, 2, None)]

    def test_what_somebody_wrote_between_reading_and_a_look_that_saw_the_same_is_right_again(
        self, location: StoreLocation
    ) -> None:
        other = replace(COPY, fingerprint="f2", key="other")
        recorded(location, (look(0), [COPY]))
        recorded(location, (look(1), [other]))  # another process, whose look did not see the first
        with open_store(location, NOW) as store:
            store.ledger.record_look(look(2), [COPY], [], [], unchanged_since=NOW)
        assert lives(location) == [("f1", 0, 2, None), ("f2", 1, 1, 2)]

    @pytest.mark.parametrize(
        "copies",
        [
            [],
            [replace(COPY, fingerprint="f2")],
            [COPY, replace(COPY, key="more")],
            [replace(COPY, size_bytes=1)],
            [replace(COPY, job="another")],
        ],
        ids=["gone", "changed", "one more", "another size", "another job"],
    )
    def test_whatever_differs_is_no_look_at_the_same(self, location: StoreLocation, copies: list[Copy]) -> None:
        recorded(location, (look(0), [COPY]))
        with open_reader(location) as reader:
            known = reader.ledger.copies()
        assert unchanged_since(known, "nas", copies) is None
        assert unchanged_since(known, "elsewhere", [COPY]) is None

    def test_a_look_that_cannot_see_absence_ends_nothing(self, location: StoreLocation) -> None:
        gap = LookGap(subject="hr/", code="folder.unreadable", problem="p", remedy="r", hides=True)
        failed = look(2, is_complete=False, problem="p", remedy="r")
        recorded(location, (look(0), [COPY]), (look(1, hides=True, gaps=(gap,)), []), (failed, []))
        assert lives(location) == [("f1", 0, 0, None)]
        with open_reader(location) as reader:
            newest, middle, _ = reader.ledger.looks()
        assert (newest.is_complete, newest.problem, middle.gaps) == (False, "p", (gap,))

    def test_what_went_long_ago_need_not_be_read(self, location: StoreLocation) -> None:
        recorded(location, (look(0), [COPY]), (look(1), []))
        assert lives(location, gone_after=NOW + timedelta(days=1)) == []
        assert lives(location, gone_after=NOW) == [("f1", 0, 0, 1)]
        assert lives(location, job="another") == []

    def test_the_first_look_to_the_end_is_known_however_many_followed(self, location: StoreLocation) -> None:
        recorded(location, (look(0, is_complete=False), []), *((look(day), []) for day in range(1, 6)))
        with open_reader(location) as reader:
            assert reader.ledger.watched_since() == {"nas": NOW + timedelta(days=1)}
            assert len(reader.ledger.looks(limit=2)) == 2
            assert reader.ledger.looks("elsewhere") == []

    def test_a_repository_that_fails_ever_since_keeps_its_last_whole_look(self, location: StoreLocation) -> None:
        blind = [(look(day, is_complete=False, problem="p", remedy="r"), []) for day in range(2, 9)]
        recorded(location, (look(0), []), (look(1, hides=True), []), *blind)
        with open_reader(location) as reader:
            looks = reader.ledger.looks(limit=2)
        assert [(seen.looked_at - NOW).days for seen in looks] == [8, 7, 1, 0]

    def test_databases_and_facts_of_a_server_are_those_of_its_newest_look(self, location: StoreLocation) -> None:
        databases = [Database(server="sql01", name=name, facts={"guid": "x"}) for name in ("Insurance", "Payroll")]
        fact = ServerFact(server="sql01", object="Insurance", code="restored", at=NOW)
        with open_store(location, NOW) as store:
            store.ledger.record_look(look(0), [], databases, [fact])
            store.ledger.record_look(look(1), [], databases[:1], [])
        with open_reader(location) as reader:
            known = {held.database.name: held.gone_at for held in reader.ledger.databases()}
            assert known == {"Insurance": None, "Payroll": NOW + timedelta(days=1)}
            assert reader.ledger.server_facts() == []

    def test_restore_tests_are_kept_newest_first(self, location: StoreLocation) -> None:
        drill = DrillRecord(
            job="db", object="sql01/Insurance", repository="nas", key="k", fingerprint="f", started_at=NOW, seconds=9,
            into="sqlite", is_restored=True, question="select 1", answer=1.0, at_least=1.0, is_answered=True,
        )  # fmt: skip
        later = replace(drill, started_at=NOW + timedelta(days=1), is_restored=False, faults=(Fault(code="cut"),))
        with open_store(location, NOW) as store:
            store.ledger.record_drill(drill)
            store.ledger.record_drill(later)
        with open_reader(location) as reader:
            assert reader.ledger.drills("db") == [later, drill]
            assert reader.ledger.drills("another") == []

    def test_a_verdict_is_appended_when_it_differs_and_none_is_ever_replaced(self, location: StoreLocation) -> None:
        first = RecordedVerdict(
            job="db",
            object="o",
            slot="daily 1405-08-30",
            state="PENDING",
            judged_at=NOW,
            reason="r",
            needed=Level.INTACT,
        )
        again, later = replace(first, judged_at=NOW + timedelta(1)), replace(first, state="MISSING")
        with open_store(location, NOW) as store:
            counts = [store.ledger.record_verdicts([one]) for one in (first, again, later, later, first)]
        assert counts == [1, 0, 1, 0, 1]
        with open_reader(location) as reader:
            kept = reader.ledger.verdicts(NOW, NOW + timedelta(1))
        assert [one.state for one in kept] == ["PENDING", "MISSING", "PENDING"]

    @given(text=st.text(max_size=20))
    def test_any_text_survives_in_a_document(self, text: str) -> None:
        copy = replace(COPY, key=text, labels=frozenset({text}))
        assert from_document(Copy, to_document(copy)) == copy

    def test_a_document_of_an_older_itops_lacks_fields_and_one_of_a_newer_has_more(self) -> None:
        document = '{"code": "cut", "severity": "new in a later itops"}'
        assert from_document(Fault, document) == Fault(code="cut")
