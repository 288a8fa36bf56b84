"""All twenty, whatever the facts are."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.controls.evaluate import evaluate
from itops.backup.controls.facts import AccessFacts, ChainFacts, ControlFacts, DocumentFacts
from itops.backup.controls.policy import (
    Accounts,
    AccountsSetting,
    ControlsPolicy,
    DocumentSetting,
    KeySetting,
    SiteSetting,
    WatcherSetting,
)
from itops.backup.copies import Identity
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, DrillPolicy
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    NAS,
    NOT_EVALUATED,
    OK,
    UNKNOWN,
    a_drill,
    a_job,
    facts,
    hashed,
    history,
    nothing,
)
from tests.backup.controls.test_places import medium, on_medium, register
from tests.backup.judgement.factory import JALALI, NOW, at, copy, nightly

IDS = [f"C{number:02}" for number in range(1, 21)]
TODAY = date(2026, 11, 22)


def model_office() -> ControlFacts:
    """An office in which everything is as it should be."""
    policy = ControlsPolicy(
        keep_at_most=timedelta(days=400),
        document=DocumentSetting(path=Path("procedure.pdf"), reviewed=TODAY),
        keys=(KeySetting(id="restic-nas", escrow="notary", opens=("nas",), tested=TODAY),),
        accounts=AccountsSetting(
            makes=Accounts(["svc-backup"]), deletes=Accounts(["vault"]), administers=Accounts(["admin"])
        ),
        watcher=WatcherSetting(name="monitoring of the province", tested=TODAY),
        sites={"bank": SiteSetting(distance="city")},
    )
    job = a_job(rpo=timedelta(hours=26), drill=DrillPolicy(into="mssql", rto=timedelta(hours=1)))
    last = at("11-21 23:30")
    header = Identity(started_at=last, finished_at=last + timedelta(minutes=20), utc_offset_minutes=210)
    newest = hashed(copy("11-21 23:30", header=header, key="ins.bak"), "a" * 64)
    access = AccessFacts(checked_at=NOW, mode="0700", is_readable_by_all=False, is_writable_by_all=False)
    of = facts(
        [*FULL[:-1], newest],
        job=job,
        policy=policy,
        drills=[a_drill()],
        repositories=(replace(NAS, access=access, is_encrypted=True),),
        document=DocumentFacts(path="procedure.pdf", sha256="d" * 64, modified_at=at("03-01 10:00")),
        custody=register(on_medium(made="11-21 23:30"), media=(medium(),)),
        chains=(ChainFacts(name="verdicts", rows=9, head="8" * 64, head_at=NOW),),
    )
    return replace(of, history=history(of, "11-22 08:56"))


def test_every_control_can_be_green():
    assert [(one.id, one.state, one.reason) for one in evaluate(model_office(), NOW) if one.state is not OK] == []


def test_every_green_control_shows_its_evidence():
    assert all(one.evidence for one in evaluate(model_office(), NOW))


def test_before_the_first_look_no_control_is_green_and_only_what_is_on_paper_is_red():
    verdicts = evaluate(nothing(), NOW)
    assert [one.id for one in verdicts] == IDS
    assert {one.id for one in verdicts if one.state is CRITICAL} == set()
    assert {one.id for one in verdicts if one.state is OK} == set()


def test_an_empty_plan_is_no_schedule_and_nothing_else_is_claimed():
    of = ControlFacts(plan=BackupPlan(), calendar=JALALI, plan_file=DocumentFacts(path="itops.yaml"))
    states = {one.id: one.state for one in evaluate(of, NOW)}
    assert states.pop("C02") is CRITICAL
    assert states.pop("C20").name == "WARNING"
    assert set(states.values()) <= {NOT_EVALUATED, UNKNOWN}


COPIES = st.lists(
    st.builds(
        copy,
        st.integers(1, 40).map(lambda days: NOW - timedelta(days=days)),
        level=st.sampled_from([None, Level.SEEN, Level.COMPLETE]),
        faults=st.sampled_from([(), ("cut",)]),
        repository=st.sampled_from(["nas", "elsewhere"]),
        key=st.sampled_from([None, "same.bak"]),
    ),
    max_size=6,
)
JOBS = st.builds(
    a_job,
    owner=st.sampled_from([None, "R. Karimi"]),
    max_age=st.sampled_from([None, timedelta(hours=26)]),
    rpo=st.sampled_from([None, timedelta(hours=26)]),
    drill=st.sampled_from([None, DrillPolicy(into="mssql", rto=timedelta(minutes=5))]),
)
DRILLS = st.lists(
    st.builds(a_drill, is_restored=st.booleans(), seconds=st.sampled_from([0.0, 1e6]), size_bytes=st.integers(0, 9)),
    max_size=3,
)


@settings(max_examples=60)
@given(COPIES, JOBS, DRILLS, st.booleans(), st.booleans())
def test_whatever_the_facts_each_control_has_one_verdict_and_no_green_one_is_without_evidence(
    copies, job, drills, has_history, is_model
):
    of = facts(copies, job=job, drills=drills, policy=model_office().policy if is_model else None)
    of = replace(of, history=history(of, "11-20 08:00") if has_history else ())
    verdicts = evaluate(of, NOW)
    assert [one.id for one in verdicts] == IDS
    assert all(one.evidence for one in verdicts if one.state is OK)
    assert all(held.state is not OK for one in verdicts for held in one.also)


@settings(max_examples=30)
@given(st.permutations(range(len(FULL))))
def test_the_order_of_the_copies_means_nothing(order):
    of = model_office()
    shuffled = replace(of, copies=tuple(of.copies[place] for place in order))
    assert [(one.state, one.reason) for one in evaluate(shuffled, NOW)] == [
        (one.state, one.reason) for one in evaluate(of, NOW)
    ]


@given(st.integers(0, 3000))
def test_waiting_alone_never_makes_anything_greener(days):
    """Slots are judged anew when they are looked at; here nobody looks any more."""
    of = model_office()
    before = {one.id: one.state for one in evaluate(of, NOW)}
    after = {one.id: one.state for one in evaluate(of, NOW + timedelta(days=days))}
    assert not {name for name in IDS if after[name] is OK and before[name] is not OK}


def test_hundreds_of_objects_are_evaluated_in_seconds():
    one = nightly("11-10", "11-21")
    of = facts(one)
    names = [f"sql01/Object{number}" for number in range(300)]
    verdicts = tuple(replace(of.verdicts[0], object=name) for name in names)
    copies = tuple(
        replace(known, copy=replace(known.copy, object=name, key=f"{name}/{known.copy.key}"))
        for name in names
        for known in one
    )
    assert len(evaluate(replace(of, verdicts=verdicts, copies=copies), NOW)) == 20
