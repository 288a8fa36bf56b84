from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from itops.inventory.health import Estate, Policies, judge
from itops.verdict import State
from tests.inventory.health.estates import NOW, ago, fires, found, host, vm

NTP, ZONE = "config.dateTimeInfo.ntpConfig.server", "config.dateTimeInfo.timeZone.name"
SENSORS = "runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo"
HARDWARE = "runtime.healthSystemRuntime.hardwareStatusInfo"


def states(findings: list) -> list[State]:
    return [finding.state for finding in findings]


@pytest.mark.parametrize(
    ("vcpus", "power", "expected"), [(8, "poweredOn", False), (9, "poweredOn", True), (9, "poweredOff", False)]
)
def test_virtual_processors_for_each_core(vcpus: int, power: str, expected: bool) -> None:
    guest = vm({"runtime.host": "host-1", "config.hardware.numCPU": vcpus, "runtime.powerState": power})
    assert fires("host.cpu-overcommitted", host({"summary.hardware.numCpuCores": 2}, ref="host-1"), guest) is expected


def test_a_vm_finds_its_host_by_name_or_uuid_too() -> None:
    busy = host({"summary.hardware.numCpuCores": 1}, key="uuid-1")
    for place in ({"at.host": "esx01"}, {"at.host_uuid": "UUID-1"}):
        assert fires("host.cpu-overcommitted", busy, vm({"config.hardware.numCPU": 5, **place}))


@pytest.mark.parametrize(
    ("left", "code"),
    [(91, None), (90, None), (89.9, "certificate.expiring"), (0, "certificate.expired"), (-5, "certificate.expired")],
)
def test_certificates(left: float, code: str | None) -> None:
    shown = host({"certificateInfo.notAfter": ago(days=-left)})
    assert {one for one in ("certificate.expiring", "certificate.expired") if fires(one, shown)} == (
        {code} if code else set()
    )


def test_an_expiring_certificate_tells_its_day() -> None:
    (finding,) = found("certificate.expiring", host({"certificateInfo.notAfter": ago(days=-30)}))
    assert finding.data == {"expires_on": (NOW + timedelta(days=30)).date().isoformat(), "left_days": 30}


@pytest.mark.parametrize(("connection", "power", "expected"), [
    ("connected", "poweredOn", False),
    ("disconnected", "poweredOn", True),
    ("notResponding", "unknown", True),
    ("notResponding", "standBy", False),
])  # fmt: skip
def test_lost_hosts(connection: str, power: str, expected: bool) -> None:
    assert (
        fires("host.not-connected", host({"runtime.connectionState": connection, "runtime.powerState": power}))
        is expected
    )


def test_nothing_but_its_absence_is_told_of_a_lost_host() -> None:
    old = {
        "runtime.connectionState": "notResponding",
        ZONE: "UTC",
        "runtime.inMaintenanceMode": True,
        "summary.rebootRequired": True,
    }
    for code in ("ntp.missing", "host.maintenance", "host.reboot-required"):
        assert not fires(code, host(old), host({ZONE: "UTC", NTP: ["ntp.example.ir"]}, "esx02"))


@pytest.mark.parametrize(("path", "code"), [
    ("runtime.inMaintenanceMode", "host.maintenance"),
    ("summary.rebootRequired", "host.reboot-required"),
])  # fmt: skip
def test_hosts_that_stop_serving(path: str, code: str) -> None:
    assert fires(code, host({path: True}))
    assert not fires(code, host({path: False}))


@pytest.mark.parametrize(("days", "expected"), [(275, False), (276, True)])
def test_uptime(days: int, expected: bool) -> None:
    assert fires("host.up-long", host({"runtime.bootTime": ago(days=days)})) is expected


@pytest.mark.parametrize(
    ("colour", "state"),
    [("green", None), ("Green", None), ("unknown", None), ("yellow", State.WARNING), ("Red", State.CRITICAL)],
)
def test_sensors(colour: str, state: State | None) -> None:
    sensor = {
        "name": "Fan 1",
        "healthState": {"key": colour},
        "currentReading": 4200,
        "unitModifier": -2,
        "baseUnits": "RPM",
    }
    findings = found("host.sensor", host({SENSORS: [sensor]}))
    assert states(findings) == ([state] if state else [])
    assert all(finding.data["reading"] == "42 RPM" for finding in findings)


def test_hardware_elements_without_a_reading_are_sensors_too() -> None:
    element = {"name": "DIMM 3", "status": {"key": "Red"}}
    (finding,) = found("host.sensor", host({HARDWARE: {"memoryStatusInfo": [element, element]}}))
    assert finding.data == {"sensor": "DIMM 3", "colour": "red", "reading": None}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({NTP: ["ntp.example.ir"], ZONE: "UTC"}, False),
        ({NTP: [], ZONE: "UTC"}, True),
        ({NTP: [" "]}, True),
        ({ZONE: "UTC"}, True),
        ({}, False),
    ],
)
def test_time_servers(properties: dict, expected: bool) -> None:
    other = host({NTP: ["ntp.example.ir"]}, "esx02")
    assert fires("ntp.missing", host(properties), other) is expected


def service(key: str, running: bool, policy: str = "off") -> dict:
    return {"key": key, "running": running, "policy": policy}


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ([service("ntpd", False)], True),
        ([service("ntpd", True)], False),
        ([service("ntpd", False), service("chronyd", True)], False),
        ([service("DCUI", True)], False),
    ],
)
def test_time_services(services: list, expected: bool) -> None:
    assert fires("ntp.stopped", host({"config.service.service": services})) is expected


@pytest.mark.parametrize(("key", "code", "setting"), [
    ("TSM", "host.shell-enabled", "host.is_shell_allowed"),
    ("TSM-SSH", "host.ssh-enabled", "host.is_ssh_allowed"),
])  # fmt: skip
def test_doors(key: str, code: str, setting: str) -> None:
    for running, policy, expected in ((True, "off", True), (False, "on", True), (False, "off", False)):
        door = host({"config.service.service": [service(key, running, policy)]})
        assert fires(code, door) is expected
        assert not fires(code, door, settings={setting: True})


def options(**values: str) -> dict:
    keys = {"log": "Syslog.global.logHost", "scratch": "ScratchConfig.CurrentScratchLocation"}
    return {"config.option": [{"key": keys[name], "value": value} for name, value in values.items()]}


@pytest.mark.parametrize(
    ("properties", "syslog", "scratch"),
    [
        (options(log="udp://log.example.ir:514", scratch="/vmfs/volumes/x"), False, False),
        (options(log="", scratch="/tmp/scratch"), True, True),
        (options(scratch="/vmfs/volumes/x"), True, False),
        ({}, False, False),
    ],
)
def test_logs(properties: dict, syslog: bool, scratch: bool) -> None:
    other = host(options(log="udp://log.example.ir:514"), "esx02")
    assert fires("host.syslog-missing", host(properties), other) is syslog
    assert fires("host.scratch-volatile", host(properties), other) is scratch


@pytest.mark.parametrize(("mode", "expected"), [("lockdownDisabled", True), ("lockdownNormal", False), (None, False)])
def test_lockdown(mode: str | None, expected: bool) -> None:
    assert fires("host.lockdown-off", host({"config.lockdownMode": mode})) is expected


FC, LOCAL = "key-vim.host.FibreChannelHba-vmhba2", "key-vim.host.BlockHba-vmhba0"


def lun(*states: str, adapter: str = FC, policy: str = "VMW_PSP_RR") -> dict:
    routes = [{"name": f"path{number}", "state": state, "adapter": adapter} for number, state in enumerate(states)]
    return {"config.storageDevice.multipathInfo.lun": [{"id": "naa.1", "path": routes, "policy": {"policy": policy}}]}


def test_paths_to_storage() -> None:
    assert states(found("storage.path-dead", host(lun("active", "dead")))) == [State.WARNING]
    assert states(found("storage.path-dead", host(lun("dead", "dead")))) == [State.CRITICAL]
    assert not fires("storage.path-dead", host(lun("active", "standby")))


@pytest.mark.parametrize(("properties", "expected"), [
    (lun("active"), True),
    (lun("active", "active"), False),
    (lun("active", adapter=LOCAL), False),
])  # fmt: skip
def test_one_path_is_too_few_over_a_fabric_only(properties: dict, expected: bool) -> None:
    assert fires("storage.path-single", host(properties)) is expected


def test_path_policy_is_judged_where_there_is_a_choice() -> None:
    assert fires("storage.path-policy", host(lun("active", "active", policy="VMW_PSP_FIXED")))
    assert not fires("storage.path-policy", host(lun("active", policy="VMW_PSP_FIXED")))
    assert not fires("storage.path-policy", host(lun("active", "active", adapter=LOCAL, policy="VMW_PSP_FIXED")))
    wanted = {"storage.wanted_policies": ["VMW_PSP_FIXED"]}
    assert not fires("storage.path-policy", host(lun("active", "active", policy="VMW_PSP_FIXED")), settings=wanted)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("ok", []),
        ("quiesced", []),
        ("degraded", [State.WARNING]),
        ("off", [State.WARNING]),
        ("lostCommunication", [State.CRITICAL]),
    ],
)
def test_states_of_luns(state: str, expected: list[State]) -> None:
    device = {"canonicalName": "naa.1", "operationalState": [state]}
    assert states(found("storage.lun-state", host({"config.storageDevice.scsiLun": [device]}))) == expected


def network(*uplinks: str, speeds: tuple[str, ...] = ()) -> dict:
    cards = [
        {"key": f"key-{name}", "device": name, **({"linkSpeed": {"speedMb": 10000}} if name in speeds else {})}
        for name in ("vmnic0", "vmnic1", "vmnic2")
    ]
    switch = {"name": "vSwitch0", "pnic": [f"key-{name}" for name in uplinks]}
    return {"config.network.pnic": cards, "config.network.vswitch": [switch]}


def test_only_cards_that_a_switch_uses_must_have_a_link() -> None:
    healthy = host(network("vmnic0", "vmnic1", speeds=("vmnic0", "vmnic1")))
    assert not fires("host.nic-down", healthy)
    (finding,) = found("host.nic-down", host(network("vmnic0", "vmnic1", speeds=("vmnic0",))))
    assert finding.data == {"nic": "vmnic1", "switch": "vSwitch0"}


def test_a_switch_on_one_cable_is_found_and_one_without_any_is_internal() -> None:
    assert fires("host.single-uplink", host(network("vmnic0", speeds=("vmnic0",))))
    assert not fires("host.single-uplink", host(network()))
    distributed = {"config.network.proxySwitch": [{"dvsName": "dvs01", "pnic": ["key-vmnic0"]}]}
    assert found("host.single-uplink", host(distributed))[0].data == {"switch": "dvs01"}


@pytest.mark.parametrize(
    ("status", "expected"), [("online", False), ("unknown", False), ("offline", True), ("fault", True)]
)
def test_storage_adapters(status: str, expected: bool) -> None:
    adapter = {"device": "vmhba2", "status": status}
    assert fires("host.adapter-down", host({"config.storageDevice.hostBusAdapter": [adapter]})) is expected


def test_a_path_names_its_lun_as_the_other_findings_do() -> None:
    shown = lun("dead", "active")
    shown["config.storageDevice.multipathInfo.lun"][0].update(id="0200naa", lun="key-1")
    luns = [{"key": "key-1", "canonicalName": "naa.600508b1", "operationalState": ["ok"]}]
    (finding,) = found("storage.path-dead", host({**shown, "config.storageDevice.scsiLun": luns}))
    assert finding.data["lun"] == "naa.600508b1"


def test_the_day_a_certificate_ends_is_that_of_the_office() -> None:
    ends = host({"certificateInfo.notAfter": "2026-11-30T21:00:00Z"})
    estate, now = Estate.of([ends]), NOW.astimezone(ZoneInfo("Asia/Tehran"))
    days = [one.data["expires_on"] for one in judge(estate, Policies(), now).findings if "expires_on" in one.data]
    assert days == ["2026-12-01"]
