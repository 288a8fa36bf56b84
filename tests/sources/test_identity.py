"""One thing has one key, whichever source reads it."""

import pytest

from itops.sources.identity import uuid_key, volume_key

UUID = "4c4c4544-0034-5910-8056-b4c04f4e3132"


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (UUID.upper(), UUID),
        (f" {UUID} ", UUID),
        ("00000000-0000-0000-0000-000000000000", None),
        ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", None),
        ("03000200-0400-0500-0006-000700080009", None),
        ("12345678-1234-5678-90ab-cddeefaabbcc", None),
        ("Not Settable", None),
        ("", None),
        (None, None),
    ],
)
def test_a_uuid_is_a_key_and_what_makers_ship_instead_is_none(value: str | None, key: str | None) -> None:
    assert uuid_key(value) == key


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("ds:///vmfs/volumes/5F0A-AA/", "5f0a-aa"),
        ("/vmfs/volumes/5f0a-aa", "5f0a-aa"),
        ("ds:///vmfs/volumes/vsan:52AB-CD/", "vsan:52ab-cd"),
        ("nfs://nas/export", "nfs://nas/export"),
        ("", None),
        (None, None),
    ],
)
def test_a_datastore_is_its_volume(url: str | None, key: str | None) -> None:
    assert volume_key(url) == key
