"""Check a bundle or a receipt that lies in a folder, as headquarters or an auditor would."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, Literal

from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import MANIFEST_MAX_BYTES, moment_text
from itops.bundles.objections import Objection
from itops.bundles.receipts import SCHEMA as RECEIPT_SCHEMA
from itops.bundles.receipts import check_receipt
from itops.bundles.targets import Role
from itops.bundles.verification import Expected, check_manifest
from itops.delivery.age import NO_IDENTITIES, Identities
from itops.delivery.arrived import Archive, Arrived, arrived_beside, check_arrived
from itops.delivery.outbox_files import ENDINGS
from itops.delivery.sealing import name_of_sealed
from itops.errors import InputInvalid

NOT_LOOKED_INTO = "bundle.archive-encrypted"
_MOST_IN_MEMORY = 64 * 1024 * 1024
_SIGNED_LINE_END = b"\n-----BEGIN SSH SIGNATURE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a file is, what it says, and what speaks against it."""

    kind: Literal["bundle", "receipt"]
    facts: Mapping[str, Any]  # empty where it could not be read
    objections: tuple[Objection, ...]


def verify_file(
    path: Path, keys: tuple[AllowedKey, ...], now: datetime, identities: Identities = NO_IDENTITIES
) -> Verified:
    """Take a receipt for what it is, an encrypted archive for that of the bundle beside it, all else for a manifest.

    `identities` open encrypted archives; without any, such a bundle has the objection NOT_LOOKED_INTO. Raises
    InputInvalid; ConfigInvalid without pyrage.
    """
    name = name_of_sealed(path.name)
    try:
        if name is not None:
            beside = arrived_beside(path.with_name(f"{name}{ENDINGS[Role.MANIFEST]}"))
            return _bundle(replace(beside, archives=(Archive(path=path, is_sealed=True),)), keys, identities, now)
        data = _read(path, MANIFEST_MAX_BYTES)
        if _SIGNED_LINE_END in data and RECEIPT_SCHEMA.encode() in data.partition(b"\n")[0]:
            return _receipt(data, keys, now)
        return _bundle(arrived_beside(path), keys, identities, now)
    except OSError as failure:
        problem = f"{failure.filename or path} cannot be read: {failure.strerror or failure}"
        raise InputInvalid(problem, remedy="look at the file and its rights") from failure


def _receipt(raw: bytes, keys: tuple[AllowedKey, ...], now: datetime) -> Verified:
    receipt, objections = check_receipt(raw, keys, now)
    facts: dict[str, Any] = {}
    if receipt is not None:
        facts = {
            "bundle": receipt.bundle,
            "office": receipt.office,
            "period": receipt.period,
            "sequence": receipt.sequence,
            "state": receipt.state.value,
            "at": moment_text(receipt.at),
            "by": receipt.by,
        }
    return Verified(kind="receipt", facts=facts, objections=objections)


def _bundle(arrived: Arrived, keys: tuple[AllowedKey, ...], identities: Identities, now: datetime) -> Verified:
    name = arrived.manifest.name.removesuffix(ENDINGS[Role.MANIFEST])
    signed = check_manifest(arrived.manifest_bytes(), arrived.signature_text(), keys, now, Expected.of_name(name))
    with SpooledTemporaryFile(_MOST_IN_MEMORY) as scratch:
        found = check_arrived(signed, arrived.archives, identities, scratch)
    checked = found.checked
    manifest = checked.manifest
    facts: dict[str, Any] = {}
    if manifest is not None:
        facts = {
            "bundle": manifest.sha256,
            "office": manifest.office,
            "period": manifest.period,
            "sequence": manifest.sequence,
            "made_at": moment_text(manifest.made_at),
            "tool_version": manifest.tool_version,
            "redaction": manifest.redaction,
            "previous": manifest.previous,
            "file_count": len(manifest.files),
            "archive": None if found.archive is None else found.archive.path.name,
            "is_encrypted": found.archive is not None and found.archive.is_sealed,
        }
    return Verified(kind="bundle", facts=facts, objections=checked.objections)


def _read(path: Path, longest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(longest + 1)
