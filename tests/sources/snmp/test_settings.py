"""What itops.yaml may say about an SNMP source."""

from datetime import timedelta

import pytest

from itops.errors import ConfigInvalid
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp.settings import AuthProtocol, Credentials, PrivacyProtocol, SnmpSettings
from tests.sources.snmp.memory import settings

KEY = Secret("long enough")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"community": KEY, "user": "itops"},
        {"community": KEY, "auth_key": KEY},
        {"user": "itops", "privacy_key": KEY},
    ],
)
def test_credentials_are_a_community_or_a_user_and_never_half_of_both(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"community|privacy_key"):
        Credentials(**wrong)  # type: ignore[arg-type]


def test_a_user_is_asked_by_what_is_safe_unless_told_otherwise() -> None:
    user = Credentials(user="itops", auth_key=KEY, privacy_key=KEY)
    assert (user.auth_protocol, user.privacy_protocol) == (AuthProtocol.SHA256, PrivacyProtocol.AES)
    assert user.is_v3
    assert user.keys() == ("long enough", "long enough")


def test_a_key_that_no_agent_would_take_is_named_and_not_shown() -> None:
    with pytest.raises(ConfigInvalid, match="privacy_key") as wrong:
        Credentials(user="itops", auth_key=KEY, privacy_key=Secret("hush")).keys()
    assert "hush" not in wrong.value.problem + wrong.value.remedy


def test_its_own_credentials_come_before_the_others() -> None:
    other = Credentials(user="itops", auth_key=KEY)
    chosen = settings(otherwise=(other,))
    assert chosen.credentials == (Credentials(community=Secret("for-tests")), other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"addresses": ()},
        {"timeout": timedelta(0)},
        {"timeout": timedelta(hours=1)},
        {"timeout": timedelta(seconds=40), "device_timeout": timedelta(seconds=30)},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"addresses|timeout"):
        settings(**wrong)


def test_the_defaults_sweep_a_network_in_seconds() -> None:
    chosen = SnmpSettings(addresses=(Addresses("10.1.0.0/24"),), community=KEY)
    waves = -(-254 // chosen.parallel)
    assert waves * chosen.timeout.total_seconds() * (1 + chosen.retries) <= 2.0
