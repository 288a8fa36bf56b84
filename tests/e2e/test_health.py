"""Health of what the vsphere source really sees: the simulated demo office, before and after its year."""

from collections.abc import Sequence

import pytest

from itops.clock import now
from itops.inventory.health import Estate, Judgement, Policies, judge, paths_read
from itops.reports.findings import message_of
from itops.reports.words import load_words
from tests.e2e.simulator import Simulator
from tests.e2e.test_vsphere_source import look, source

pytestmark = pytest.mark.e2e


def judged(simulators: Sequence[Simulator]) -> Judgement:
    seen = [look(source(simulator, simulator, browse_datastores=True)) for simulator in simulators]
    entities = [entity for some, _ in seen for entity in some]
    gaps = [gap for _, some in seen for gap in some]
    estate = Estate.of(entities, gaps=gaps, powered_off_since={}, keep=paths_read())
    return judge(estate, Policies(), now())


def test_every_rule_finds_its_data_in_a_vcenter(office_after: Simulator) -> None:
    assert judged([office_after]).not_judged == ()


def test_the_demo_office_has_findings_of_every_room_of_the_rules(office_after: Simulator) -> None:
    judgement = judged([office_after])
    codes = {finding.code for finding in judgement.findings}
    wanted = {
        "snapshot.old",
        "tools.old",
        "guest.disk-full",
        "datastore.free-low",
        "zombie.disk",
        "zombie.vm",
        "ntp.missing",
        "storage.path-dead",
        "host.sensor",
        "certificate.expiring",
        "portgroup.promiscuous",
        "cluster.admission-off",
        "license.expiring",
        "alarm.open",
    }
    assert wanted <= codes
    assert all(message_of(finding, load_words(language)) for finding in judgement.findings for language in ("en", "fa"))


def test_a_lone_host_is_judged_without_blind_spots_of_its_own(office_before: tuple[Simulator, Simulator]) -> None:
    spots = judged(office_before).not_judged
    assert spots == ()
