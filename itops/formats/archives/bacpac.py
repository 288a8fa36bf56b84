"""The format `bacpac`: what SqlPackage and Management Studio export of a SQL Server database, schema and rows in a zip.

`Origin.xml` tells the time, the writer and the SHA-256 of `model.xml`; `DacMetadata.xml` tells the database. Neither
tells the server's name. Source: the schema of DacFx, serialization 2012/02; no real export was seen here.
A dacpac has the same shape without rows: it is taken as a partial copy.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.archives.crlf import explained
from itops.formats.archives.paths import shown
from itops.formats.archives.readers import ForwardContent
from itops.formats.archives.zip import begins_zip, holds_bacpac, identify_zip, read_zip, walk_zip
from itops.formats.archives.zip_directory import Directory, Entry, entries, misplaced
from itops.formats.archives.zip_members import unpack
from itops.formats.hardened_xml import elements

_MOST_XML = 1 << 20  # both are a few kB; the schema, which is not read as XML, may be hundreds of MB
_ORIGIN, _METADATA, _MODEL = "Origin.xml", "DacMetadata.xml", "model.xml"
_MODEL_HASH = "model_sha256"
_OPERATION = "DacOrigin/Operation/"


class Bacpac:
    """A data-tier package with its rows."""

    name: ClassVar[str] = "bacpac"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".bacpac",)

    def recognises(self, thing: Thing) -> bool:
        """A zip with Origin.xml and model.xml."""
        return begins_zip(thing) and holds_bacpac(thing)

    def set_of(self, thing: Thing) -> str | None:
        """A bacpac is one file."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From its two small XML members."""
        directory, base = identify_zip(thing.file, effort)
        try:
            if (wrong := misplaced(directory, thing.file)) is not None:
                raise wrong
            members = _members(thing.file, directory, effort)
            origin = _texts(thing.file, members.get(_ORIGIN), effort, _ORIGIN)
            metadata = _texts(thing.file, members.get(_METADATA), effort, _METADATA) if _METADATA in members else {}
        except Damaged as damage:
            raise explained(damage, thing.file) from damage
        return _identity(origin, metadata, base)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """As a zip; the schema must be there. Raises Damaged."""
        walked = walk_zip(thing.file, effort, identity)
        directory, _ = identify_zip(thing.file, effort)
        names = [entry.name for entry in entries(thing.file, directory, effort)]
        if _MODEL not in names:
            raise damaged("member-missing", place=_MODEL)
        parts = sum(name.startswith("Data/") and not name.endswith("/") for name in names)
        return replace(walked, facts={**walked.facts, "data_parts": parts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """As a zip, and the schema under the hash that its writer took."""
        sha256 = hashlib.sha256()
        watched: dict[bytes, Callable[[bytes], None]] = {_MODEL.encode(): sha256.update}
        read_zip(thing.file, effort, watched)
        said = identity.facts.get(_MODEL_HASH)
        if said and said != sha256.hexdigest():
            raise damaged("checksum-mismatch", place=_MODEL)
        return identity


def _members(content: Content, directory: Directory, effort: Effort) -> dict[str, Entry]:
    wanted = {_ORIGIN, _METADATA}
    return {entry.name: entry for entry in entries(content, directory, effort) if entry.name in wanted}


def _texts(content: Content, entry: Entry | None, effort: Effort, name: str) -> dict[str, str]:
    if entry is None:
        raise damaged("member-missing", place=name)
    if entry.is_encrypted:
        raise Unprovable("encrypted", members=1)
    blocks = unpack(ForwardContent(content, effort, is_jumping=True), entry, content.size_bytes, effort)
    texts: dict[str, str] = {}
    for element in elements(blocks, effort, place=name, most_bytes=_MOST_XML):
        uri = element.attributes.get("Uri")
        texts.setdefault("/".join(element.path) + (f"@{uri}" if uri else ""), element.text)
    return texts


def _identity(origin: dict[str, str], metadata: dict[str, str], base: Identity) -> Identity:
    started, finished = (_instant(origin.get(_OPERATION + key)) for key in ("Start", "End"))
    has_data = origin.get("DacOrigin/PackageProperties/ContainsExportedData", "").lower() == "true"
    version = origin.get(_OPERATION + "ProductVersion")
    database = metadata.get("DacType/Name")
    return Identity(
        object=shown(database) if database else None,
        kind=CopyKind.FULL if has_data else CopyKind.PARTIAL,
        started_at=_utc(started),
        finished_at=_utc(finished or started),
        utc_offset_minutes=_offset(finished or started),
        made_by=f"DacFx {shown(version)}" if version else base.made_by,
        facts={**base.facts, "has_data": has_data, **_told(origin)},
    )


def _told(origin: dict[str, str]) -> dict[str, Fact]:
    said = {
        "server_version": origin.get("DacOrigin/Server/ServerVersion"),
        _MODEL_HASH: origin.get("DacOrigin/Checksums/Checksum@/model.xml", "").lower(),
    }
    facts: dict[str, Fact] = {key: shown(" ".join(text.split())) for key, text in said.items() if text}
    for key, element, unit in (("rows", "TableRowCountTotalTag", 1), ("database_bytes", "SourceDatabaseSize", 1024)):
        number = origin.get(f"DacOrigin/ExportStatistics/{element}", "")
        if number.isascii() and number.isdigit() and len(number) <= 15:
            facts[key] = int(number) * unit  # the size is told in KiB
    return facts


def _instant(text: str | None) -> datetime | None:
    """.NET's round trip format, seven digits of a second and an offset: "2026-11-22T02:00:05.1234567+03:30"."""
    if not text:
        return None
    whole, point, rest = text.strip().partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))] if point else ""
    try:
        return datetime.fromisoformat(whole + (f".{digits[:6]}" if digits else "") + rest[len(digits) :])
    except ValueError:
        return None


def _utc(moment: datetime | None) -> datetime | None:
    """In UTC; None without a zone, or for a moment that has none in UTC."""
    if moment is None or moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _offset(moment: datetime | None) -> int | None:
    offset = moment.utcoffset() if moment is not None else None
    return None if offset is None else round(offset.total_seconds() / 60)
