"""`VsphereSource.diagnose` against the simulated vCenter: one login, three checks, nothing left open. `make e2e`."""

from collections.abc import Iterator
from typing import Any

import pytest

from itops import clock
from itops.errors import SourceUnavailable
from itops.inventory.diagnosis import Diagnosable
from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.soap import READING_METHODS
from itops.tls import Trust
from itops.verdict import State
from tests.e2e.simulator import Simulator
from tests.e2e.strict_proxy import StrictProxy

pytestmark = pytest.mark.e2e


@pytest.fixture
def proxy(vcenter: Simulator) -> Iterator[StrictProxy]:
    with StrictProxy(vcenter.url, vcenter.certificate) as strict:
        yield strict


def source(proxy: StrictProxy, simulator: Simulator, **changes: Any) -> VsphereSource:
    chosen: dict[str, Any] = {
        "host": proxy.host,
        "port": proxy.port,
        "username": simulator.username,
        "password": Secret(simulator.password),
        "tls": Trust(pin=proxy.pin),
    }
    return VsphereSource("vc01", VsphereSettings(**{**chosen, **changes}))


def test_a_source_that_works_passes_the_login_and_leaves_no_session(vcenter: Simulator, proxy: StrictProxy) -> None:
    chosen = source(proxy, vcenter)
    assert isinstance(chosen, Diagnosable)
    checks = list(chosen.diagnose(clock.now()))
    login, rights = checks
    assert (login.state, login.code) == (State.OK, "login.accepted")
    assert vcenter.username in login.finding
    assert (rights.state, rights.code) == (State.WARNING, "rights.too-many")  # the simulator's account may do all
    assert all(check.subject == "source vc01" for check in checks)
    assert all(check.remedy for check in checks if check.state is not State.OK)
    assert proxy.calls["Login"] == proxy.calls["Logout"] == 1
    assert not proxy.open_sessions
    assert not proxy.open_views
    assert set(proxy.calls) <= READING_METHODS


def test_an_examination_that_is_stopped_after_the_login_still_logs_out(vcenter: Simulator, proxy: StrictProxy) -> None:
    checks = source(proxy, vcenter).diagnose(clock.now())
    next(checks)
    assert proxy.open_sessions
    checks.close()  # type: ignore[attr-defined]
    assert not proxy.open_sessions


def test_rights_that_the_server_does_not_tell_are_unknown_and_not_fine(vcenter: Simulator, proxy: StrictProxy) -> None:
    proxy.forbidden_methods = {"FetchUserPrivilegeOnEntities"}
    rights = list(source(proxy, vcenter).diagnose(clock.now()))[-1]
    assert (rights.state, rights.code) == (State.UNKNOWN, "rights.unknown")
    assert not proxy.open_sessions


def test_a_wrong_password_ends_the_examination_with_a_remedy(vcenter: Simulator, proxy: StrictProxy) -> None:
    with pytest.raises(SourceUnavailable, match="refused the login") as failure:
        list(source(proxy, vcenter, password=Secret("wrong")).diagnose(clock.now()))
    assert failure.value.remedy
    assert not proxy.open_sessions
