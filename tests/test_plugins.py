"""Plugins are found by entry points; an unknown one is a mistake that names the known ones."""

from pathlib import Path

import pytest

from itops.errors import ConfigInvalid
from itops.plugins import Registry


def install(folder: Path, *lines: str) -> None:
    """Put a distribution there that offers something, as pip would."""
    info = folder / "office_plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: office-plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join(("[office.tools]", *lines)) + "\n")


def test_a_plugin_is_had_by_its_name():
    assert Registry({"one": 1, "two": 2})["two"] == 2


def test_an_unknown_plugin_is_refused_with_the_names_that_there_are():
    with pytest.raises(ConfigInvalid, match="'vspere'") as failure:
        Registry({"vsphere": 1, "rvtools": 2})["vspere"]
    assert failure.value.remedy == "use one of: rvtools, vsphere"


def test_names_come_in_order():
    registry = Registry({"b": 1, "a": 2})
    assert list(registry) == ["a", "b"]
    assert "a" in registry
    assert "c" not in registry


def test_two_registries_share_no_names():
    given = {"one": 1}
    registry = Registry(given)
    given["two"] = 2
    assert "two" not in registry
    assert "one" not in Registry({})


def test_a_strangers_plugin_is_found_like_our_own(tmp_path, monkeypatch):
    install(tmp_path, "path = pathlib:PurePosixPath")
    monkeypatch.syspath_prepend(tmp_path)
    found = Registry.from_entry_points("office.tools")
    assert list(found) == ["path"]
    assert str(found["path"]("a", "b")) == "a/b"


def test_a_plugin_is_loaded_when_it_is_asked_for_and_once():
    loaded = []

    def load():
        loaded.append("one")
        return object()

    registry = Registry({}, {"one": load})
    assert "one" in registry
    assert list(registry) == ["one"]
    assert loaded == []
    assert registry["one"] is registry["one"]
    assert loaded == ["one"]


def test_a_plugin_that_is_broken_harms_only_those_who_use_it(tmp_path, monkeypatch):
    install(tmp_path, "path = pathlib:PurePosixPath", "broken = no.such.module:Tool")
    monkeypatch.syspath_prepend(tmp_path)
    found = Registry.from_entry_points("office.tools")
    assert str(found["path"]("a")) == "a"
    with pytest.raises(ModuleNotFoundError):
        found["broken"]


def test_a_group_that_nobody_serves_is_empty():
    assert list(Registry.from_entry_points("itops.no-such-kind")) == []


def test_the_sources_that_come_with_itops_are_registered():
    registry = Registry.from_entry_points("itops.sources")
    assert {"vsphere", "rvtools", "recording"} <= set(registry)
    assert all(hasattr(registry[name], "Settings") and hasattr(registry[name], "observe") for name in registry)
