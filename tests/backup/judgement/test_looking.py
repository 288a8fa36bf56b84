"""Looks that are too old, and repositories nobody ever saw."""

from datetime import timedelta

import pytest

from itops.verdict import State
from tests.backup.judgement.factory import NOW, copy, daily, job, judged, look, nightly

COPIES = nightly("11-08", "11-21")


def found(looks, repositories=("nas",)):
    verdict = judged(COPIES, job(daily=daily(), repositories=repositories), looks=looks)
    return [(one.code, one.facts["repository"]) for one in verdict.findings if one.state is State.UNKNOWN]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([look(NOW - timedelta(hours=26))], [], id="just young enough"),
        pytest.param([look(NOW - timedelta(hours=26, seconds=1))], [("look-stale", "nas")], id="a second too old"),
        pytest.param(
            [look(NOW, is_complete=False)], [("look-failed", "nas"), ("never-looked", "nas")], id="only ever failed"
        ),
        pytest.param(
            [look(NOW - timedelta(days=3)), look(NOW, is_complete=False)],
            [("look-failed", "nas"), ("look-stale", "nas")],
            id="fails since days",
        ),
        pytest.param(
            [look(NOW - timedelta(hours=2)), look(NOW, is_complete=False)], [("look-failed", "nas")], id="fails now"
        ),
        pytest.param(
            [look(NOW - timedelta(hours=2), is_complete=False), look(NOW)], [], id="failed, and is well again"
        ),
        pytest.param([look(NOW, hides=True)], [], id="hides nothing that was there"),
        pytest.param(
            [look(NOW), look(NOW + timedelta(minutes=1), hides=True)],
            [("look-partial", "nas")],
            id="hides what was there",
        ),
        pytest.param(
            [look(NOW + timedelta(minutes=1), hides=True)],
            [("look-partial", "nas"), ("never-looked", "nas")],
            id="never whole, and hides what was there",
        ),
        pytest.param([], [("never-looked", "nas")], id="never"),
    ],
)
def test_a_repository_nobody_looks_at_makes_its_objects_unknown(looks, expected):
    assert found(tuple(looks)) == expected


def test_each_repository_of_the_job_is_asked_for():
    looks = (look(NOW), look(NOW - timedelta(days=3), repository="disk"))
    assert found(looks, ("nas", "disk", "cloud")) == [("look-stale", "disk"), ("never-looked", "cloud")]


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        pytest.param([], [("never-looked", "disk")], id="never"),
        pytest.param([look(NOW, repository="disk", hides=True)], [("never-looked", "disk")], id="only ever in part"),
        pytest.param(
            [look(NOW - timedelta(days=3), repository="disk"), look(NOW, repository="disk", hides=True)],
            [("look-stale", "disk")],
            id="in part since days",
        ),
        pytest.param(
            [look(NOW - timedelta(hours=2), repository="disk"), look(NOW, repository="disk", hides=True)],
            [],
            id="in part today, whole before",
        ),
        pytest.param([look(NOW, repository="disk")], [], id="whole"),
    ],
)
def test_a_look_in_part_that_saw_no_copy_of_the_object_is_no_look_at_it(disk, expected):
    assert found((look(NOW), *disk), ("nas", "disk")) == expected


def test_a_look_in_part_that_saw_copies_of_the_object_is_a_look_at_it():
    on_disk = copy("11-21 23:30", repository="disk")
    policy = job(daily=daily(), repositories=("nas", "disk"))
    verdict = judged([*COPIES, on_disk], policy, looks=(look(NOW), look(NOW, repository="disk", hides=True)))
    assert verdict.state is State.OK


def test_good_slots_do_not_outshine_a_blind_repository():
    verdict = judged(COPIES, looks=(look(NOW - timedelta(days=20)), look(NOW - timedelta(days=3))))
    assert verdict.state is State.UNKNOWN
    (stale,) = [one for one in verdict.findings if one.code == "look-stale"]
    assert (stale.facts["age_hours"], stale.facts["limit_hours"]) == (72, 26)
