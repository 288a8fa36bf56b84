"""What itops.yaml may say about BMCs, read as itops reads it."""

import pytest

from itops.config.building import build
from itops.config.yaml import load
from itops.sources.ipmi import Settings

NEEDED = "addresses: [10.9.0.0/29]\nusername: itops\npassword: env:BMC_PASSWORD\n"


def built(folder, text: str):
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    document = load(path)
    mistakes: list = []
    return build(Settings, document.texts, document, (), folder, mistakes), [one.problem for one in mistakes]


def test_three_keys_are_enough_and_the_account_needs_few_rights(tmp_path):
    settings, mistakes = built(tmp_path, NEEDED)
    assert mistakes == []
    assert (settings.port, settings.privilege, settings.ipmitool) == (623, "user", "ipmitool")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("addresses: [10.9.0.5]\nusername: itops\n", "is missing"),
        (f"{NEEDED}without: [10.9.0.0/24]\n", "nothing is left to ask"),
        (f"{NEEDED}privilege: root\n", "is not one of user, operator, administrator"),
        (f"{NEEDED}timeout: 1s\n", "not between"),
    ],
)
def test_a_mistake_is_said(tmp_path, text, problem):
    settings, mistakes = built(tmp_path, text)
    assert settings is None
    assert any(problem in said for said in mistakes), mistakes
