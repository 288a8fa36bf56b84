"""From evidence to roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.roles.evidence import EvidenceKind, RoleVerdict, Sureness, roles_json
from itops.inventory.roles.judge import has_role, is_to_be_asked, judge_all, roles_of
from itops.inventory.roles.probed import Outcome, latest
from itops.inventory.roles.rules import RoleRules, RoleSettings
from tests.inventory.roles.builders import NOW, RULES, answer, result, vm

PHOTON = "VMware Photon OS (64-bit)"


def judged(entity, answers=(), probes=(), rules=RULES) -> dict[str, str]:
    return {verdict.role: verdict.sureness.value for verdict in roles_of(entity, answers, probes, rules)}


def only(entity, *answers) -> RoleVerdict:
    (verdict,) = roles_of(entity, answers, (), RULES)
    return verdict


@pytest.mark.parametrize(
    ("entity", "expected"),
    [
        pytest.param(vm("SQL01"), {"sql": "likely"}, id="a name alone"),
        pytest.param(vm("SQL01", guest__hostName="alb-sql.example.ir"), {"sql": "sure"}, id="name and guest"),
        pytest.param(vm("web1", guest__hostName="web1.dc.example.ir"), {}, id="the domain is no evidence"),
        pytest.param(vm("VCSA", guest__guestFullName=PHOTON), {"vcsa": "sure"}, id="name and guest system"),
        pytest.param(vm("tool", guest__guestFullName=PHOTON), {}, id="Photon alone says nothing"),
        pytest.param(vm("x", config__annotation="role: wsus"), {"wsus": "declared"}, id="a line of the notes"),
        pytest.param(
            vm("x", config__annotation="خرید ۱۴۰۱\nنقش: بانک اطلاعاتی"), {"sql": "declared"}, id="Persian notes"
        ),
        pytest.param(vm("x", config__annotation="Role : SQL, WSUS"), {"sql": "declared", "wsus": "declared"}, id="two"),
        pytest.param(vm("x", config__annotation="role: sql (since 1402)"), {"sql": "declared"}, id="a remark"),
        pytest.param(vm("x", config__annotation="role: dc - main"), {"dc": "declared"}, id="a remark after a dash"),
        pytest.param(vm("x", config__annotation="the role of sql is unclear: wsus"), {}, id="a sentence"),
        pytest.param(vm("x", config__annotation="role:"), {}, id="an empty line"),
        pytest.param(vm("x", **{"at.custom_attributes": {"Role": "kms"}}), {"kms": "declared"}, id="attribute"),
        pytest.param(
            vm("x", **{"at.custom_attributes": {"نقش": "فایل سرور"}}), {"file": "declared"}, id="Persian attr"
        ),
        pytest.param(vm("x", **{"at.custom_attributes": {"owner": "sql"}}), {}, id="another attribute"),
        pytest.param(
            vm("x", **{"at.tags": {"Role": ["sql", "backup"]}}), {"backup": "declared", "sql": "declared"}, id="tags"
        ),
        pytest.param(vm("x", **{"at.tags": {"Role": "sql"}}), {"sql": "declared"}, id="a tag that is no list"),
        pytest.param(vm("SQL01", config__annotation="role: -"), {}, id="declared to be nothing"),
        pytest.param(vm("SQL01", config__annotation="role: print server"), {"print-server": "declared"}, id="own word"),
        pytest.param(
            vm(
                "x",
                **{"config.vAppConfig.product": [{"name": "VMware vCenter Server Appliance", "vendor": "VMware Inc."}]},
            ),
            {"vcsa": "likely"},
            id="product",
        ),
        pytest.param(
            vm("x", **{"config.vAppConfig": {"product": [{"name": "Zabbix Appliance"}]}}),
            {"monitoring": "likely"},
            id="product inside a whole structure",
        ),
        pytest.param(
            vm("x", **{"config.extraConfig": [{"key": "guestinfo.cis.appliance.net.mode", "value": "static"}]}),
            {"vcsa": "likely"},
            id="guest variable of an appliance",
        ),
        pytest.param(
            vm("x", **{"config.extraConfig": [{"key": "guestInfo.role", "value": "SQL"}]}),
            {"sql": "likely"},
            id="guest variable with a role",
        ),
        pytest.param(
            vm("x", **{"config.managedBy": {"extensionKey": "com.vmware.vcops"}}),
            {"monitoring": "likely"},
            id="managed",
        ),
        pytest.param(
            vm("x", config__annotation="VMware vCenter Server Appliance"), {"vcsa": "likely"}, id="title in notes"
        ),
        pytest.param(
            vm("x", config__annotation="here the old vCenter server appliance was kept"),
            {},
            id="a sentence is no title",
        ),
    ],
)
def test_what_a_vm_says_of_itself(entity, expected):
    assert judged(entity) == expected


def test_a_password_left_in_a_guest_variable_is_never_shown():
    entity = vm("x", **{"config.extraConfig": [{"key": "guestinfo.cis.vmdir.password", "value": "Secret-1"}]})
    assert "Secret-1" not in str(roles_json(roles_of(entity, (), (), RULES)))


def test_a_name_and_a_probe_are_two_witnesses():
    entity = vm("SQL01")
    assert judged(entity, probes=[result(entity, "sql")]) == {"sql": "sure"}


def test_two_probes_are_one_kind_of_witness():
    entity = vm("x")
    probes = [result(entity, "sql"), result(entity, "sql", probe="sql-browser")]
    assert judged(entity, probes=probes) == {"sql": "likely"}


def test_an_answer_decides_and_the_name_stands_against_it():
    entity = vm("SQL01")
    (verdict,) = roles_of(entity, [answer(entity, "file")], (), RULES)
    assert (verdict.role, verdict.sureness) == ("file", Sureness.DECLARED)
    assert [(piece.role, piece.kind) for piece in verdict.contradictions] == [("sql", EvidenceKind.NAME)]


def test_a_service_that_answers_is_a_role_beside_the_declared_one_and_shows_the_contradiction():
    entity = vm("SQL01", config__annotation="role: wsus")
    verdicts = roles_of(entity, (), [result(entity, "sql")], RULES)
    assert [(verdict.role, verdict.sureness.value) for verdict in verdicts] == [("wsus", "declared"), ("sql", "sure")]
    assert [piece.role for piece in verdicts[1].contradictions] == ["wsus"]


def test_the_newest_answer_counts():
    entity = vm("x")
    assert judged(entity, [answer(entity, "kms", days_ago=9), answer(entity, "sql, wsus")]) == {
        "sql": "declared",
        "wsus": "declared",
    }


def test_the_answer_about_another_vm_changes_nothing():
    assert judged(vm("x"), [answer(vm("y"), "kms")], [result(vm("y"), "sql")]) == {}


def test_a_vm_may_have_several_roles_without_contradiction():
    verdicts = roles_of(vm("SQL-WSUS"), (), (), RULES)
    assert [verdict.role for verdict in verdicts] == ["sql", "wsus"]
    assert not any(verdict.contradictions for verdict in verdicts)


def test_the_name_of_a_pdc_supports_a_domain_controller_that_answers():
    entity = vm("PDC")
    assert judged(entity, probes=[result(entity, "dc", probe="ldap")]) == {"dc": "sure", "pdc": "likely"}


def test_a_declared_dc_is_not_contradicted_by_being_the_pdc():
    entity = vm("PDC", config__annotation="role: dc")
    assert only(entity).contradictions == ()


def test_a_pdc_counts_as_a_dc():
    verdicts = roles_of(vm("PDC"), (), (), RULES)
    assert has_role(verdicts, "dc")
    assert not has_role(roles_of(vm("DC1"), (), (), RULES), "pdc")


def test_an_address_that_the_vm_no_longer_has_speaks_for_somebody_else():
    entity = vm("x", **{"guest.net": [{"deviceConfigId": 4000, "ipAddress": ["10.1.0.9"]}]})
    assert judged(entity, probes=[result(entity, "sql")]) == {}
    entity = vm("x", **{"guest.net": [{"deviceConfigId": 4000, "ipAddress": ["10.1.0.5"]}]})
    assert judged(entity, probes=[result(entity, "sql")]) == {"sql": "likely"}


def test_silence_does_not_erase_what_a_probe_saw_but_a_closed_port_does():
    entity = vm("x")
    seen = result(entity, "sql", days_ago=9)
    assert judged(entity, probes=[seen, result(entity, outcome=Outcome.NO_ANSWER)]) == {"sql": "likely"}
    assert judged(entity, probes=[seen, result(entity, outcome=Outcome.REFUSED)]) == {}
    assert len(latest([seen, result(entity, outcome=Outcome.REFUSED)])) == 1


def test_an_office_may_name_its_own_attribute():
    rules = RoleRules(RoleSettings(attributes=("کاربری",)))
    entity = vm("x", **{"at.custom_attributes": {"كاربري": "sql"}})
    assert judged(entity) == {}
    assert judged(entity, rules=rules) == {"sql": "declared"}


@pytest.mark.parametrize(
    ("entity", "answers", "asked"),
    [
        pytest.param(vm("app7"), [], True, id="nothing known"),
        pytest.param(vm("SQL01"), [], False, id="likely"),
        pytest.param(vm("app7"), ["-"], False, id="answered with none of these"),
        pytest.param(vm("app7", config__annotation="role: -"), [], False, id="declared to be none"),
        pytest.param(vm("app7", config__template=True), [], False, id="template"),
        pytest.param(vm("vCLS (1)"), [], False, id="an agent of vSphere"),
        pytest.param(vm("app7", **{"runtime.powerState": "poweredOff"}), [], True, id="powered off"),
    ],
)
def test_who_is_asked_about(entity, answers, asked):
    given_answers = [answer(entity, role) for role in answers]
    verdicts = roles_of(entity, given_answers, (), RULES)
    assert is_to_be_asked(entity, given_answers, verdicts, RULES) is asked


def test_all_are_judged_with_their_own_answers():
    first, second = vm("a"), vm("b")
    judged_all = list(judge_all([first, second], [answer(second, "kms")], [result(first, "sql")], RULES))
    assert [[verdict.role for verdict in verdicts] for _, verdicts in judged_all] == [["sql"], ["kms"]]


def test_the_json_of_a_role_is_the_contract():
    assert roles_json(roles_of(vm("SQL01"), (), (), RULES)) == [
        {
            "role": "sql",
            "sureness": "likely",
            "evidence": [
                {
                    "role": "sql",
                    "kind": "name",
                    "detail": 'the name "SQL01" holds "sql"',
                    "source": "vc01",
                    "observed_at": NOW.isoformat().replace("+00:00", "Z"),
                }
            ],
        }
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATHS = [
    "name",
    "config.annotation",
    "at.tags",
    "at.custom_attributes",
    "config.extraConfig",
    "config.vAppConfig",
    "config.vAppConfig.product",
    "config.managedBy",
    "guest.hostName",
    "guest.guestFullName",
    "guest.net",
]


@given(st.dictionaries(st.sampled_from(PATHS), JSON))
def test_no_property_of_any_shape_breaks_the_judgement(properties):
    entity = vm("x", **properties)
    assert isinstance(roles_of(entity, (), [result(entity, "sql")], RULES), tuple)


@given(st.permutations([("declared",), ("name",), ("probe",), ("answer",)]), st.integers(0, 4))
def test_another_agreeing_witness_never_makes_a_role_less_sure(order, count):
    def sureness(kinds: list[str]) -> int:
        notes = {"config__annotation": "role: sql"} if "declared" in kinds else {}
        entity = vm("SQL01" if "name" in kinds else "x", key="k", **notes)
        answers = [answer(entity, "sql")] if "answer" in kinds else []
        probes = [result(entity, "sql")] if "probe" in kinds else []
        found = roles_of(entity, answers, probes, RULES)
        return list(Sureness).index(found[0].sureness) if found else len(Sureness)

    kinds = [kind for (kind,) in order]
    assert sureness(kinds[: count + 1]) <= sureness(kinds[:count])
