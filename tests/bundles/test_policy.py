from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from itops.bundles.policy import DeliveryPolicy, HeadquartersKey
from itops.config.building import build
from itops.config.mistakes import Mistake
from itops.config.yaml import load
from tests.bundles.made import HUB_KEY, public


def test_a_key_counts_to_the_end_of_its_last_day() -> None:
    policy = DeliveryPolicy(
        headquarters=(HeadquartersKey(key=public(HUB_KEY), valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31)),)
    )
    (key,) = policy.receipt_keys()
    assert (key.valid_from, key.valid_to) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert key.counts_in("itops-receipt")
    assert not key.counts_in("itops-bundle")


def read(folder: Path, text: str) -> tuple[DeliveryPolicy | None, list[str]]:
    path = folder / "itops.yaml"
    path.write_text(text)
    document, mistakes = load(path), list[Mistake]()
    policy = build(DeliveryPolicy, document.texts["delivery"], document, ("delivery",), folder, mistakes)
    return policy, [f"{one.path}: {one.problem}" for one in mistakes]


def test_the_section_is_read_as_people_write_it(tmp_path: Path) -> None:
    policy, mistakes = read(
        tmp_path,
        f"""
delivery:
  max_delay: 2d
  headquarters:
    - {{key: "{public(HUB_KEY).text} hq", valid_from: 1405-01-01, valid_to: 1405-12-29}}
  targets:
    stick: {{type: folder, path: /mnt/stick}}
""",
    )
    assert mistakes == []
    assert policy is not None
    assert policy.max_delay == timedelta(days=2)
    assert policy.headquarters[0].key == public(HUB_KEY)
    assert policy.headquarters[0].valid_from == date(2026, 3, 21)
    assert list(policy.targets) == ["stick"]


def test_a_wrong_key_is_named_with_its_place(tmp_path: Path) -> None:
    policy, mistakes = read(tmp_path, "delivery:\n  headquarters:\n    - {key: ssh-rsa AAAA}\n")
    assert policy is None
    assert mistakes == ["delivery.headquarters[1].key: should be a public key: ssh-ed25519 AAAA..."]


def test_days_in_the_wrong_order_and_no_delay_are_refused() -> None:
    with pytest.raises(ValueError, match="valid_to"):
        HeadquartersKey(key=public(HUB_KEY), valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))
    with pytest.raises(ValueError, match="max_delay"):
        DeliveryPolicy(max_delay=timedelta())
