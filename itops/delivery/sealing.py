"""Bundles whose archive only headquarters can open: what every way to it may be told, and what it then sends.

age makes other bytes each time, so an archive is encrypted once for a set of recipients and kept in the outbox beside
the plain one: a cut try goes on with the same bytes, and what is there whole is known again. The name of an encrypted
part holds the beginning of its own SHA-256, `NAME.DIGEST12.zip.age`: other bytes never meet under one name, neither
when the kept one was lost nor when headquarters has a new key. Signature and manifest go as they are: they name the
plain archive, for whoever opens it to compare.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from itops.bundles.recipients import Recipients
from itops.bundles.targets import BundleOnDisk, HeartbeatFile, Part, Progress, Put, Role
from itops.delivery.age import encrypt
from itops.delivery.durable import PART_ENDING, sha256_of, sync, sync_folder
from itops.errors import SourceUnavailable, StoreUnavailable

SEALED_ENDING = ".zip.age"
_DIGEST_LETTERS = 12
_PRIVATE_FOLDER = 0o700
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class WaySettings:
    """What every way may be told."""

    encrypt_to: Recipients | None = None
    """age public keys of headquarters: the archive is encrypted to them before it leaves."""


S = TypeVar("S", bound=WaySettings)


class Way(ABC, Generic[S]):
    """A Target (see itops.bundles.targets) that sends nothing plain where its settings name recipients."""

    Settings: ClassVar[type]

    def __init__(self, name: str, settings: S) -> None:
        self.name = name
        self._settings = settings

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See Target. Raises ConfigInvalid and StoreUnavailable besides, when the archive cannot be encrypted."""
        recipients = self._settings.encrypt_to
        return self._carry(bundle if recipients is None else sealed(bundle, recipients), progress)

    @abstractmethod
    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """Send these parts as they are."""

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """See Target. It goes as it is, whatever bundles are: it holds nothing to be hidden."""
        raise carries_no_heartbeats(self.name)


def carries_no_heartbeats(way: str) -> SourceUnavailable:
    """The error for a way that knows bundles alone, as others' plugins may."""
    return SourceUnavailable(
        f"{way} cannot carry heartbeats",
        remedy="name a second target that can, as https or sftp; or write heartbeat.headquarters: false",
    )


def sealed(bundle: BundleOnDisk, recipients: Recipients) -> BundleOnDisk:
    """The bundle with its archive encrypted, once, to be sent by whoever can reach these recipients.

    Raises ConfigInvalid without pyrage, StoreUnavailable when it cannot be written.
    """
    return replace(bundle, parts=tuple(_sealed(part, bundle.name, recipients) for part in bundle.parts))


def sealed_beside(name: str, folder: Path) -> tuple[Path, ...]:
    """The encrypted archives of a bundle in a folder that anybody may write to."""
    found = sorted(folder.glob(f"*{SEALED_ENDING}"))
    return tuple(path for path in found if name_of_sealed(path.name) == name and path.is_file())


def name_of_sealed(file_name: str) -> str | None:
    """The bundle whose encrypted archive is called so; None for another file."""
    begin, dot, digest = file_name.removesuffix(SEALED_ENDING).rpartition(".")
    is_one = file_name.endswith(SEALED_ENDING) and dot and len(digest) == _DIGEST_LETTERS
    return begin if is_one else None


def _sealed(part: Part, name: str, recipients: Recipients) -> Part:
    if part.role is not Role.ARCHIVE:
        return part
    folder = part.path.parent / f"sealed-{recipients.mark}"
    try:
        path, sha256 = next(_kept(folder, name), None) or _seal(part, name, folder, recipients)
        return replace(part, name=path.name, path=path, size_bytes=path.stat().st_size, sha256=sha256)
    except OSError as failure:
        raise StoreUnavailable(
            f"{part.name} cannot be encrypted: {failure.strerror or failure}", remedy=f"look at {folder} and its disk"
        ) from failure


def _kept(folder: Path, name: str) -> Iterator[tuple[Path, str]]:
    """What was encrypted before, with its SHA-256; what became another file since is passed over."""
    for path in sealed_beside(name, folder):
        sha256 = sha256_of(path)
        if path.name == _file_name(name, sha256):
            yield path, sha256


def _seal(part: Part, name: str, folder: Path, recipients: Recipients) -> tuple[Path, str]:
    """Encrypt beside, sync, rename: what a killed process left is written over by the next one."""
    folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
    beside = folder / f"sealing{PART_ENDING}"
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb") as out:
        encrypt(part.path, out, recipients)
        out.flush()
        sync(out.fileno())
    sha256 = sha256_of(beside)
    path = folder / _file_name(name, sha256)
    os.replace(beside, path)
    sync_folder(folder)
    return path, sha256


def _file_name(name: str, sha256: str) -> str:
    return f"{name}.{sha256[:_DIGEST_LETTERS]}{SEALED_ENDING}"
