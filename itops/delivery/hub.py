"""A simulated headquarters: takes bundles over HTTP or from a drop, verifies, stores once, answers with receipts.

For tests, the demo and trying a way out; it serves one process and keeps everything in one folder:

    incoming/BUNDLE/ROLE.SHA256[.part]   what is still on its way
    incoming/BUNDLE.opened               what was in an encrypted archive, while the bundle is judged
    bundles/BUNDLE/ROLE                  what was stored, once, under its own SHA-256; an encrypted archive opened
    bundles/BUNDLE/sealed                an archive that came encrypted, as it came
    claims/...                           which bundle follows which, and which has which number: the first one to come
    known/BUNDLE                         bundles that were their office's own word, whatever became of them
    receipts/BUNDLE.received|accepted|rejected
    heartbeats/itops_OFFICE.heartbeat    the newest one of each office, see itops/delivery/hub_heartbeats.py

Every step is a rename or an exclusive create and may be taken twice, so the process may be killed between any two.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import Manifest, read_manifest
from itops.bundles.objections import Objection
from itops.bundles.receipts import Receipt, ReceiptState, write_receipt
from itops.bundles.targets import RECEIPTS_FOLDER, Role
from itops.bundles.verification import Checked, Expected, check_manifest
from itops.delivery.age import NO_IDENTITIES, Identities
from itops.delivery.arrived import Arrived, Found, arrived_as_roles, arrived_beside, check_arrived
from itops.delivery.durable import PART_ENDING, sync_folder, write_whole
from itops.delivery.hub_heartbeats import HEARTBEATS_FOLDER, Heartbeats
from itops.delivery.hub_uploads import SEALED, Uploads
from itops.delivery.outbox_files import ENDINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """What a simulated headquarters knows."""

    folder: Path
    name: str  # what it calls itself in receipts
    private_key: bytes = field(repr=False)  # 32 raw bytes: signs receipts
    offices: tuple[AllowedKey, ...]  # whose bundles count
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)  # token -> office, for HTTP
    identities: Identities = NO_IDENTITIES  # what opens encrypted archives; without any, they are refused


class Incomplete(Exception):
    """Not all parts of the bundle are here."""


class Hub:
    """One simulated headquarters."""

    def __init__(self, settings: HubSettings) -> None:
        self.settings = settings
        self._root = settings.folder
        self._judging = Lock()
        self.uploads = Uploads(self._root)
        self.heartbeats = Heartbeats(self._root / HEARTBEATS_FOLDER, settings.offices)
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
                arrived = arrived_as_roles(self._root / "incoming" / bundle)
                if arrived is None:
                    raise Incomplete
                self._judge(bundle, arrived, expected, now)
            else:
                self._settle(bundle, now)
            shutil.rmtree(self._root / "incoming" / bundle, ignore_errors=True)
            found = self.receipt(bundle)
        assert found is not None, "every judged bundle has a receipt"
        return found

    def collect(self, drop: Path, now: datetime, office: str | None = None) -> int:
        """Take in what is complete in a drop, and put the receipts there; how many bundles were judged.

        Heartbeats that are their offices' word are taken too, and left where they are.

        `office`: whose drop it is, where it is one office's alone.
        """
        judged = 0
        self.heartbeats.collect(drop, now, office)
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
        arrived = arrived_beside(path)
        bundle = hashlib.sha256(arrived.manifest_bytes()).hexdigest()
        if bundle in self.stored():
            self._settle(bundle, now)
            return 0
        stamp = self._root / "known" / f"{bundle}.seen"
        seen = " ".join(f"{one.stat().st_size} {one.stat().st_mtime_ns}" for one in arrived.paths)
        if stamp.exists() and stamp.read_text() == seen:  # judged, and nothing was put there since
            return 0
        expected = Expected.of_name(name) or Expected()
        if office is not None:
            expected = replace(expected, office=office)
        self._judge(bundle, arrived, expected, now)
        if bundle not in self.stored():
            write_whole(stamp, seen.encode())
        return 1

    def _judge(self, bundle: str, arrived: Arrived, expected: Expected, now: datetime) -> None:
        with self._scratch(bundle) as scratch:
            found = self._checked(arrived, expected, now, scratch)
            self._decide(bundle, arrived, found, expected, now)

    @contextmanager
    def _scratch(self, bundle: str) -> Iterator[BinaryIO]:
        """A file for what was in an encrypted archive, gone afterwards."""
        path = self._root / "incoming" / f"{bundle}.opened"
        try:
            with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def _decide(self, bundle: str, arrived: Arrived, found: Found, expected: Expected, now: datetime) -> None:
        checked = found.checked
        if checked.is_authentic and checked.manifest is not None:
            taken = tuple(self._claim(checked.manifest))
            checked = Checked(manifest=checked.manifest, objections=checked.objections + taken, is_authentic=not taken)
        if checked.objections or checked.manifest is None:
            if checked.is_authentic and checked.manifest is not None and self._may_follow(checked.manifest):
                self._know(bundle)  # before the receipt, as below
            self._reject(bundle, checked, expected, now)
        else:
            self._store(bundle, arrived, found)
        if checked.is_authentic and checked.manifest is not None:
            self._settle(bundle, now, checked.manifest)

    def _checked(self, arrived: Arrived, expected: Expected, now: datetime, scratch: BinaryIO) -> Found:
        manifest, armored = arrived.manifest_bytes(), arrived.signature_text()
        checked = check_manifest(manifest, armored, self.settings.offices, now, expected)
        found = check_arrived(checked, arrived.archives, self.settings.identities, scratch)
        scratch.flush()
        return found

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

    def _store(self, bundle: str, arrived: Arrived, found: Found) -> None:
        place = self._root / "bundles" / bundle
        if place.exists():
            return
        making = self._root / "incoming" / f"{bundle}.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name, path in self._files_of(bundle, arrived, found).items():
            shutil.copyfile(path, making / name)
            with open(making / name, "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(making)
        os.replace(making, place)
        sync_folder(place.parent)

    def _files_of(self, bundle: str, arrived: Arrived, found: Found) -> dict[str, Path]:
        """What is stored of a bundle that nothing speaks against, by its name there."""
        assert arrived.signature is not None
        assert found.archive is not None
        files = {Role.MANIFEST.value: arrived.manifest, Role.SIGNATURE.value: arrived.signature}
        if not found.archive.is_sealed:
            return files | {Role.ARCHIVE.value: found.archive.path}
        opened = self._root / "incoming" / f"{bundle}.opened"
        return files | {Role.ARCHIVE.value: opened, SEALED: found.archive.path}

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
