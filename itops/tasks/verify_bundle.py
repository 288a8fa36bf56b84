"""Check a bundle or a receipt that lies in a folder, as headquarters or an auditor would."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import MANIFEST_MAX_BYTES, moment_text
from itops.bundles.objections import Objection
from itops.bundles.receipts import SCHEMA as RECEIPT_SCHEMA
from itops.bundles.receipts import check_receipt
from itops.bundles.sshsig import ARMOR_MAX_BYTES
from itops.bundles.targets import Role
from itops.bundles.verification import Expected, check_bundle, check_manifest
from itops.delivery.outbox_files import ENDINGS
from itops.errors import InputInvalid

_SIGNED_LINE_END = b"\n-----BEGIN SSH SIGNATURE-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a file is, what it says, and what speaks against it."""

    kind: Literal["bundle", "receipt"]
    facts: Mapping[str, Any]  # empty where it could not be read
    objections: tuple[Objection, ...]


def verify_file(path: Path, keys: tuple[AllowedKey, ...], now: datetime) -> Verified:
    """Take a receipt for what it is; anything else is taken for a manifest. Raises InputInvalid."""
    try:
        data = _read(path, MANIFEST_MAX_BYTES)
        if _SIGNED_LINE_END in data and RECEIPT_SCHEMA.encode() in data.partition(b"\n")[0]:
            return _receipt(data, keys, now)
        return _bundle(path, data, keys, now)
    except OSError as failure:
        problem = f"{path} cannot be read: {failure.strerror or failure}"
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


def _bundle(path: Path, data: bytes, keys: tuple[AllowedKey, ...], now: datetime) -> Verified:
    name = path.name.removesuffix(ENDINGS[Role.MANIFEST])
    signature = path.with_name(f"{name}{ENDINGS[Role.SIGNATURE]}")
    archive = path.with_name(f"{name}{ENDINGS[Role.ARCHIVE]}")
    armored = _read(signature, ARMOR_MAX_BYTES) if signature.exists() else None
    checked = check_manifest(data, armored, keys, now, Expected.of_name(name))
    if archive.exists():
        with archive.open("rb") as file:
            checked = check_bundle(checked, file)
    else:
        checked = check_bundle(checked, None)
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
        }
    return Verified(kind="bundle", facts=facts, objections=checked.objections)


def _read(path: Path, longest: int) -> bytes:
    with path.open("rb") as file:
        return file.read(longest + 1)
