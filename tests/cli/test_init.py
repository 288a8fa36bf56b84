"""`itops init` writes settings that load, privately, and over nothing."""

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from itops.cli.main import cli
from itops.config.register.loading import load as load_register
from itops.config.settings import Plugins, load
from itops.errors import UsageWrong
from itops.tasks.write_setup import write_setup


def with_examples(path: Path) -> str:
    """The file with every example made real: a line that begins with # and not with # and one space."""
    return re.sub(r"^#(?! [^ ])", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_what_init_writes_loads_as_it_stands(tmp_path):
    list(write_setup(tmp_path))
    settings = load(tmp_path / "itops.yaml", Plugins.installed())
    assert (settings.office.id, settings.sources, settings.state) == ("office", (), tmp_path / "state")
    assert list(load_register(tmp_path / "inventory.yaml").sites) == ["head-office"]


def test_every_example_in_the_written_files_is_valid_too(tmp_path):
    list(write_setup(tmp_path))
    for name in ("itops.yaml", "inventory.yaml"):
        (tmp_path / name).write_text(with_examples(tmp_path / name), encoding="utf-8")
    settings = load(tmp_path / "itops.yaml", Plugins.installed())
    assert [source.name for source in settings.sources] == ["vc01"]
    assert settings.expects.roles == {"wsus": 1, "sql": 1, "dc": 2, "kms": 1}
    assert settings.backup is not None
    assert settings.report is not None
    assert settings.store is not None
    assert settings.health.ignore
    assert list(settings.schedule.jobs) == ["watch", "scan", "verify"]
    assert list(settings.alerts.channels) == ["mail"]
    assert len(load_register(tmp_path / "inventory.yaml").assets) == 1


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_nobody_else_may_open_what_init_writes_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        made = list(write_setup(tmp_path / "new"))
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in made}
    files = dict.fromkeys(("itops.yaml", "inventory.yaml", "inventory.schema.json"), 0o600)
    assert modes == {**files, "state": 0o700, "secrets": 0o700}


@pytest.mark.parametrize("existing", ["itops.yaml", "inventory.yaml", "inventory.schema.json", "state", "secrets"])
def test_init_overwrites_nothing_and_then_writes_nothing(tmp_path, existing):
    (tmp_path / existing).symlink_to("/nowhere")  # a dangling link is something, too
    with pytest.raises(UsageWrong, match="exists already"):
        list(write_setup(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == [existing]


def test_the_paths_are_data_and_the_next_steps_are_not(tmp_path):
    result = CliRunner().invoke(cli, ["init", "--folder", str(tmp_path / "office")])
    assert result.exit_code == 0
    names = ("state", "secrets", "itops.yaml", "inventory.yaml", "inventory.schema.json")
    assert result.stdout.split() == [str(tmp_path / "office" / name) for name in names]
    assert "doctor" in result.stderr


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageWrong):
        list(write_setup(tmp_path / "file" / "below"))
