"""What a start costs: help is shown without the libraries that only some commands need."""

import subprocess
import sys

import pytest

HEAVY = {"pydantic", "yaml", "sqlalchemy", "rich", "pyVmomi", "cryptography", "ssl", "itops.config", "itops.store"}


@pytest.mark.parametrize("words", ["--help", "--version"])
def test_help_imports_none_of_the_heavy_libraries(words):
    script = f"import sys; sys.argv = ['itops', {words!r}]\nfrom itops.cli.main import main\ntry:\n    main()\n"
    script += "finally:\n    print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stderr.split()
    assert "click" in loaded
    assert HEAVY & set(loaded) == set()


def test_reading_the_settings_file_strictly_needs_no_pydantic():
    script = "import sys, itops.config.yaml, itops.config.settings, itops.config.secrets; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {"pydantic", "keyring", "cryptography", "importlib.metadata"} & set(loaded) == set()
