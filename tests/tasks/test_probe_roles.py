"""Planning probes. That they are sent, and how gently, is tested against servers in tests/e2e/test_probes.py."""

import pytest

from itops.errors import UsageWrong
from itops.sources.probes.prober import PROBES, ProbeSettings
from itops.tasks.probe_roles import plan, send
from tests.inventory.roles.builders import NOW, vm
from tests.inventory.roles.reader import MemoryReader

SETTINGS = ProbeSettings()


def at(name: str, address: str):
    return vm(name, **{"guest.net": [{"deviceConfigId": 4000, "ipAddress": [address]}]})


READER = MemoryReader([at("a", "10.1.0.1"), at("b", "10.1.0.2"), at("c", "10.1.0.3"), at("d", "10.1.0.3")])


def test_every_vm_is_asked_everything_unless_told_otherwise():
    assert len(plan(READER, SETTINGS).targets) == 2 * len(PROBES)


def test_only_the_named_vms_are_asked():
    assert {target.vm for target in plan(READER, SETTINGS, vms=["B"]).targets} == {"b"}


def test_only_probes_that_find_the_named_role_are_sent():
    assert {target.probe.name for target in plan(READER, SETTINGS, roles=["pdc"]).targets} == {"ldap-ping"}
    assert {target.probe.name for target in plan(READER, SETTINGS, roles=["sql"]).targets} == {"tds", "sql-browser"}


def test_a_role_that_no_probe_finds_is_refused():
    with pytest.raises(UsageWrong, match="no probe can find the role file"):
        plan(READER, SETTINGS, roles=["sql", "file"])


def test_an_address_is_shared_even_when_only_one_of_its_vms_is_named():
    chosen = plan(READER, SETTINGS, vms=["c"])
    assert chosen.targets == ()
    assert [left.reason for left in chosen.left_alone] == ["10.1.0.3 is claimed by 2 VMs"]


def test_an_empty_plan_asks_nothing_and_keeps_nothing_new():
    class Keeper:
        kept = None

        def keep(self, results):
            self.kept = results

    keeper = Keeper()
    assert send(plan(READER, SETTINGS, vms=["c"]), SETTINGS, keeper, NOW) == ()
    assert keeper.kept == []
