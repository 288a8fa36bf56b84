"""A small, rightly signed bundle of an office that does not exist, for tests of the ways to headquarters."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from itops.bundles.archive import ArchiveWriter
from itops.bundles.keys import BUNDLE_NAMESPACE, AllowedKey, PublicKey
from itops.bundles.manifest import ArchiveFacts, Edition, make_manifest, manifest_bytes
from itops.bundles.sshsig import sign
from itops.bundles.targets import BundleOnDisk, Part, Role

OFFICE = "north-east"
NOW = datetime(2026, 9, 23, 8, 0, tzinfo=UTC)
_OFFICE_KEY = bytes(range(32))
_ENDINGS = ((Role.ARCHIVE, ".zip"), (Role.SIGNATURE, ".sig"), (Role.MANIFEST, ".json"))


def office_key() -> AllowedKey:
    """The public half, as headquarters knows it."""
    public = Ed25519PrivateKey.from_private_bytes(_OFFICE_KEY).public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return AllowedKey(signer=OFFICE, key=PublicKey(raw))


def signed_bundle(folder: Path, size_bytes: int = 3_000_000, seed: int = 1) -> BundleOnDisk:
    """A bundle with one file of random bytes in it; the same for the same seed."""
    out = io.BytesIO()
    writer = ArchiveWriter(out)
    writer.add("report.pdf", [random.Random(seed).randbytes(size_bytes)])
    files = writer.close()
    archive = out.getvalue()
    edition = Edition(office=OFFICE, period="1405-06", sequence=1, tool_version="1.0", redaction="none", previous=None)
    facts = ArchiveFacts(size_bytes=len(archive), sha256=sha256(archive).hexdigest())
    manifest = make_manifest(edition, files, facts, NOW)
    written = manifest_bytes(manifest)
    contents = {
        Role.ARCHIVE: archive,
        Role.SIGNATURE: sign(written, _OFFICE_KEY, BUNDLE_NAMESPACE).encode(),
        Role.MANIFEST: written,
    }
    folder.mkdir(exist_ok=True)
    return BundleOnDisk(
        sha256=manifest.sha256,
        name=manifest.name,
        office=manifest.office,
        period=manifest.period,
        sequence=manifest.sequence,
        parts=tuple(_part(folder, manifest.name + ending, role, contents[role]) for role, ending in _ENDINGS),
    )


def _part(folder: Path, name: str, role: Role, content: bytes) -> Part:
    path = folder / name
    path.write_bytes(content)
    return Part(role=role, name=name, path=path, size_bytes=len(content), sha256=sha256(content).hexdigest())


def contents(bundle: BundleOnDisk) -> dict[str, bytes]:
    """The parts by name, as they have to arrive."""
    return {part.name: part.path.read_bytes() for part in bundle.parts}


@dataclass
class Told:
    """What progress was told."""

    calls: list[tuple[int, int]] = field(default_factory=list)

    @property
    def tell(self) -> Callable[[int, int], None]:
        return lambda there, whole: self.calls.append((there, whole))
