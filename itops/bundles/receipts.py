"""Receipts: what headquarters says of a bundle, signed. Only a receipt that verifies makes a bundle delivered.

Two stages, as a receipt that something came is no word about what is in it: `received`, then `accepted` or `rejected`
with reasons. A receipt is one file: the line of canonical JSON that is signed, then its armored signature; so
`head -1 FILE | ssh-keygen -Y verify ...` checks it as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from itops.bundles.keys import RECEIPT_NAMESPACE, AllowedKey
from itops.bundles.manifest import NotAManifest, canonical, is_sha256, moment_of, moment_text, read_canonical
from itops.bundles.objections import Objection
from itops.bundles.signing import Claim, check_signature
from itops.bundles.sshsig import sign
from itops.bundles.targets import RECEIPT_MAX_BYTES

SCHEMA = "itops.receipt/1"
_MOST_REASONS = 50
_LONGEST_TEXT = 300


class ReceiptState(Enum):
    """How far a bundle came at headquarters."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"

    @property
    def is_final(self) -> bool:
        """Whether no other receipt is to be waited for."""
        return self is not ReceiptState.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One receipt."""

    bundle: str  # SHA-256 of the bundle's manifest
    office: str
    period: str
    sequence: int
    state: ReceiptState
    at: datetime  # by the clock of headquarters
    by: str  # the name headquarters calls itself
    reasons: tuple[Objection, ...] = ()  # of a rejection


class NotAReceipt(ValueError):
    """The bytes are no receipt; it says why."""


def write_receipt(receipt: Receipt, private_key: bytes) -> bytes:
    """The receipt as it travels."""
    body = receipt_bytes(receipt)
    return body + sign(body, private_key, RECEIPT_NAMESPACE).encode()


def receipt_bytes(receipt: Receipt) -> bytes:
    """What is signed."""
    reasons = [
        {"code": reason.code, "facts": {name: _short(value) for name, value in reason.facts.items()}}
        for reason in receipt.reasons[:_MOST_REASONS]
    ]
    return canonical(
        {
            "schema": SCHEMA,
            "bundle": receipt.bundle,
            "office": receipt.office,
            "period": receipt.period,
            "sequence": receipt.sequence,
            "state": receipt.state.value,
            "at": moment_text(receipt.at),
            "by": receipt.by,
            "reasons": reasons,
        }
    )


def read_receipt(raw: bytes) -> Receipt:
    """What it says, whoever says it; raises NotAReceipt."""
    body, _ = _halves(raw)
    try:
        return _receipt_of(read_canonical(body, RECEIPT_MAX_BYTES))
    except (NotAManifest, KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise NotAReceipt(
            f"it does not say what a receipt says ({type(wrong).__name__}: {_short(str(wrong))})"
        ) from None


def check_receipt(raw: bytes, keys: Sequence[AllowedKey], at: datetime) -> tuple[Receipt | None, tuple[Objection, ...]]:
    """The receipt, and what speaks against it. Which bundle it closes it says itself, by a SHA-256 that is signed."""
    try:
        receipt = read_receipt(raw)
    except NotAReceipt as wrong:
        return None, (Objection("receipt.unreadable", {"problem": str(wrong)}),)
    body, armored = _halves(raw)
    claim = Claim(noun="receipt", namespace=RECEIPT_NAMESPACE, signer=None)
    return receipt, tuple(check_signature(body, armored, claim, keys, at))


def _halves(raw: bytes) -> tuple[bytes, bytes]:
    if len(raw) > RECEIPT_MAX_BYTES:
        raise NotAReceipt("it is too long")
    body, line_end, armored = raw.partition(b"\n")
    return body + line_end, armored


def _receipt_of(plain: dict[str, Any]) -> Receipt:
    if plain["schema"] != SCHEMA or not is_sha256(plain["bundle"]):
        raise ValueError(f"its schema is not {SCHEMA}, or it names no bundle")
    texts = [plain[name] for name in ("office", "period", "by")]
    if not all(isinstance(text, str) and 0 < len(text) <= _LONGEST_TEXT for text in texts):
        raise ValueError("it names no office, period or giver")
    if type(plain["sequence"]) is not int:
        raise ValueError("its sequence is not a number")
    return Receipt(
        bundle=plain["bundle"],
        office=plain["office"],
        period=plain["period"],
        sequence=plain["sequence"],
        state=ReceiptState(plain["state"]),
        at=moment_of(plain["at"]),
        by=plain["by"],
        reasons=tuple(map(_reason_of, plain["reasons"][:_MOST_REASONS])),
    )


def _reason_of(plain: dict[str, Any]) -> Objection:
    facts = {_short(str(name)): _short(str(value)) for name, value in plain["facts"].items()}
    return Objection(_short(str(plain["code"])), facts)


def _short(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:_LONGEST_TEXT]
