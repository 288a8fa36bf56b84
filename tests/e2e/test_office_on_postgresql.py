"""The whole way on PostgreSQL: the demo office's recordings scanned, listed, compared, judged, exported, examined."""

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from tests.e2e.postgresql import Server, running_server
from tests.tasks.demo_office import itops

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: Server) -> Path:
    (tmp_path / "secrets").mkdir(mode=0o700)
    (tmp_path / "state").mkdir(mode=0o700)
    write(tmp_path / "secrets" / "store", server.password)
    write_office(tmp_path / "itops.yaml", server.new_database(), "esx01", "esx02")
    return tmp_path / "itops.yaml"


def write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def write_office(config: Path, url: str, *sources: str) -> None:
    recordings = Path(str(resources.files("itops.demo")))
    lines = [f"  {name}: {{type: recording, path: '{recordings / name}.itops'}}\n" for name in sources]
    store = f"store: {{url: '{url}', password: 'file:secrets/store'}}\n"
    write(
        config,
        f"office: {{id: pg, calendar: jalali}}\n{store}expects: {{roles: {{wsus: 1}}}}\nsources:\n{''.join(lines)}",
    )


def asked(config: Path, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, object]:
    done = itops("--config", str(config), *words, "--output", "json")
    assert done.returncode in codes, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def test_an_office_lives_on_postgresql_as_it_does_on_sqlite(config: Path, tmp_path: Path) -> None:
    asked(config, "inventory", "scan")
    url = config.read_text(encoding="utf-8").split("'")[1]
    write_office(config, url, "vc01")
    asked(config, "inventory", "scan")
    (again,) = asked(config, "inventory", "scan")["data"]
    assert again["state"] == "skipped"  # a file is loaded once
    assert len(asked(config, "inventory", "list")["data"]) == 16
    changes = asked(config, "inventory", "changes", "--kind", "vm", "--period", "1402")["data"]
    assert {change["name"] for change in changes["removed"]} == {"kaspersky", "RDC", "Citrix", "DFSR", "SCCM"}
    assert {change["name"] for change in changes["added"]} == {"WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"}
    assert asked(config, "inventory", "health", codes=(2,))["data"]["state"] == "CRITICAL"
    export = itops("--config", str(config), "inventory", "export", "rvtools", "--out", str(tmp_path / "book.xlsx"))
    assert "27 sheets" in export.stderr
    checks = {row["code"]: row["state"] for row in asked(config, "doctor", codes=(0, 1, 3))["data"]}
    assert {state for code, state in checks.items() if code.startswith("store.")} == {"OK"}


def test_a_wrong_store_password_is_one_error_with_a_remedy_and_never_shown(config: Path) -> None:
    (config.parent / "secrets" / "store").write_text("canary-of-the-store")
    done = itops("--config", str(config), "inventory", "scan")
    assert done.returncode == 74
    assert "password" in done.stderr
    assert "canary" not in done.stdout + done.stderr
