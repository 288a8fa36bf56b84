"""Asking people, and what an answer may be."""

import pytest

from itops.errors import UsageWrong
from itops.tasks.ask_roles import expectations, find_vm, judged_vms, questions, role_answer
from tests.inventory.roles.builders import NOW, RULES, answer, result, vm
from tests.inventory.roles.reader import MemoryReader

APP = vm("app7", config__annotation="خرید ۱۴۰۱\nکابینت ۲", guest__guestFullName="Debian GNU/Linux 12")


def asked(reader: MemoryReader, probes=()) -> list[str]:
    return [question.name for question in questions(judged_vms(reader, RULES, probes))]


def test_only_servers_without_any_evidence_are_asked_about():
    assert asked(MemoryReader([vm("SQL01"), APP, vm("vCLS (1)")])) == ["app7"]


def test_nobody_is_asked_twice():
    reader = MemoryReader([APP])
    for role in ("sql", "-", "print server"):
        reader.remember(role_answer(APP.key, [role], answered_by="the admin", now=NOW, rules=RULES))
        assert asked(reader) == []


def test_a_service_that_answers_spares_the_question():
    assert asked(MemoryReader([APP]), [result(APP, "sql")]) == []


def test_a_vm_seen_through_two_sources_is_asked_about_once():
    assert asked(MemoryReader([APP, APP])) == ["app7"]


def test_a_question_shows_what_is_known_on_one_line():
    (question,) = questions(judged_vms(MemoryReader([APP]), RULES, ()))
    assert ("notes", "خرید ۱۴۰۱ کابینت ۲") in question.facts
    assert ("system", "Debian GNU/Linux 12") in question.facts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["SQL Server"], "sql"),
        (["sql, wsus"], "sql, wsus"),
        (["sql", "wsus", "SQL"], "sql, wsus"),
        (["فایل سرور، پشتیبان"], "file, backup"),
        (["Print Server"], "print-server"),
        (["-"], "-"),
    ],
)
def test_an_answer_is_kept_as_words(typed, kept):
    assert role_answer(APP.key, typed, answered_by="the admin", now=NOW, rules=RULES).role == kept


@pytest.mark.parametrize(
    "typed", [[], [""], ["12"], ["sql", "-"], ["a whole sentence about what this server is doing"]]
)
def test_what_is_no_role_is_refused_with_the_known_ones(typed):
    with pytest.raises(UsageWrong) as refused:
        role_answer(APP.key, typed, answered_by="the admin", now=NOW, rules=RULES)
    assert "wsus" in refused.value.remedy


def test_an_answer_without_a_person_is_refused():
    with pytest.raises(UsageWrong):
        role_answer(APP.key, ["sql"], answered_by=" ", now=NOW, rules=RULES)


def test_an_answer_with_several_roles_gives_several_roles():
    (judged,) = judged_vms(MemoryReader([APP], [answer(APP, "sql, wsus")]), RULES, ())
    assert [verdict.role for verdict in judged.verdicts] == ["sql", "wsus"]


def test_a_name_that_two_vms_have_must_be_told_apart_by_id():
    reader = MemoryReader([vm("app", key="one"), vm("APP", key="two")])
    with pytest.raises(UsageWrong, match="2 VMs") as refused:
        find_vm(reader, "app")
    assert "one, two" in refused.value.remedy
    assert find_vm(reader, "two").name == "APP"


def test_an_unknown_vm_is_refused():
    with pytest.raises(UsageWrong):
        find_vm(MemoryReader([]), "app")


def test_what_the_office_expects_is_held_against_all_vms():
    judged = judged_vms(MemoryReader([vm("SQL01"), APP]), RULES, ())
    found = expectations(judged, {"sql": 1, "kms": 1}, NOW)
    assert [(finding.subject, finding.code) for finding in found] == [
        ("sql", "role.only-likely"),
        ("kms", "role.missing"),
    ]
