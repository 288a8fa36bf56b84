"""The chain of the register: each row's hash covers the whole row and the hash of the row before it.

Whoever changes, removes, inserts or swaps rows must make every later row anew; the last hash, printed on receipts and
written onto the media themselves, would then be another one. Rows cut off at the end leave a good chain: those copies
of its head are what tells.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from itops.backup.custody.records import Row

GENESIS = "0" * 64
"""The hash before the first row."""
_VERSION = 1
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def hash_of(number: int, recorded_micros: int, medium: str, document: str, previous_hash: str) -> str:
    """SHA-256, lower-case hex, over the canonical bytes: a JSON array, so that no two rows have the same."""
    row = [_VERSION, number, recorded_micros, medium, document, previous_hash]
    return hashlib.sha256(_encode(row).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first row that the chain does not hold."""

    number: int  # of the row as it stands; of the row before which rows are missing
    reason: str  # "hash": the row was changed; "link": it follows another row; "number": rows are missing or doubled


def first_break(rows: Sequence[Row]) -> Break | None:
    """The first broken row of all rows in their order; None when every byte is as it was written."""
    previous, expected = GENESIS, 1
    for row in rows:
        if row.number != expected:
            return Break(number=row.number, reason="number")
        if row.previous_hash != previous:
            return Break(number=row.number, reason="link")
        if hash_of(row.number, row.recorded_micros, row.medium, row.document, row.previous_hash) != row.hash:
            return Break(number=row.number, reason="hash")
        previous, expected = row.hash, expected + 1
    return None


def head_of(rows: Sequence[Row]) -> tuple[int, str]:
    """Number and hash of the last row; 0 and the genesis of an empty register."""
    return (rows[-1].number, rows[-1].hash) if rows else (0, GENESIS)
