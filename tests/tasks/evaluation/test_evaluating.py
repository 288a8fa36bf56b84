"""All checks at once: what could not be made hides nothing, and what nobody promised is said to be so."""

import json
from dataclasses import replace

import pytest

from itops.alerts.checking import check_results, joined
from itops.alerts.policy import CHECKS
from itops.alerts.records import Evaluation, Key
from itops.errors import ConfigInvalid
from itops.reports.words import load_words, placeholders
from itops.tasks.evaluation.all import EVALUATORS, NOT_CONFIGURED, missing_section, not_configured
from itops.tasks.evaluation.delivery import STATES as DELIVERY_STATES
from itops.tasks.evaluation.evaluating import NOT_JUDGED, evaluate
from itops.tasks.evaluation.findings import NOT_LOOKED, TABLE
from itops.tasks.evaluation.inventory import STATES as SOURCE_STATES
from itops.verdict import State
from tests.tasks.evaluation.offices import NOW, WatchedOffice, assert_said

OURS = ("inventory", "delivery", "schedule")
SECTIONS = {
    "backup": "backup.jobs",
    "inventory": "sources",
    "delivery": "delivery",
    "schedule": None,
    "custody": "backup.custody",
    "channel": "alerts.channels",
}


def test_there_is_an_evaluator_for_each_check():
    assert tuple(EVALUATORS) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_of_an_empty_itops_yaml_each_check_names_the_section_that_would_promise_something(tmp_path, check):
    with WatchedOffice(tmp_path).watched() as watched:
        assert missing_section(check, watched.settings) == SECTIONS[check]


def test_an_office_that_promises_nothing_is_not_unknown_for_ever(tmp_path):
    with WatchedOffice(tmp_path).watched() as watched:
        found = evaluate(watched, EVALUATORS, OURS)
    assert found.whole == set(OURS)
    codes = {one.key: (one.state, one.code) for one in found.evaluations}
    assert codes == {
        Key("inventory", ""): (State.OK, NOT_CONFIGURED),
        Key("delivery", ""): (State.OK, NOT_CONFIGURED),
        Key("schedule", ""): (State.WARNING, "schedule.no-jobs"),
    }
    for one in found.evaluations:
        assert_said(one)
    results = check_results(found.evaluations, NOW, checks=("inventory", "delivery"))
    assert joined(results, NOW).state is State.OK


def test_what_is_not_configured_is_said_with_the_section_it_wants(tmp_path):
    with WatchedOffice(tmp_path).watched() as watched:
        one = not_configured("custody", "backup.custody", watched)
    assert "backup.custody" in load_words("fa").say(one.table, one.code, data=one.facts)


def test_a_check_that_cannot_be_made_is_unknown_with_its_remedy_and_hides_no_other(tmp_path):
    def broken(_watched: object) -> list[Evaluation]:
        raise ConfigInvalid("it is broken", remedy="mend it")

    with WatchedOffice(tmp_path).watched() as watched:
        found = evaluate(watched, {**EVALUATORS, "inventory": broken}, OURS)
    assert found.whole == {"delivery", "schedule"}
    (failed,) = [one for one in found.evaluations if one.key.check == "inventory"]
    assert (failed.key.object, failed.state, failed.code) == ("", State.UNKNOWN, NOT_JUDGED)
    assert failed.facts == {"problem": "it is broken", "remedy": "mend it"}
    assert_said(failed)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_what_could_not_be_judged_is_said_with_problem_and_remedy(language):
    assert placeholders(load_words(language).template(TABLE, NOT_JUDGED)) == {"problem", "remedy"}


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_code_of_the_table_has_words_and_no_words_are_left_over(language):
    own = {NOT_JUDGED, NOT_CONFIGURED, NOT_LOOKED, "gaps", "documents.well", "documents.to-do"}
    parts = {"health.judged", "health.nothing-seen", "register.judged", "register.gone", "delivery.nothing-known"}
    assert set(load_words(language).tables[TABLE]) == own | parts | SOURCE_STATES.keys() | DELIVERY_STATES.keys()


def test_facts_are_what_a_document_can_hold(tmp_path):
    with WatchedOffice(tmp_path).watched() as watched:
        for one in evaluate(watched, EVALUATORS, OURS).evaluations:
            assert replace(one, facts=json.loads(json.dumps(dict(one.facts)))) == one
