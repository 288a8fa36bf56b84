"""Parts on their way to the simulated headquarters: how far each came, and the bytes that follow."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from itops.bundles.manifest import ARCHIVE_MAX_BYTES, MANIFEST_MAX_BYTES
from itops.bundles.receipts import ReceiptState
from itops.bundles.sshsig import ARMOR_MAX_BYTES
from itops.bundles.targets import RECEIPTS_FOLDER, Role
from itops.delivery.age import longest_of
from itops.delivery.durable import PART_ENDING, sha256_of, sync_folder

SEALED = "sealed"
"""What an archive that came encrypted is called where its bundle is stored."""
LONGEST: Mapping[Role, int] = {
    Role.ARCHIVE: longest_of(ARCHIVE_MAX_BYTES),
    Role.SIGNATURE: ARMOR_MAX_BYTES,
    Role.MANIFEST: MANIFEST_MAX_BYTES,
}
_LOCKS = 64


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


class Uploads:
    """What came, below the folder of a headquarters."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._filling = [Lock() for _ in range(_LOCKS)]

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

    def _incoming(self, address: Address, ending: str = "") -> Path:
        return self._root / "incoming" / address.bundle / f"{address.role.value}.{address.sha256}{ending}"

    def _whole(self, address: Address) -> Path | None:
        """The part, if it is here whole: still on its way, or stored."""
        stored = self._root / "bundles" / address.bundle
        is_closed = address.role is not Role.MANIFEST or self._is_accepted(address.bundle)
        names = (address.role.value, SEALED) if address.role is Role.ARCHIVE else (address.role.value,)
        for path in (stored / name for name in names if is_closed):
            if path.exists() and sha256_of(path) == address.sha256:
                return path
        incoming = self._incoming(address)
        # A manifest has to come again until its bundle is accepted: it is what asks for judging, and we may be killed.
        return incoming if incoming.exists() and address.role is not Role.MANIFEST else None

    def _is_accepted(self, bundle: str) -> bool:
        return (self._root / RECEIPTS_FOLDER / f"{bundle}.{ReceiptState.ACCEPTED.value}").exists()


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
