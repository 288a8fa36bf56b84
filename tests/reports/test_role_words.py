"""The words of roles, in both languages."""

import pytest

from itops.inventory.roles.evidence import EvidenceKind, Sureness
from itops.inventory.roles.expected import missing_roles, role_holder
from itops.inventory.roles.judge import roles_of
from itops.inventory.roles.rules import known_roles
from itops.inventory.roles.standing import Standing
from itops.reports.findings import message_of, remedy_of, title_of
from itops.reports.words import LANGUAGES, load_words
from tests.inventory.roles.builders import NOW, RULES, vm


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_sureness_evidence_and_standing_has_a_word(language):
    tables = load_words(language).tables
    assert set(tables["role"]) == set(known_roles())
    assert set(tables["role_sureness"]) == {*map(str, Sureness), "unknown"}
    assert set(tables["role_evidence"]) == set(map(str, EvidenceKind))
    assert set(tables["role_standing"]) == set(map(str, Standing))


def test_roles_are_called_differently_in_english_and_persian():
    english, persian = (load_words(language).tables["role"] for language in LANGUAGES)
    assert {role for role in known_roles() if english[role] == persian[role]} == {"vcsa", "rdc"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("expected", "code"), [({"kms": 1}, "role.missing"), ({"sql": 2}, "role.too-few"), ({"sql": 1}, "role.only-likely")]
)
def test_every_finding_can_be_said(language, expected, code):
    holders = [role_holder(entity, roles_of(entity, (), (), RULES)) for entity in (vm("SQL01"), vm("app7"))]
    (finding,) = missing_roles(expected, holders, NOW)
    words = load_words(language)
    assert finding.code == code
    assert next(iter(expected)) in message_of(finding, words)
    assert title_of(finding, words)
    assert remedy_of(finding, words)
