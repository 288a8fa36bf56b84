"""What must always be true of a verdict, whatever the facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from itops.backup.copies import Chain, Copy, CopyKind, Fault, Identity, ListedFile
from itops.backup.judgement import ObjectVerdict, Question, TierVerdict, judge
from itops.backup.ledger import KnownCopy, LookRecord
from itops.backup.levels import Level
from itops.backup.policy import (
    DailyPolicy,
    Exemption,
    Job,
    MonthDay,
    MonthlyPolicy,
    Texts,
    WeeklyPolicy,
)
from itops.backup.proofs import Examination, Limit, Proof
from itops.backup.slots import SlotState
from itops.verdict import severity, worst
from tests.backup.judgement.factory import GREGORIAN, INSURANCE, JALALI, NOW, look, proof

EACH = settings(max_examples=80)  # a judgement takes a millisecond, the facts for it forty
REPOSITORIES = ("nas", "disk")
HOUR = timedelta(hours=1)
FILLED = (SlotState.OK, SlotState.OK_LATE, SlotState.WEAK)

levels = st.sampled_from(list(Level))
graces = st.sampled_from([timedelta(), 3 * HOUR, 9 * HOUR, 30 * HOUR])
dues = st.sampled_from([None, time(2), time(9), time(23, 30)])


@st.composite
def plain_copies(draw: Any, *, is_here: bool = False) -> KnownCopy:
    """A copy of the last three weeks: proven or not, damaged or not, here or gone, in one of two places."""
    made_at = NOW - draw(st.integers(1, 21 * 24 * 4)) * timedelta(minutes=15)
    level = draw(st.sampled_from([None, Level.SEEN, Level.IDENTIFIED, Level.COMPLETE, Level.INTACT]))
    faults = draw(st.sampled_from([(), (), (), ("cut",)]))
    found = proof(
        made_at + HOUR, level=level, attempted=Level.INTACT, faults=faults, identity=Identity(started_at=made_at)
    )
    is_gone = not is_here and draw(st.booleans())
    copy = Copy(
        repository=draw(st.sampled_from(REPOSITORIES)),
        key=f"{made_at:%m%d%H%M}-{draw(st.integers(0, 9))}",
        fingerprint="f",
        kind=draw(st.sampled_from([CopyKind.FULL, CopyKind.UNKNOWN])),
        size_bytes=draw(st.integers(1, 1 << 40)),
        named_at=made_at,
    )
    return KnownCopy(
        copy=copy,
        first_seen_at=made_at,
        last_seen_at=NOW - HOUR,
        gone_at=NOW if is_gone else None,
        proofs=(found,) if level is not None or faults else (),
    )


@st.composite
def looks_of(draw: Any) -> tuple[LookRecord, ...]:
    """Looks of the last three weeks, some blind."""
    return tuple(
        look(
            NOW - draw(st.integers(0, 21 * 24)) * HOUR,
            repository=draw(st.sampled_from(REPOSITORIES)),
            is_complete=draw(st.booleans()),
            hides=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 6)))
    )


@st.composite
def policies(draw: Any, *, own_copies: bool = False) -> Job:
    """A job with up to three tiers."""

    def shared() -> dict[str, Any]:
        return {
            "keep": draw(st.integers(1, 8)),
            "grace": draw(graces),
            "due": draw(dues),
            "level": draw(st.none() | levels),
            "own_copy": own_copies and draw(st.booleans()),
        }

    exempt = Exemption(reason="moving", owner="N. Karimi", since=date(2026, 11, 12), until=date(2026, 11, 14))
    return Job(
        protects=(INSURANCE,),
        repository=Texts(draw(st.sampled_from([("nas",), ("nas", "disk")]))),
        level=draw(levels),
        since=draw(st.sampled_from([None, date(2026, 11, 5), date(2026, 11, 17)])),
        max_age=draw(st.sampled_from([None, 26 * HOUR, timedelta(days=8)])),
        daily=draw(st.none() | st.just(DailyPolicy(**shared()))),
        weekly=draw(st.none() | st.just(WeeklyPolicy(on="thursday", **shared()))),
        monthly=draw(st.none() | st.just(MonthlyPolicy(on=MonthDay(None), **shared()))),
        exempt=draw(st.sampled_from([(), (exempt,)])),
    )


@st.composite
def questions(draw: Any, *, is_here: bool = False, own_copies: bool = False) -> Question:
    return Question(
        job_name="insurance",
        job=draw(policies(own_copies=own_copies)),
        object=INSURANCE,
        calendar=draw(st.sampled_from([JALALI, GREGORIAN])),
        copies=tuple(draw(st.lists(plain_copies(is_here=is_here), max_size=14, unique_by=lambda one: one.copy.key))),
        looks=draw(looks_of()),
        object_seen_at=draw(st.sampled_from([None, NOW - timedelta(days=9)])),
    )


def alarm(tier: TierVerdict) -> int:
    return severity(worst([slot.alarm for slot in tier.slots]))


# Waiting


@EACH
@given(questions(), st.timedeltas(timedelta(), timedelta(days=40)))
def test_waiting_never_makes_a_backup_fresher(question, waited):
    before, after = judge(question, NOW).freshness, judge(question, NOW + waited).freshness
    assert severity(after.state) >= severity(before.state)
    assert after.newest == before.newest
    assert (after.age or timedelta()) >= (before.age or timedelta())


@EACH
@given(questions(), st.timedeltas(timedelta(), timedelta(days=40)))
def test_waiting_finds_no_copy_that_was_not_there(question, waited):
    late = judge(question, NOW + waited)
    known = {known.copy.key for known in question.copies}
    assert {slot.copy.copy.key for tier in late.tiers for slot in tier.slots if slot.copy} <= known


# Fewer copies


@EACH
@given(questions(is_here=True), st.data())
def test_removing_a_copy_never_improves_a_verdict(question, data):
    if not question.copies:
        return
    gone = data.draw(st.sampled_from(question.copies))
    fewer = replace(question, copies=tuple(known for known in question.copies if known is not gone))
    before, after = judge(question, NOW), judge(fewer, NOW)
    is_damaged = any(one.examination.faults for one in gone.proofs)
    assert severity(after.freshness.state) >= severity(before.freshness.state)
    for old, new in zip(before.tiers, after.tiers, strict=True):
        assert new.held <= old.held
        assert is_damaged or alarm(new) >= alarm(old)
        by_name = {slot.slot.name: slot for slot in old.slots}
        for slot in new.slots:
            old_slot = by_name.get(slot.slot.name)
            if slot.state in FILLED and old_slot is not None:
                assert old_slot.state in FILLED, "a slot was filled by taking a copy away"


@EACH
@given(questions(), st.data())
def test_pruning_a_copy_never_makes_more_kept_or_anything_fresher(question, data):
    if not question.copies:
        return
    pruned = data.draw(st.sampled_from(question.copies))
    copies = tuple(replace(known, gone_at=NOW) if known is pruned else known for known in question.copies)
    before, after = judge(question, NOW), judge(replace(question, copies=copies), NOW)
    assert severity(after.freshness.state) >= severity(before.freshness.state)
    for old, new in zip(before.tiers, after.tiers, strict=True):
        assert new.held <= old.held
        is_growing = not pruned.proofs and pruned.last_seen_at <= pruned.first_seen_at
        assert is_growing or [slot.state for slot in new.slots] == [slot.state for slot in old.slots]


# More proof


@EACH
@given(questions(), levels, levels)
def test_asking_for_more_proof_never_improves_a_verdict(question, one, other):
    low, high = sorted((one, other))

    def asked(level: Level) -> ObjectVerdict:
        tiers = {tier.value: replace(policy, level=level) for tier, policy in question.job.tiers().items()}
        return judge(replace(question, job=replace(question.job, level=level, **tiers)), NOW)

    easy, hard = asked(low), asked(high)
    assert severity(hard.freshness.state) >= severity(easy.freshness.state)
    for old, new in zip(easy.tiers, hard.tiers, strict=True):
        assert alarm(new) >= alarm(old)


@EACH
@given(questions(is_here=True), st.data())
def test_proving_a_copy_further_never_makes_a_verdict_worse(question, data):
    if not question.copies:
        return
    chosen = data.draw(st.sampled_from(question.copies))
    if any(one.examination.faults for one in chosen.proofs):
        return
    better = replace(chosen, proofs=(*chosen.proofs, proof(NOW, level=Level.ANSWERED)))
    copies = tuple(better if known is chosen else known for known in question.copies)
    before, after = judge(question, NOW), judge(replace(question, copies=copies), NOW)
    assert severity(after.freshness.state) <= severity(before.freshness.state)
    for old, new in zip(before.tiers, after.tiers, strict=True):
        assert alarm(new) <= alarm(old)
        assert new.held >= old.held


# Looks

_IN_BOTH = Job(protects=(INSURANCE,), repository=Texts(REPOSITORIES))
_NOTHING_ON_DISK = Question(
    job_name="insurance",
    job=_IN_BOTH,
    object=INSURANCE,
    calendar=JALALI,
    copies=(),
    looks=(look(NOW),),
)


@EACH
@given(questions(), st.booleans(), st.sampled_from(REPOSITORIES))
@example(_NOTHING_ON_DISK, True, "disk")  # never seen, and then only in part
@example(replace(_NOTHING_ON_DISK, looks=(look(NOW), look(NOW - 72 * HOUR, repository="disk"))), True, "disk")
def test_a_later_look_that_could_see_nothing_settles_nothing(question, is_complete, repository):
    blind = look(NOW, repository=repository, is_complete=is_complete, hides=True)
    settled = replace(question, watched_since=NOW - timedelta(days=30))
    before, after = judge(settled, NOW), judge(replace(settled, looks=(*settled.looks, blind)), NOW)
    assert before.tiers == after.tiers
    assert before.freshness == after.freshness
    # A look that came through in part ends the alarm of one that failed: the place answers again.
    if not is_complete or "look-failed" not in {finding.code for finding in before.findings}:
        assert severity(after.state) >= severity(before.state)
    is_told = {"look-failed", "look-partial"} & {finding.code for finding in after.findings}
    assert is_told or is_complete or repository not in question.job.repository


@EACH
@given(questions())
def test_without_looks_nothing_is_missing(question):
    verdict = judge(replace(question, looks=()), NOW)
    assert SlotState.MISSING not in {slot.state for tier in verdict.tiers for slot in tier.slots}


# Order


@EACH
@given(questions(own_copies=True), st.randoms())
def test_the_same_facts_in_another_order_give_the_same_verdict(question, random):
    copies, looks = list(question.copies), list(question.looks)
    random.shuffle(copies)
    random.shuffle(looks)
    assert judge(replace(question, copies=tuple(copies), looks=tuple(looks)), NOW) == judge(question, NOW)


# Any facts at all

moments = (
    st.datetimes(timezones=st.just(UTC))
    | st.datetimes()
    | st.sampled_from(
        [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=JALALI.zone)]
    )
)
aware = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2026, 11, 22), timezones=st.just(UTC))
words = st.text(max_size=8)
numbers = st.integers(-5, 200)
faults_of = st.lists(st.builds(Fault, code=words, place=words), max_size=2).map(tuple)
chains = st.builds(
    Chain,
    first_lsn=st.none() | numbers,
    last_lsn=st.none() | numbers,
    checkpoint_lsn=st.none() | numbers,
    database_backup_lsn=st.none() | numbers,
    base_id=st.sampled_from([None, "", "a", "b", "A"]),
    set_id=st.sampled_from([None, "", "a", "b"]),
    database_id=st.sampled_from([None, "", "d", "e"]),
    fork_id=st.sampled_from([None, "x", "y"]),
    is_copy_only=st.sampled_from([None, False, True]),
)
identities = st.builds(
    Identity,
    object=st.sampled_from([None, "", "Insurance", "Payroll"]),
    server=st.none() | words,
    kind=st.sampled_from(list(CopyKind)),
    started_at=st.none() | moments,
    finished_at=st.none() | moments,
    utc_offset_minutes=st.none() | st.integers(-10_000, 10_000),
    chain=st.none() | chains,
)
examinations = st.builds(
    Examination,
    format=st.none() | words,
    attempted=levels,
    level=st.none() | levels,
    identity=st.none() | identities,
    faults=faults_of,
    limits=st.lists(st.builds(Limit, code=words), max_size=2).map(tuple),
)
proofs_of = st.builds(
    Proof,
    repository=st.just("nas"),
    key=st.just("k"),
    fingerprint=st.sampled_from(["f", "g"]),
    proved_at=aware,
    duration_seconds=st.just(1.0),
    examination=examinations,
)
any_copies = st.builds(
    KnownCopy,
    copy=st.builds(
        Copy,
        repository=st.sampled_from(["nas", "disk", "elsewhere"]),
        key=st.sampled_from(["a", "b", "c", "d", ""]),
        fingerprint=st.sampled_from(["f", "g"]),
        kind=st.sampled_from(list(CopyKind)),
        size_bytes=st.none() | st.integers(-1, 1 << 60),
        files=st.sampled_from([(), (ListedFile("a", 1, 0),)]),
        modified_at=st.none() | moments,
        named_at=st.none() | moments,
        catalogue=st.none() | identities,
        faults=faults_of,
    ),
    first_seen_at=aware,
    last_seen_at=aware,
    gone_at=st.none() | aware,
    proofs=st.lists(proofs_of, max_size=3).map(tuple),
)


@EACH
@given(questions(own_copies=True), st.lists(any_copies, max_size=10), st.lists(any_copies, max_size=3), st.data())
def test_no_facts_are_too_strange_to_be_judged(question, copies, bases, data):
    kinds = tuple(data.draw(st.lists(st.sampled_from(list(CopyKind)), min_size=1, unique=True)))
    job = replace(question.job, kinds=kinds, min_size_bytes=data.draw(st.none() | st.integers(0, 100)))
    strange = replace(
        question,
        job=replace(job, anchor=data.draw(st.sampled_from(["start", "finish"])), rpo=HOUR, format="mtf"),
        copies=(*question.copies, *copies),
        bases=tuple(bases),
        object_gone_at=data.draw(st.none() | aware),
        expected_server=data.draw(st.none() | words),
    )
    verdict = judge(strange, NOW)
    turned = judge(replace(strange, copies=strange.copies[::-1], bases=strange.bases[::-1]), NOW)
    assert [slot.state for tier in verdict.tiers for slot in tier.slots] == [
        slot.state for tier in turned.tiers for slot in tier.slots
    ]
    assert [(one.code, one.state) for one in verdict.findings] == [(one.code, one.state) for one in turned.findings]
    for tier in verdict.tiers:
        assert 0 <= tier.held <= tier.required <= question.job.tiers()[tier.tier].keep
        assert tier.extra >= 0
        assert all(
            early.slot.ends_at == late.slot.begins_at for early, late in zip(tier.slots, tier.slots[1:], strict=False)
        )
