from datetime import UTC, datetime

import pytest

from itops.bundles.keys import AllowedKey, PublicKey, allowed_signers_text, read_allowed_signers
from tests.bundles.made import OFFICE_KEY, OTHER_KEY, allowed, public

KEY, OTHER = public(OFFICE_KEY).text, public(OTHER_KEY).text


def test_a_public_key_is_read_as_it_is_written() -> None:
    assert PublicKey.from_text(f"{KEY} itops@alborz") == public(OFFICE_KEY)
    assert public(OFFICE_KEY).fingerprint.startswith("SHA256:")
    assert public(OFFICE_KEY).fingerprint != public(OTHER_KEY).fingerprint


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "ssh-rsa AAAA", KEY[:-6], f"{KEY.split()[0]} !!", "ssh-ed25519 AAAA"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        PublicKey.from_text(text)


def test_allowed_signers_are_read_as_openssh_reads_them() -> None:
    text = f"""
# the offices
alborz {KEY} comment
alborz,qazvin namespaces="itops-bundle,file",valid-after="20261122Z",valid-before="202612010830Z" {OTHER}
ca cert-authority {KEY}
old ssh-rsa AAAAB3Nza
"""
    keys = read_allowed_signers(text)
    assert keys[0] == allowed()
    assert [key.signer for key in keys] == ["alborz", "alborz", "qazvin"]
    assert keys[2].valid_from == datetime(2026, 11, 22, tzinfo=UTC)
    assert keys[2].valid_to == datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    assert keys[2].counts_in("itops-bundle")
    assert not keys[2].counts_in("itops-receipt")
    assert keys[0].counts_in("anything")


@pytest.mark.parametrize(
    "line",
    [
        f'alborz valid-after="soon" {KEY}',
        f'alborz colour="red" {KEY}',
        "alborz ssh-ed25519 AAAA",
        f'a valid-after="20261340Z" {KEY}',
    ],
)
def test_a_wrong_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_allowed_signers(f"alborz {KEY}\n{line}\n")


def test_allowed_signers_come_back_as_they_were_written() -> None:
    keys = (
        allowed(),
        AllowedKey(
            signer="qazvin",
            key=public(OTHER_KEY),
            valid_from=datetime(2026, 1, 2, tzinfo=UTC),
            valid_to=datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC),
            namespaces=frozenset({"itops-bundle", "file"}),
        ),
    )
    assert read_allowed_signers(allowed_signers_text(keys)) == keys
