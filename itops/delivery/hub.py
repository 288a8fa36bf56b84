"""A simulated headquarters: takes bundles over HTTP or from a drop, verifies, stores once, answers with receipts.

For tests, the demo and trying a way out; it serves one process and keeps everything in one folder:

    incoming/BUNDLE/ROLE.SHA256[.part]   what is still on its way
    bundles/BUNDLE/ROLE                  what was stored, once, under its own SHA-256
    claims/...                           which bundle follows which, and which has which number: the first one to come
    known/BUNDLE                         bundles that were their office's own word, whatever became of them
    receipts/BUNDLE.received|accepted|rejected

Every step is a rename or an exclusive create and may be taken twice, so the process may be killed between any two.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import ARCHIVE_MAX_BYTES, MANIFEST_MAX_BYTES, Manifest, read_manifest
from itops.bundles.objections import Objection
from itops.bundles.receipts import Receipt, ReceiptState, write_receipt
from itops.bundles.sshsig import ARMOR_MAX_BYTES
from itops.bundles.targets import RECEIPTS_FOLDER, Role
from itops.bundles.verification import Checked, Expected, check_bundle, check_manifest
from itops.delivery.durable import PART_ENDING, sha256_of, sync_folder, write_whole
from itops.delivery.outbox_files import ENDINGS

LONGEST: Mapping[Role, int] = {
    Role.ARCHIVE: ARCHIVE_MAX_BYTES,
    Role.SIGNATURE: ARMOR_MAX_BYTES,
    Role.MANIFEST: MANIFEST_MAX_BYTES,
}
_LOCKS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """What a simulated headquarters knows."""

    folder: Path
    name: str  # what it calls itself in receipts
    private_key: bytes = field(repr=False)  # 32 raw bytes: signs receipts
    offices: tuple[AllowedKey, ...]  # whose bundles count
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)  # token -> office, for HTTP


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a part belongs."""

    bundle: str
    role: Role
    sha256: str


class WrongOffset(Exception):
    """The bytes do not go on where ours end; `offset` is where that is."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class WrongContent(Exception):
    """The whole part has another SHA-256 than its address; it was thrown away."""


class TooLong(Exception):
    """No part of this role is so long."""


class Incomplete(Exception):
    """Not all parts of the bundle are here."""


class Hub:
    """One simulated headquarters."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        self._root = settings.folder
        self._judging = Lock()
        self._filling = [Lock() for _ in range(_LOCKS)]
        for name in ("incoming", "bundles", "claims", "known", RECEIPTS_FOLDER):
            (self._root / name).mkdir(parents=True, exist_ok=True)

    def stored(self) -> tuple[str, ...]:
        """The bundles that are kept, by SHA-256."""
        return tuple(sorted(path.name for path in (self._root / "bundles").iterdir()))

    def state_of(self, bundle: str) -> ReceiptState | None:
        """What the newest receipt of a bundle says."""
        order = (ReceiptState.ACCEPTED, ReceiptState.REJECTED, ReceiptState.RECEIVED)
        return next((state for state in order if self._receipt_path(bundle, state).exists()), None)

    def receipt(self, bundle: str) -> bytes | None:
        """The newest receipt of a bundle, as it travels."""
        state = self.state_of(bundle)
        return None if state is None else self._receipt_path(bundle, state).read_bytes()

    def offset(self, address: Address) -> tuple[int, bool]:
        """How many bytes of a part are here, and whether that is all of it."""
        whole = self._whole(address)
        if whole is not None:
            return whole.stat().st_size, True
        beside = self._incoming(address, PART_ENDING)
        return (beside.stat().st_size if beside.exists() else 0), False

    def append(self, address: Address, offset: int, length: int, chunks: Iterator[bytes]) -> tuple[int, bool]:
        """Add bytes to a part from `offset` on; how many there are then, and whether that is all of it.

        Raises WrongOffset, TooLong, and WrongContent. What came before a line was cut stays.
        """
        if not 0 <= length <= LONGEST[address.role]:
            raise TooLong
        with self._filling[int(address.sha256[:4], 16) % _LOCKS]:
            here, is_whole = self.offset(address)
            if is_whole:
                return here, True
            if offset != here:
                raise WrongOffset(here)
            self._incoming(address).parent.mkdir(exist_ok=True)
            beside = self._incoming(address, PART_ENDING)
            with open(beside, "ab") as file:
                here += _fill(file, chunks, length - here)
            if here < length:
                return here, False
            self._finish(address, beside)
            return here, True

    def _finish(self, address: Address, beside: Path) -> None:
        if sha256_of(beside) != address.sha256:
            beside.unlink()
            raise WrongContent
        with open(beside, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, self._incoming(address))
        sync_folder(beside.parent)

    def recover(self, now: datetime) -> None:
        """Go on where a killed process ended: give the receipts that stored bundles lack."""
        with self._judging:
            for bundle in self.stored():
                if self.state_of(bundle) is not ReceiptState.ACCEPTED:
                    self._settle(bundle, now)

    def announce(self, bundle: str, expected: Expected, now: datetime) -> bytes:
        """Judge a bundle whose parts came over HTTP; the newest receipt. Raises Incomplete."""
        with self._judging:
            if bundle not in self.stored():
                folder = self._root / "incoming" / bundle
                parts = {role: next(folder.glob(f"{role.value}.{'[0-9a-f]' * 64}"), None) for role in Role}
                if None in parts.values():
                    raise Incomplete
                self._judge(bundle, {role: path for role, path in parts.items() if path}, expected, now)
            else:
                self._settle(bundle, now)
            shutil.rmtree(self._root / "incoming" / bundle, ignore_errors=True)
            found = self.receipt(bundle)
        assert found is not None, "every judged bundle has a receipt"
        return found

    def collect(self, drop: Path, now: datetime, office: str | None = None) -> int:
        """Take in what is complete in a drop, and put the receipts there; how many bundles were judged.

        `office`: whose drop it is, where it is one office's alone.
        """
        judged = 0
        with self._judging:
            manifests = sorted(drop.glob(f"*{ENDINGS[Role.MANIFEST]}"), key=lambda path: path.stat().st_mtime_ns)
            for path in manifests:
                judged += self._collect(path, now, office)
        for path in (self._root / RECEIPTS_FOLDER).iterdir():
            copy = drop / RECEIPTS_FOLDER / path.name
            if path.suffix != PART_ENDING and (not copy.exists() or copy.read_bytes() != path.read_bytes()):
                copy.parent.mkdir(exist_ok=True)
                write_whole(copy, path.read_bytes(), 0o644)
        return judged

    def _collect(self, path: Path, now: datetime, office: str | None) -> int:
        name = path.name.removesuffix(ENDINGS[Role.MANIFEST])
        data = _read(path, LONGEST[Role.MANIFEST])
        bundle = hashlib.sha256(data).hexdigest()
        if bundle in self.stored():
            self._settle(bundle, now)
            return 0
        stamp = self._root / "known" / f"{bundle}.seen"
        parts = {role: path.with_name(f"{name}{ending}") for role, ending in ENDINGS.items()}
        seen = " ".join(f"{one.stat().st_size} {one.stat().st_mtime_ns}" for one in parts.values() if one.exists())
        if stamp.exists() and stamp.read_text() == seen:  # judged, and nothing was put there since
            return 0
        expected = Expected.of_name(name) or Expected()
        if office is not None:
            expected = replace(expected, office=office)
        self._judge(bundle, {role: one for role, one in parts.items() if one.exists()}, expected, now)
        if bundle not in self.stored():
            write_whole(stamp, seen.encode())
        return 1

    def _judge(self, bundle: str, parts: Mapping[Role, Path], expected: Expected, now: datetime) -> None:
        checked = self._checked(parts, expected, now)
        if checked.is_authentic and checked.manifest is not None:
            taken = tuple(self._claim(checked.manifest))
            checked = Checked(manifest=checked.manifest, objections=checked.objections + taken, is_authentic=not taken)
        if checked.objections or checked.manifest is None:
            if checked.is_authentic and checked.manifest is not None and self._may_follow(checked.manifest):
                self._know(bundle)  # before the receipt, as below
            self._reject(bundle, checked, expected, now)
        else:
            self._store(bundle, parts)
        if checked.is_authentic and checked.manifest is not None:
            self._settle(bundle, now, checked.manifest)

    def _checked(self, parts: Mapping[Role, Path], expected: Expected, now: datetime) -> Checked:
        data = _read(parts[Role.MANIFEST], LONGEST[Role.MANIFEST])
        signature = parts.get(Role.SIGNATURE)
        armored = None if signature is None else _read(signature, LONGEST[Role.SIGNATURE])
        checked = check_manifest(data, armored, self.settings.offices, now, expected)
        archive = parts.get(Role.ARCHIVE)
        if archive is None:
            return check_bundle(checked, None)
        with open(archive, "rb") as file:
            return check_bundle(checked, file)

    def _claim(self, manifest: Manifest) -> Iterator[Objection]:
        """The first to follow a bundle, and the first with a number in its period, are the only ones."""
        if self._first(f"{manifest.office}/after-{manifest.previous or 'nothing'}", manifest.sha256) != manifest.sha256:
            yield Objection("bundle.previous-differs", {"previous": manifest.previous or "nothing"})
            return
        edition = f"{manifest.office}/{manifest.period}-{manifest.sequence}"
        if self._first(edition, manifest.sha256) != manifest.sha256:
            facts = {"period": manifest.period, "sequence": str(manifest.sequence)}
            yield Objection("bundle.sequence-taken", facts)

    def _first(self, name: str, bundle: str) -> str:
        """Who made this claim first; under the lock of judging, so looking before writing is enough."""
        path = self._root / "claims" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, bundle.encode())
        return path.read_text()

    def _store(self, bundle: str, parts: Mapping[Role, Path]) -> None:
        place = self._root / "bundles" / bundle
        if place.exists():
            return
        making = self._root / "incoming" / f"{bundle}.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for role, path in parts.items():
            shutil.copyfile(path, making / role.value)
            with open(making / role.value, "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(making)
        os.replace(making, place)
        sync_folder(place.parent)

    def _settle(self, bundle: str, now: datetime, manifest: Manifest | None = None) -> None:
        """Confirm a stored bundle; accept it once the one before it is known; then the one that follows, and so on."""
        following: str | None = bundle
        while following is not None:
            manifest = manifest or self._manifest(following)
            if manifest is None:
                return
            is_stored = (self._root / "bundles" / following).exists()
            if is_stored:
                self._give(_receipt(manifest, ReceiptState.RECEIVED, self.settings.name, now))
            if not self._may_follow(manifest):
                return
            if not is_stored and self.state_of(following) is None:
                return
            self._know(following)  # before the receipt: who is killed between the two is asked again
            if is_stored:
                self._give(_receipt(manifest, ReceiptState.ACCEPTED, self.settings.name, now))
            claim = self._root / "claims" / manifest.office / f"after-{following}"
            following, manifest = (claim.read_text() if claim.exists() else None), None

    def _manifest(self, bundle: str) -> Manifest | None:
        path = self._root / "bundles" / bundle / Role.MANIFEST.value
        return read_manifest(path.read_bytes()) if path.exists() else None

    def _may_follow(self, manifest: Manifest) -> bool:
        """Whether the bundle before it came, or it is the first."""
        return manifest.previous is None or self._is_known(manifest.previous)

    def _is_known(self, bundle: str) -> bool:
        return (self._root / "known" / bundle).exists()

    def _know(self, bundle: str) -> None:
        if not self._is_known(bundle):
            write_whole(self._root / "known" / bundle, b"")

    def _reject(self, bundle: str, checked: Checked, expected: Expected, now: datetime) -> None:
        manifest = checked.manifest
        receipt = Receipt(
            bundle=bundle,
            office=(manifest.office if manifest else expected.office) or "unknown",
            period=(manifest.period if manifest else expected.period) or "unknown",
            sequence=manifest.sequence if manifest else expected.sequence or 0,
            state=ReceiptState.REJECTED,
            at=now,
            by=self.settings.name,
            reasons=checked.objections,
        )
        write_whole(
            self._receipt_path(bundle, ReceiptState.REJECTED), write_receipt(receipt, self.settings.private_key)
        )

    def _give(self, receipt: Receipt) -> None:
        """Write a receipt once: a repeat gets the same one."""
        path = self._receipt_path(receipt.bundle, receipt.state)
        if not path.exists():
            write_whole(path, write_receipt(receipt, self.settings.private_key))

    def _receipt_path(self, bundle: str, state: ReceiptState) -> Path:
        return self._root / RECEIPTS_FOLDER / f"{bundle}.{state.value}"

    def _incoming(self, address: Address, ending: str = "") -> Path:
        return self._root / "incoming" / address.bundle / f"{address.role.value}.{address.sha256}{ending}"

    def _whole(self, address: Address) -> Path | None:
        """The part, if it is here whole: still on its way, or stored."""
        stored = self._root / "bundles" / address.bundle / address.role.value
        is_closed = address.role is not Role.MANIFEST or self.state_of(address.bundle) is ReceiptState.ACCEPTED
        if is_closed and stored.exists() and sha256_of(stored) == address.sha256:
            return stored
        incoming = self._incoming(address)
        # A manifest has to come again until its bundle is accepted: it is what asks for judging, and we may be killed.
        return incoming if incoming.exists() and address.role is not Role.MANIFEST else None


def _receipt(manifest: Manifest, state: ReceiptState, by: str, now: datetime) -> Receipt:
    return Receipt(
        bundle=manifest.sha256,
        office=manifest.office,
        period=manifest.period,
        sequence=manifest.sequence,
        state=state,
        at=now,
        by=by,
    )


def _fill(file: BinaryIO, chunks: Iterator[bytes], most: int) -> int:
    """Write what comes, and no more than is missing; it is written through, for the other side may die at once."""
    written = 0
    for chunk in chunks:
        piece = chunk[: most - written]
        file.write(piece)
        file.flush()
        written += len(piece)
        if written >= most:
            break
    return written


def _read(path: Path, longest: int) -> bytes:
    """A small part; one byte more than is allowed where it is longer, which whoever reads it refuses."""
    with open(path, "rb") as file:
        return file.read(longest + 1)
