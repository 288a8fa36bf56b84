"""A bundle as it lies at whoever received it: which files may be its archive, and whether one of them is.

Anybody may have put files beside it, so there may be several: encrypted ones first, the newest first, then the plain
one. The first that is what the manifest names counts; where none is, it is told what speaks against the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from itops.bundles.manifest import MANIFEST_MAX_BYTES
from itops.bundles.sshsig import ARMOR_MAX_BYTES
from itops.bundles.targets import Role
from itops.bundles.verification import Checked, check_bundle
from itops.delivery.age import Identities, NotOpened, decrypt, is_age
from itops.delivery.outbox_files import ENDINGS
from itops.delivery.sealing import sealed_beside

MOST_ARCHIVES = 4
"""Looked at: each may cost as much as reading the whole bundle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What may be the archive."""

    path: Path
    is_sealed: bool  # it claims to be encrypted


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """The parts of one bundle."""

    manifest: Path
    signature: Path | None
    archives: tuple[Archive, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files."""
        signature = () if self.signature is None else (self.signature,)
        return (self.manifest, *signature, *(archive.path for archive in self.archives))

    def manifest_bytes(self) -> bytes:
        """Of what claims to be the manifest, one byte more than is allowed where it is longer; OSError."""
        return _read(self.manifest, MANIFEST_MAX_BYTES)

    def signature_text(self) -> bytes | None:
        """The same of the signature; None: there is none."""
        return None if self.signature is None else _read(self.signature, ARMOR_MAX_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of looking at the archives of a bundle."""

    checked: Checked
    archive: Archive | None  # the one that was told about; None: there is none, or the manifest cannot be read


def arrived_beside(manifest: Path) -> Arrived:
    """The parts that lie beside a manifest, under their names."""
    name = manifest.name.removesuffix(ENDINGS[Role.MANIFEST])
    signature = manifest.with_name(f"{name}{ENDINGS[Role.SIGNATURE]}")
    plain = manifest.with_name(f"{name}{ENDINGS[Role.ARCHIVE]}")
    sealed = _newest_first(sealed_beside(name, manifest.parent))
    archives = [Archive(path=path, is_sealed=True) for path in sealed]
    archives += [Archive(path=plain, is_sealed=False)] if plain.is_file() else []
    return Arrived(manifest=manifest, signature=signature if signature.is_file() else None, archives=tuple(archives))


def arrived_as_roles(folder: Path) -> Arrived | None:
    """The parts that came over HTTP, as `ROLE.SHA256`; None while one is missing.

    Nobody named the archive there, and an age file can be no ZIP: so its beginning tells what it is.
    """
    parts = {role: _newest_first(folder.glob(f"{role.value}.{'[0-9a-f]' * 64}")) for role in Role}
    if not all(parts.values()):
        return None
    archives = tuple(Archive(path=path, is_sealed=is_age(path)) for path in parts[Role.ARCHIVE])
    return Arrived(manifest=parts[Role.MANIFEST][0], signature=parts[Role.SIGNATURE][0], archives=archives)


def check_arrived(checked: Checked, archives: Sequence[Archive], identities: Identities, scratch: IO[bytes]) -> Found:
    """Compare the archives with a manifest that was looked at. Raises ConfigInvalid without pyrage, OSError.

    When the one that is found is encrypted, `scratch` holds what was inside.
    """
    first: Found | None = None
    for archive in archives if checked.manifest else ():
        found = Found(checked=_check(checked, archive, identities, scratch), archive=archive)
        if found.checked.objections == checked.objections:
            return found
        first = first or found
    return first or Found(checked=check_bundle(checked, None), archive=None)


def _check(checked: Checked, archive: Archive, identities: Identities, scratch: IO[bytes]) -> Checked:
    with archive.path.open("rb") as file:
        if not archive.is_sealed or checked.manifest is None:
            return check_bundle(checked, file)
        scratch.seek(0)
        scratch.truncate()
        try:
            decrypt(file, scratch, identities, checked.manifest.archive.size_bytes)
        except NotOpened as why:
            return checked.with_more(why.objection)
    scratch.seek(0)
    return check_bundle(checked, scratch)


def _newest_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, path.name))[:MOST_ARCHIVES]


def _read(path: Path, longest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(longest + 1)
