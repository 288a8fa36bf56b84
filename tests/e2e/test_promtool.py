"""The metrics page against Debian's promtool (package prometheus): hostile names included. `make e2e`."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from itops.alerts.checking import check_results
from itops.alerts.records import Evaluation, Key
from itops.reports.checked import page_in
from itops.reports.checked.checked import Checked
from itops.reports.words import load_words
from itops.verdict import State
from tests.cli.watch_door import WatchDoor, judged
from tests.reports.test_check_formats import HOSTILE

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def promtool(page: str) -> tuple[int, str]:
    """Its exit code and everything it said."""
    program = shutil.which("promtool")
    assert program, "install Debian's package prometheus"
    done = subprocess.run(
        [program, "check", "metrics"], input=page.encode(), capture_output=True, timeout=60, check=False
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def page_of(*names: str, beat_at: datetime | None = NOW) -> str:
    evaluations = [
        Evaluation(
            key=Key(check, name),
            state=State(place % 4),
            code="fresh",
            table="backup",
            judged_at=NOW,
            last_good_at=NOW - timedelta(hours=place) if place % 2 else None,
        )
        for check in ("backup", "delivery")
        for place, name in enumerate(names)
    ]
    results = check_results(evaluations, NOW, checks=("backup", "delivery", "custody"))
    return page_in("prometheus", Checked(results=results, now=NOW, words=load_words("en"), beat_at=beat_at))


def test_the_page_of_an_ordinary_office_is_without_fault():
    assert promtool(page_of("nightly sql01/Insurance", "nightly sql01/حقوق")) == (0, "")


@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in HOSTILE.items()])
def test_no_name_spoils_the_page(name):
    assert promtool(page_of(name, "nightly sql01/Insurance")) == (0, "")


def test_all_hostile_names_at_once_and_five_thousand_more_are_without_fault():
    assert promtool(page_of(*HOSTILE.values(), *(f"nightly sql{n}/Db" for n in range(5000)))) == (0, "")


def test_an_office_where_nothing_ever_ran_has_a_page_too():
    assert promtool(page_of(beat_at=None)) == (0, "")


def test_promtool_does_find_a_page_wrong():
    page = page_of("nightly sql01/Insurance")
    assert promtool(page.replace('"} 0', "} 0"))[0] != 0
    assert promtool(page.replace("# HELP itops_check_state ", "# "))[0] != 0
    assert promtool(page.replace("gauge", "counter"))[0] != 0


def test_the_page_of_the_command_is_without_fault(tmp_path):
    door = WatchDoor(tmp_path)
    door.well(*(judged("backup", name, State.WARNING) for name in HOSTILE.values()))
    page = tmp_path / "itops.prom"
    assert door.run("metrics", "--textfile", str(page)).returncode == 0
    assert promtool(page.read_text(encoding="utf-8")) == (0, "")
    printed = door.run("check", "--format", "prometheus")
    assert printed.returncode == 1
    assert promtool(printed.stdout) == (0, "")
