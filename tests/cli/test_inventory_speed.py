"""A bare `itops inventory list` is typed many times a day: it loads no heavy library. `make bench` measures it."""

import subprocess
import sys
from pathlib import Path

import pytest

from itops.cli.setting import JUDGED_FILE, fingerprint
from itops.store import StoreLocation
from tests.golden.office import fill

_HEAVY = ("sqlalchemy", "pydantic", "pyVmomi", "cryptography", "xlsxwriter", "python_calamine", "asyncio", "ssl")


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    location: StoreLocation = fill(folder / "state")
    path = folder / "itops.yaml"
    path.write_text(
        "office: {id: alborz}\nsources:\n  vc01: {type: vsphere, host: vc01.example.ir}\n", encoding="utf-8"
    )
    # As the strict loader leaves it behind; what it thinks of this file is not the question here.
    (location.folder / JUDGED_FILE).write_text(fingerprint(path) or "", encoding="ascii")
    return path


def _listed(config: Path, *options: str, code: str) -> str:
    """What a child of its own printed."""
    command = [sys.executable, "-c", code, "--config", str(config), "inventory", "list", *options]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=60).stdout


def test_a_list_imports_no_heavy_library(config: Path) -> None:
    code = f"""
import sys
from itops.cli.main import cli
cli(standalone_mode=False)
print(*[name for name in {_HEAVY!r} if name in sys.modules])
"""
    printed = _listed(config, "--output", "csv", code=code)
    assert "sql01" in printed
    assert printed.splitlines()[-1] == ""


def test_json_needs_no_rich(config: Path) -> None:
    code = "import sys\nfrom itops.cli.main import cli\ncli(standalone_mode=False)\nprint('rich' in sys.modules)"
    assert _listed(config, "--output", "json", code=code).splitlines()[-1] == "False"
