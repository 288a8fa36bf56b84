"""The files of the outbox: bundles as they are made and as they wait, each in a folder of its own name.

A bundle is on the disk, whole, before the store hears of it: so a row always has its files. What a killed maker left
(`making-...`) belongs to nobody and is removed by the next one.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from itops.bundles.archive import ArchiveWriter
from itops.bundles.keys import BUNDLE_NAMESPACE
from itops.bundles.manifest import (
    ArchiveFacts,
    BundleFile,
    Edition,
    Manifest,
    NotAManifest,
    make_manifest,
    manifest_bytes,
    read_manifest,
)
from itops.bundles.sshsig import sign
from itops.bundles.targets import BundleOnDisk, Part, Role
from itops.delivery.durable import CHUNK_BYTES, sha256_of, sync_folder, write_whole
from itops.errors import InputInvalid, StoreLocked, StoreUnavailable
from itops.locks import alone

ENDINGS: Mapping[Role, str] = {Role.ARCHIVE: ".zip", Role.SIGNATURE: ".sig", Role.MANIFEST: ".json"}
_MAKING = "making-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """An archive that was just written and has no manifest yet."""

    folder: Path
    files: tuple[BundleFile, ...]
    archive: ArchiveFacts


class OutboxFolder:
    """One outbox; one process at a time works in it (`alone`)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work in it; raises StoreLocked when another process does."""
        problem = f"another itops is working in the outbox {self.path}"
        with alone(self.path / "outbox.lock", 0, StoreLocked(problem, remedy="wait until it has ended")):
            yield

    @contextmanager
    def packed(self, files: Mapping[str, Path]) -> Iterator[Content]:
        """Write the archive of these files (name in the archive -> where it lies); gone at the end if not `keep`t.

        Raises InputInvalid for a file that cannot be read or sent.
        """
        for left in self.path.glob(f"{_MAKING}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=_MAKING, dir=self.path))
        try:
            archive = folder / "archive"
            held = _write_archive(archive, files)
            facts = ArchiveFacts(size_bytes=archive.stat().st_size, sha256=sha256_of(archive))
            yield Content(folder=folder, files=held, archive=facts)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(self, content: Content, edition: Edition, private_key: bytes, now: datetime) -> Manifest:
        """Sign the content and let it stay, whole on the disk when this returns. Raises InputInvalid."""
        try:
            manifest = make_manifest(edition, content.files, content.archive, now)
        except ValueError as wrong:
            raise InputInvalid(f"no bundle can be made: {wrong}", remedy="look at the names of the files") from wrong
        data, name = manifest_bytes(manifest), manifest.name
        os.replace(content.folder / "archive", content.folder / f"{name}{ENDINGS[Role.ARCHIVE]}")
        signature = sign(data, private_key, BUNDLE_NAMESPACE).encode()
        write_whole(content.folder / f"{name}{ENDINGS[Role.SIGNATURE]}", signature)
        write_whole(content.folder / f"{name}{ENDINGS[Role.MANIFEST]}", data)
        if not (self.path / name).exists():
            os.replace(content.folder, self.path / name)
            sync_folder(self.path)
        return manifest

    def manifest(self, name: str) -> Manifest:
        """Of a bundle that waits; raises StoreUnavailable when it is not as it was."""
        path = self.path / name / f"{name}{ENDINGS[Role.MANIFEST]}"
        try:
            return read_manifest(path.read_bytes())
        except (OSError, NotAManifest) as failure:
            raise _damaged(self.path / name) from failure

    def load(self, name: str, sha256: str) -> BundleOnDisk:
        """A bundle that waits, every byte compared; raises StoreUnavailable when it is not as it was."""
        manifest = self.manifest(name)
        try:
            bundle = bundle_at(self.path / name, name, manifest)
        except OSError as failure:
            raise _damaged(self.path / name) from failure
        if manifest.sha256 != sha256 or bundle.parts[0].sha256 != manifest.archive.sha256:
            raise _damaged(self.path / name)
        return bundle


def bundle_at(folder: Path, name: str, manifest: Manifest) -> BundleOnDisk:
    """The bundle whose parts lie in a folder under their names; raises OSError when one cannot be read."""
    return BundleOnDisk(
        sha256=manifest.sha256,
        name=name,
        office=manifest.office,
        period=manifest.period,
        sequence=manifest.sequence,
        parts=tuple(_part(folder, name, role) for role in Role),
    )


def _part(folder: Path, name: str, role: Role) -> Part:
    path = folder / f"{name}{ENDINGS[role]}"
    return Part(role=role, name=path.name, path=path, size_bytes=path.stat().st_size, sha256=sha256_of(path))


def _write_archive(path: Path, files: Mapping[str, Path]) -> tuple[BundleFile, ...]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as out:
        writer = ArchiveWriter(out)
        for name in sorted(files, key=str.encode):
            try:
                writer.add(name, _chunks(files[name]))
            except ValueError as wrong:
                remedy = "give it a plain name, or send less at once"
                raise InputInvalid(f"{files[name]} cannot be sent: {wrong}", remedy=remedy) from wrong
        held = writer.close()
        out.flush()
        os.fsync(out.fileno())
    return held


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except OSError as failure:
        problem = f"{path} cannot be read: {failure.strerror or failure}"
        raise InputInvalid(problem, remedy="look at the file and its rights") from failure


def _damaged(folder: Path) -> StoreUnavailable:
    return StoreUnavailable(
        f"the bundle {folder.name} in the outbox is not as it was made",
        remedy=f"restore {folder} from the backup, or build the report again and upload it",
    )
