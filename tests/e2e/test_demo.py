"""The demo with simulated servers: logins, TLS and all. `make e2e`."""

import pytest

from tests.e2e.simulator import built_simulator
from tests.tasks.demo_office import check_backups, check_changes, check_workbook, period_of, played

pytestmark = pytest.mark.e2e


def test_the_simulated_demo_tells_what_came_and_went_and_writes_the_workbook(tmp_path):
    folder = tmp_path / "demo"
    printed = played(folder, "--simulator", str(built_simulator()))
    assert "a simulated vCenter" in printed
    check_changes(folder, *period_of(printed))
    check_workbook(folder)
    check_backups(folder, printed)
