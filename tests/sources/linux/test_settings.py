"""What itops.yaml may say about Linux machines, read as itops reads it."""

from pathlib import Path

import pytest

from itops.config.building import build
from itops.config.yaml import load
from itops.sources.linux import Settings
from itops.sources.linux.settings import Legacy

NEEDED = "addresses: [10.1.0.0/29, 10.2.0.9]\nusername: itops\nkey: keys/itops\n"
PIN = "SHA256:" + "a" * 43


def built(folder: Path, text: str):
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    document = load(path)
    mistakes: list = []
    made = build(Settings, document.texts, document, (), folder, mistakes)
    return made, [mistake.problem for mistake in mistakes]


def test_three_keys_are_enough(tmp_path):
    settings, mistakes = built(tmp_path, NEEDED)
    assert mistakes == []
    assert settings.key == tmp_path / "keys/itops"
    assert (settings.port, settings.parallel, settings.legacy, settings.sudo) == (22, 16, Legacy(), True)


@pytest.mark.parametrize(
    ("legacy", "allowed", "refused"),
    [
        ("true", ["10.1.0.1", "10.2.0.9"], []),
        ("false", [], ["10.1.0.1", "10.2.0.9"]),
        ("[10.2.0.9]", ["10.2.0.9"], ["10.1.0.1"]),
        ("[10.1.0.0/30]", ["10.1.0.1"], ["10.1.0.5", "10.2.0.9"]),
    ],
)
def test_old_algorithms_are_allowed_by_device(tmp_path, legacy, allowed, refused):
    settings, mistakes = built(tmp_path, f"{NEEDED}legacy: {legacy}\n")
    assert mistakes == []
    assert all(address in settings.legacy for address in allowed)
    assert not any(address in settings.legacy for address in refused)


def test_a_fingerprint_is_given_by_address(tmp_path):
    settings, mistakes = built(tmp_path, f"{NEEDED}host_keys:\n  10.2.0.9: {PIN}\n")
    assert mistakes == []
    assert settings.host_keys == {"10.2.0.9": PIN}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("addresses: [10.1.0.5]\nusername: itops\n", "password or key is needed"),
        (f"{NEEDED}without: [10.0.0.0/22, 10.1.0.0/24, 10.2.0.0/24]\n", "nothing is left to ask"),
        (f"{NEEDED}legacy: sometimes\n", "should be a list of addresses"),
        (f"{NEEDED}legacy: [10.1.0.300]\n", "not an IPv4 address"),
        (f"{NEEDED}host_keys:\n  10.2.0.9: md5:00\n", "should be SHA256:"),
        (f"{NEEDED}host_keys:\n  10.9.9.9: {PIN}\n", "which addresses does not"),
        (f"{NEEDED}parallel: 0\n", "not between 1 and 256"),
        (f"{NEEDED}timeout: 0s\n", "not between"),
        (f"{NEEDED}pasword: x\n", "unknown key"),
    ],
)
def test_a_mistake_is_said(tmp_path, text, problem):
    settings, mistakes = built(tmp_path, text)
    assert settings is None
    assert any(problem in said for said in mistakes), mistakes
