import pytest

from itops.inventory.entities import Entity, Kind
from itops.verdict import State
from tests.inventory.health.estates import ago, fires, found, host, thing, vm


def licence(name: str = "vSphere 8 Standard", days: float | None = None, **fields: object) -> Entity:
    end = [] if days is None else [{"key": "expirationDate", "value": ago(days=-days)}]
    base = {"editionKey": "esx.standard", "total": 8, "used": 4, "properties": end}
    return thing(Kind.LICENSE, name, {**base, **fields})


@pytest.mark.parametrize(
    ("days", "code"),
    [(None, None), (90, None), (89.9, "license.expiring"), (0, "license.expired"), (-1, "license.expired")],
)
def test_the_end_of_a_licence(days: float | None, code: str | None) -> None:
    codes = {one for one in ("license.expiring", "license.expired") if fires(one, licence(days=days))}
    assert codes == ({code} if code else set())


@pytest.mark.parametrize(("total", "used", "expected"), [(8, 8, False), (8, 9, True), (0, 9, False), (None, 9, False)])
def test_more_in_use_than_bought(total: int | None, used: int, expected: bool) -> None:
    assert fires("license.overused", licence(total=total, used=used), licence("other")) is expected


@pytest.mark.parametrize(
    ("used", "others", "expected"),
    [
        pytest.param(2, [licence()], True, id="in use beside a bought one"),
        pytest.param(0, [], False, id="listed and not in use"),
        pytest.param(None, [licence()], False, id="not told, and another is there"),
        pytest.param(None, [], True, id="not told, and the only one"),
    ],
)
def test_the_evaluation_licence(used: int | None, others: list[Entity], expected: bool) -> None:
    evaluation = licence("Evaluation Mode", 10, editionKey="eval", used=used)
    assert fires("license.evaluation", evaluation, *others) is expected
    assert fires("license.expiring", evaluation, *others) is expected


def alarm(colour: str = "red", entity: str = "vm-1", **fields: object) -> dict:
    return {"alarmName": "VM CPU usage", "entity": entity, "overallStatus": colour, "time": ago(days=1), **fields}


@pytest.mark.parametrize(
    ("raised", "states"),
    [
        (alarm("red"), [State.CRITICAL]),
        (alarm("yellow"), [State.WARNING]),
        (alarm("green"), []),
        (alarm("gray"), []),
        (alarm("red", acknowledged=True), [State.OK]),
    ],
)
def test_open_alarms(raised: dict, states: list[State]) -> None:
    findings = found("alarm.open", vm({"triggeredAlarmState": [raised]}, ref="vm-1"))
    assert [finding.state for finding in findings] == states


def test_an_alarm_is_told_once_and_of_the_thing_it_is_about() -> None:
    raised = {"triggeredAlarmState": [alarm()]}
    endpoint = thing(Kind.ENDPOINT, "vc01.example.ir", raised)
    (finding,) = found("alarm.open", endpoint, host(raised), vm(raised, ref="vm-1"))
    assert (finding.subject_kind, finding.subject) == (Kind.VM, "app01")
    (only_above,) = found("alarm.open", endpoint, vm(ref="vm-1"))
    assert only_above.subject == "app01"


def test_an_alarm_without_a_resolved_name_has_its_reference() -> None:
    (finding,) = found("alarm.open", vm({"triggeredAlarmState": [{"alarm": "alarm-7", "overallStatus": "red"}]}))
    assert finding.data == {"alarm": "alarm-7", "colour": "red", "since_on": None}


@pytest.mark.parametrize(("enabled", "expected"), [(True, False), (False, True), (None, False)])
def test_alarm_actions(enabled: bool | None, expected: bool) -> None:
    assert (
        fires("alarm.actions-off", host({"alarmActionsEnabled": enabled}), vm({"alarmActionsEnabled": True}))
        is expected
    )


def session(hours: float, **fields: object) -> Entity:
    one = {"userName": "ALBORZ\\operator", "ipAddress": "192.0.2.7", "lastActiveTime": ago(hours=hours), **fields}
    return thing(Kind.ENDPOINT, "vc01.example.ir", {"sessionList": [one]})


@pytest.mark.parametrize(("hours", "expected"), [(48, False), (49, True)])
def test_idle_sessions(hours: int, expected: bool) -> None:
    assert fires("session.idle", session(hours)) is expected


def test_sessions_of_extensions_may_idle() -> None:
    assert not fires("session.idle", session(500, extensionSession=True))


STATUS, ISSUES = "configStatus", "configIssue"


@pytest.mark.parametrize(
    ("properties", "code", "state"),
    [
        ({STATUS: "green"}, None, None),
        ({STATUS: "gray"}, None, None),
        ({STATUS: "yellow"}, "config.status", State.WARNING),
        ({STATUS: "red"}, "config.status", State.CRITICAL),
        ({STATUS: "red", ISSUES: [{"fullFormattedMessage": "No datastore heartbeat"}]}, "config.issue", State.CRITICAL),
        ({ISSUES: [{"fullFormattedMessage": "No datastore heartbeat"}]}, "config.issue", State.WARNING),
        (
            {STATUS: "green", ISSUES: [{"_type": "HostNoRedundantManagementNetworkEvent"}]},
            "config.issue",
            State.WARNING,
        ),
    ],
)
def test_configuration_issues(properties: dict, code: str | None, state: State | None) -> None:
    findings = [one for name in ("config.issue", "config.status") for one in found(name, host(properties))]
    assert [(one.code, one.state) for one in findings] == ([(code, state)] if code else [])


def test_issues_of_vms_clusters_and_datastores_are_told_too() -> None:
    trouble = {ISSUES: [{"fullFormattedMessage": "x"}]}
    things = [thing(kind, str(kind), trouble) for kind in (Kind.VM, Kind.CLUSTER, Kind.DATASTORE)]
    assert len(found("config.issue", *things, host({STATUS: "green"}))) == 3
