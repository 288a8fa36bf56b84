"""The interface of a target: a way to headquarters. Wired by `[project.entry-points."itops.targets"]`.

A target carries bytes and understands none of them. Its class carries `Settings`, a frozen dataclass of what itops.yaml
may say; it is built as `cls(name, settings)` and touches nothing before it is asked. Whether a bundle was delivered is
never its word: only a receipt that headquarters signed closes a row of the outbox (itops/bundles/receipts.py).

A drop (folder, SFTP, SMB, WebDAV) is one flat folder of parts under their own names, each written as `NAME.part` and
renamed when whole, in the order of `BundleOnDisk.parts`; receipts lie in the folder `receipts` below it, one file each:
`receipts/SHA256.received` and `receipts/SHA256.accepted` or `.rejected`, where SHA256 is the bundle's. A part that is
there whole already is left alone: sending twice changes nothing.

The archive may be encrypted with age (binary, to X25519 keys): in a drop it is then called `NAME.DIGEST.zip.age`, where
DIGEST is the beginning of its own SHA-256, and there may be several; over HTTP its first line tells. What the manifest
names is the plain archive. See itops/delivery/sealing.py.

The office's heartbeat (itops/bundles/heartbeat.py) is one file, `itops_OFFICE.heartbeat`, beside the parts: written as
`itops_OFFICE.heartbeat.part` and renamed over the one before it. What is signed and the signature are one file, so that
no reader ever sees halves of two moments; the office needs no folder of its own there, and offices that share a drop
touch nothing of each other. It is never encrypted: it holds counts and moments alone.

Over HTTP the address is `URL/bundles/BUNDLE-SHA256/ROLE/PART-SHA256` and the token travels as `Authorization: Bearer`:

- HEAD answers 200 with `Upload-Offset` (bytes it has; 0 when it knows nothing) and `Upload-Complete: ?1` or `?0`.
- PUT sends bytes from `Upload-Offset` on, with `Upload-Length` (of the whole part). 204 with the new `Upload-Offset`;
  409 with the right `Upload-Offset` when ours was wrong; 422 when the whole part has another SHA-256 than its address
  (what was there is thrown away); 401 without a valid token; 413 when it is longer than headquarters takes.
- PUT of the last part (the manifest) answers 200 and a receipt as its body; 424 while the other parts are not whole.
- GET `URL/receipts/BUNDLE-SHA256` answers 200 and the newest receipt, or 404.
- PUT `URL/heartbeats/OFFICE` takes a heartbeat whole: 204, also for the one it has; 401 without a valid token; 403 with
  the token of another office; 409 when it has a newer one; 413 when it is longer than HEARTBEAT_MAX_BYTES; 422 when it
  is not that office's word. A hub that knows no heartbeats answers 404.

By mail it is the attachment of one mail with the header `X-Itops-Heartbeat: OFFICE` and the subject
`[itops] heartbeat OFFICE MOMENT`.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeAlias

RECEIPTS_FOLDER = "receipts"
RECEIPT_MAX_BYTES = 64 * 1024
"""A receipt is smaller; a target reads no more than this of a file that claims to be one."""
HEARTBEAT_ENDING = ".heartbeat"
HEARTBEAT_MAX_BYTES = 16 * 1024
"""A heartbeat takes 600 bytes; nobody reads more than this of a file that claims to be one."""


class Role(Enum):
    """What a part of a bundle is; the order is that in which parts are sent."""

    ARCHIVE = "archive"
    SIGNATURE = "signature"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a bundle."""

    role: Role
    name: str  # ASCII letters, digits, `.`, `_` and `-`; unique to this bundle
    path: Path
    size_bytes: int
    sha256: str  # of the bytes that travel, lower-case hex


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOnDisk:
    """A bundle as it lies in the outbox folder. Its parts never change."""

    sha256: str  # of the manifest's bytes, which name everything else: the bundle's identity
    name: str  # of its parts without their endings: itops_OFFICE_PERIOD_SEQUENCE_SHA12
    office: str
    period: str
    sequence: int
    parts: tuple[Part, ...]  # archive, signature, manifest: who sees the manifest may rely on the rest

    @property
    def size_bytes(self) -> int:
        """All parts together."""
        return sum(part.size_bytes for part in self.parts)


Progress: TypeAlias = Callable[[int, int], None]
"""Told (bytes that are there, bytes of the whole bundle) now and then; what was there already counts as there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What came of sending: every part is there. It says nothing about what headquarters thinks of it."""

    sent_bytes: int  # that travelled this time
    resumed_bytes: int = 0  # that were there already, from a try that was cut
    receipts: tuple[bytes, ...] = ()  # as they came, unread: from ways that answer at once


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatFile:
    """A heartbeat as it travels."""

    office: str
    made_at: datetime  # aware, UTC, whole seconds
    content: bytes  # what is signed and its signature, see itops/bundles/heartbeat.py

    @property
    def name(self) -> str:
        """Of the file, in a drop and in a mail."""
        return heartbeat_name(self.office)


def heartbeat_name(office: str) -> str:
    """What an office's heartbeat is called."""
    return f"itops_{office}{HEARTBEAT_ENDING}"


class Target(Protocol):
    """A way to headquarters. `type` of its entry in itops.yaml is the name of its entry point."""

    @property
    def name(self) -> str:
        """The name it has in itops.yaml."""
        ...

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """Send all parts in their order; go on where a cut try ended; leave alone what is there whole.

        Raises SourceUnavailable when the way is closed (try again later: no address, no login, a full disk, a cut line)
        and DeliveryRefused when asking again cannot help (a part that there has another content under the same name).
        """
        ...

    def receipts(self, sha256s: Collection[str]) -> Iterable[bytes]:
        """The receipts that lie there for these bundles, unread and unchecked, none longer than RECEIPT_MAX_BYTES.

        Raises SourceUnavailable when it cannot be looked.
        """
        ...

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """Put the heartbeat in place of the office's last one; who is cut on the way leaves that one whole.

        Raises SourceUnavailable when the way is closed or carries no heartbeats, DeliveryRefused when headquarters does
        not take this one. Nothing is resumed: the next heartbeat replaces what did not arrive.
        """
        ...
