"""The manifest of a bundle: what it says, and the one way its bytes are written.

A manifest names its files, its archive, its office and period and the bundle before it; its own SHA-256 is the
bundle's identity, and its bytes are what the office signs. There is one spelling of it: other bytes are refused.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SCHEMA = "itops.bundle/1"
MANIFEST_MAX_BYTES = 1024 * 1024
MOST_FILES = 1_000
ARCHIVE_MAX_BYTES = 2**31
LONGEST_NAME_BYTES = 200
LAST_SEQUENCE = 9_999

_SHA256 = re.compile(r"[0-9a-f]{64}")
_OFFICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_PERIOD = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class NotAManifest(ValueError):
    """The bytes are no manifest, or not in its one spelling; it says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFile:
    """One file inside the archive."""

    name: str  # relative, with `/`; see `check_name`
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFacts:
    """The archive as a whole."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the office says with its signature."""

    office: str
    period: str
    sequence: int  # 1, 2 ... within the period: a correction has a higher one
    made_at: datetime  # aware, UTC, whole seconds; the office's own word
    tool_version: str
    redaction: str  # the profile by which something was taken out; "internal": nothing was
    previous: str | None  # SHA-256 of the office's bundle before this one, of any period; None: it is the first
    archive: ArchiveFacts
    files: tuple[BundleFile, ...]  # by name

    @property
    def sha256(self) -> str:
        """The bundle's identity."""
        return hashlib.sha256(manifest_bytes(self)).hexdigest()

    @property
    def name(self) -> str:
        """What the bundle's parts are called, without their endings."""
        return f"itops_{self.office}_{self.period}_{self.sequence:04}_{self.sha256[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a new bundle is to be: everything of a manifest that does not follow from its content."""

    office: str
    period: str
    sequence: int
    tool_version: str
    redaction: str
    previous: str | None


def make_manifest(edition: Edition, files: Iterable[BundleFile], archive: ArchiveFacts, made_at: datetime) -> Manifest:
    """The manifest of these files; raises ValueError for what no manifest can say."""
    manifest = Manifest(
        office=edition.office,
        period=edition.period,
        sequence=edition.sequence,
        made_at=made_at.astimezone(UTC).replace(microsecond=0),
        tool_version=edition.tool_version,
        redaction=edition.redaction,
        previous=edition.previous,
        archive=archive,
        files=tuple(sorted(files, key=lambda file: file.name.encode())),
    )
    _check(manifest)
    return manifest


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON in its one spelling: keys sorted, no blanks, UTF-8, one line with its end."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def manifest_bytes(manifest: Manifest) -> bytes:
    """What is signed, sent and hashed."""
    return canonical(
        {
            "schema": SCHEMA,
            "office": manifest.office,
            "period": manifest.period,
            "sequence": manifest.sequence,
            "made_at": moment_text(manifest.made_at),
            "tool_version": manifest.tool_version,
            "redaction": manifest.redaction,
            "previous": manifest.previous,
            "archive": {"size_bytes": manifest.archive.size_bytes, "sha256": manifest.archive.sha256},
            "files": [
                {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in manifest.files
            ],
        }
    )


def read_manifest(data: bytes) -> Manifest:
    """The manifest of these bytes; raises NotAManifest, also where they spell it in another way than ours."""
    plain = read_canonical(data, MANIFEST_MAX_BYTES)
    if plain.get("schema") != SCHEMA:
        raise NotAManifest(f"its schema is not {SCHEMA}")
    try:
        manifest = _manifest_of(plain)
        _check(manifest)
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        raise NotAManifest(f"it does not say what a manifest says: {wrong}") from None
    if manifest_bytes(manifest) != data:
        raise NotAManifest("it says more than a manifest says, or spells it in another way")
    return manifest


def read_canonical(data: bytes, longest: int) -> dict[str, Any]:
    """The JSON object of these bytes; raises NotAManifest."""
    if len(data) > longest:
        raise NotAManifest("it is too long")
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        raise NotAManifest("it is not JSON") from None
    if not isinstance(plain, dict):
        raise NotAManifest("it is not a JSON object")
    return plain


def moment_text(moment: datetime) -> str:
    """Whole seconds, UTC: 2026-11-22T08:00:00Z."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def moment_of(text: str) -> datetime:
    """The reverse; raises ValueError."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("a moment is written 2026-11-22T08:00:00Z")
    return datetime.fromisoformat(text)


def is_sha256(text: object) -> bool:
    """Whether this is a SHA-256 as we write it."""
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def check_name(name: str) -> None:
    """Raise ValueError for a name that could lead out of a folder, or that some system cannot hold."""
    parts = name.split("/")
    is_plain = unicodedata.normalize("NFC", name) == name and not _FORBIDDEN.search(name)
    if not is_plain or len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME_BYTES:
        raise ValueError("a file has a name that cannot be sent")
    if not all(map(_is_part, parts)):
        raise ValueError("a file has a name that cannot be sent")


def _is_part(part: str) -> bool:
    """Whether a folder or file may be called so everywhere: Windows drops a dot or blank at the end."""
    return bool(part) and part[0] != " " and part[-1] not in " ." and not _RESERVED.fullmatch(part)


def _manifest_of(plain: Mapping[str, Any]) -> Manifest:
    files = plain["files"]
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise ValueError("its files are no list, or too many")
    return Manifest(
        office=plain["office"],
        period=plain["period"],
        sequence=plain["sequence"],
        made_at=moment_of(plain["made_at"]),
        tool_version=plain["tool_version"],
        redaction=plain["redaction"],
        previous=plain["previous"],
        archive=ArchiveFacts(**plain["archive"]),
        files=tuple(BundleFile(**file) for file in files),
    )


def _check(manifest: Manifest) -> None:
    for text, shape, noun in (
        (manifest.office, _OFFICE, "office"),
        (manifest.period, _PERIOD, "period"),
        (manifest.tool_version, _WORD, "tool version"),
        (manifest.redaction, _WORD, "redaction profile"),
    ):
        if not isinstance(text, str) or not shape.fullmatch(text):
            raise ValueError(f"the {noun} is not written as one")
    if not _is_count(manifest.sequence, 1, LAST_SEQUENCE):
        raise ValueError(f"the sequence is not a number from 1 to {LAST_SEQUENCE}")
    if manifest.previous is not None and not is_sha256(manifest.previous):
        raise ValueError("the bundle before is not named by a SHA-256")
    if not _is_count(manifest.archive.size_bytes, 0, ARCHIVE_MAX_BYTES) or not is_sha256(manifest.archive.sha256):
        raise ValueError("the archive has no size and SHA-256, or is too large")
    _check_files(manifest.files)


def _check_files(files: tuple[BundleFile, ...]) -> None:
    if not files or len(files) > MOST_FILES:
        raise ValueError(f"a bundle holds 1 to {MOST_FILES} files")
    for file in files:
        check_name(file.name)
        if not _is_count(file.size_bytes, 0, ARCHIVE_MAX_BYTES) or not is_sha256(file.sha256):
            raise ValueError("a file has no size and SHA-256, or is too large")
    names = [file.name.encode() for file in files]
    if names != sorted(names) or len({file.name.casefold() for file in files}) < len(files):
        raise ValueError("the files are not in order, or two have one name")


def _is_count(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
