"""A small fictional office and its headquarters: keys that never change, and bundles in memory."""

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from itops.bundles.archive import ArchiveWriter
from itops.bundles.keys import BUNDLE_NAMESPACE, RECEIPT_NAMESPACE, AllowedKey, PublicKey
from itops.bundles.manifest import ArchiveFacts, Edition, Manifest, make_manifest, manifest_bytes
from itops.bundles.sshsig import sign

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OFFICE_KEY, HUB_KEY, OTHER_KEY = (bytes([number]) * 32 for number in (1, 2, 3))
FILES = {"report.fa.txt": "گزارش ماه".encode(), "annex/table.csv": b"a,b\n1,2\n", "empty": b""}


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def public(private: bytes) -> PublicKey:
    return PublicKey(Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw())


def allowed(private: bytes = OFFICE_KEY, signer: str = "alborz", **more: Any) -> AllowedKey:
    return AllowedKey(signer=signer, key=public(private), **more)


OFFICE = allowed(namespaces=frozenset({BUNDLE_NAMESPACE}))
HEADQUARTERS = allowed(HUB_KEY, "headquarters", namespaces=frozenset({RECEIPT_NAMESPACE}))


def packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    writer = ArchiveWriter(out)
    for name in sorted(files, key=str.encode):
        writer.add(name, [files[name]])
    writer.close()
    return out.getvalue()


def edition(**more: Any) -> Edition:
    told: dict[str, Any] = {
        "office": "alborz",
        "period": "1405-08",
        "sequence": 1,
        "tool_version": "1.2.0",
        "redaction": "none",
        "previous": None,
    }
    return Edition(**(told | more))


def made(files: Mapping[str, bytes] = FILES, at: datetime = NOW, **more: Any) -> tuple[Manifest, bytes]:
    """A manifest and its archive."""
    out = io.BytesIO()
    writer = ArchiveWriter(out)
    for name in sorted(files, key=str.encode):
        writer.add(name, [files[name]])
    held = writer.close()
    archive = out.getvalue()
    facts = ArchiveFacts(size_bytes=len(archive), sha256=hashlib.sha256(archive).hexdigest())
    return make_manifest(edition(**more), held, facts, at), archive


def signed(manifest: Manifest, private: bytes = OFFICE_KEY, namespace: str = BUNDLE_NAMESPACE) -> bytes:
    return sign(manifest_bytes(manifest), private, namespace).encode()
