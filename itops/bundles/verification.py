"""Is this the bundle that its office made? What is judged are bytes; where they lie is others' business."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO

from itops.bundles.archive import check_archive
from itops.bundles.keys import BUNDLE_NAMESPACE, AllowedKey
from itops.bundles.manifest import BundleFile, Manifest, NotAManifest, read_manifest
from itops.bundles.objections import Objection
from itops.bundles.signing import Claim, check_signature

_NAME = re.compile(r"itops_(?P<office>[A-Za-z0-9_.-]+)_(?P<period>[0-9-]+)_(?P<sequence>[0-9]{4})_[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a bundle was announced as: by the name of its files, the token it came with. None: nothing was said."""

    sha256: str | None = None
    office: str | None = None
    period: str | None = None
    sequence: int | None = None

    @classmethod
    def of_name(cls, name: str) -> "Expected | None":
        """What `itops_OFFICE_PERIOD_SEQUENCE_SHA12` says; None for another name. The digest is compared elsewhere."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        return cls(office=found["office"], period=found["period"], sequence=int(found["sequence"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of looking at a bundle."""

    manifest: Manifest | None  # None: it could not be read
    objections: tuple[Objection, ...]
    is_authentic: bool  # the manifest is its office's own word, whatever became of the archive

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections

    def with_more(self, *objections: Objection) -> "Checked":
        """The same with what else speaks against it."""
        return replace(self, objections=self.objections + objections)


def check_manifest(
    data: bytes, armored: bytes | None, keys: Sequence[AllowedKey], at: datetime, expected: Expected | None = None
) -> Checked:
    """The manifest, its signature and what it was announced as; the archive is not looked at yet."""
    try:
        manifest = read_manifest(data)
    except NotAManifest as wrong:
        unreadable = Objection("bundle.manifest-unreadable", {"problem": str(wrong)})
        return Checked(manifest=None, objections=(unreadable,), is_authentic=False)
    signed = tuple(_check_signed(data, armored, manifest, keys, at))
    announced = tuple(_check_announced(manifest, expected or Expected()))
    return Checked(manifest=manifest, objections=signed + announced, is_authentic=not signed)


def check_bundle(checked: Checked, archive: IO[bytes] | None) -> Checked:
    """The same with what the archive adds; an archive is only read under a manifest that could be read."""
    if checked.manifest is None:
        return checked
    if archive is None:
        more: tuple[Objection, ...] = (Objection("bundle.archive-missing", {}),)
    else:
        more = tuple(check_archive(archive, checked.manifest.archive, checked.manifest.files))
    return checked.with_more(*more)


def check_files(named: Sequence[BundleFile], found: Iterable[BundleFile]) -> Iterator[Objection]:
    """An unpacked bundle against its manifest: missing, extra and other files."""
    there = {file.name: file for file in found}
    for file in named:
        held = there.pop(file.name, None)
        if held is None:
            yield Objection("bundle.file-missing", {"file": file.name})
        elif held != file:
            yield Objection("bundle.file-differs", {"file": file.name})
    for name in sorted(there):
        yield Objection("bundle.file-extra", {"file": name})


def _check_signed(
    data: bytes, armored: bytes | None, manifest: Manifest, keys: Sequence[AllowedKey], at: datetime
) -> Iterator[Objection]:
    if armored is None:
        yield Objection("bundle.signature-missing", {})
        return
    claim = Claim(noun="bundle", namespace=BUNDLE_NAMESPACE, signer=manifest.office)
    yield from check_signature(data, armored, claim, keys, at)


def _check_announced(manifest: Manifest, expected: Expected) -> Iterator[Objection]:
    if expected.sha256 not in (None, manifest.sha256):
        yield Objection("bundle.manifest-differs", {})
    if expected.office not in (None, manifest.office):
        yield Objection("bundle.other-office", {"office": manifest.office, "expected": str(expected.office)})
    if expected.period not in (None, manifest.period):
        yield Objection("bundle.other-period", {"period": manifest.period, "expected": str(expected.period)})
    if expected.sequence not in (None, manifest.sequence):
        facts = {"sequence": str(manifest.sequence), "expected": str(expected.sequence)}
        yield Objection("bundle.other-sequence", facts)
