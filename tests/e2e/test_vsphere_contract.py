"""The vsphere source keeps the contract of all sources, on a vCenter and on a lone host. `make e2e`."""

from dataclasses import replace

import pytest

from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.tls import Trust
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.e2e.simulator import Simulator

pytestmark = pytest.mark.e2e


def settings(simulator: Simulator) -> VsphereSettings:
    return VsphereSettings(
        host=simulator.host,
        port=simulator.port,
        username=simulator.username,
        password=Secret(simulator.password),
        tls=Trust(pin=simulator.pin),
        connect_timeout_seconds=5.0,
    )


class TestVsphereSourceOnVcenter(SourceContract):
    @pytest.fixture
    def server(self, office_after: Simulator) -> Simulator:
        return office_after

    @pytest.fixture
    def make_source(self, server: Simulator) -> MakeSource:
        return lambda name: VsphereSource(name, settings(server))

    @pytest.fixture
    def make_broken(self, server: Simulator) -> MakeSource:
        return lambda name: VsphereSource(name, replace(settings(server), port=1))


class TestVsphereSourceOnALoneHost(TestVsphereSourceOnVcenter):
    @pytest.fixture
    def server(self, office_before: tuple[Simulator, Simulator]) -> Simulator:
        return office_before[0]
