"""The archive of `mongodump --archive`: every document's frame, and every collection under its CRC-64."""

from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.crc64 import crc64
from itops.formats.mongodb_archive import MAGIC, ArchiveWalk, Walked

_OWN = {"", "admin", "config", "local"}  # the oplog stands under ""
_MOST_SHOWN = 20


class MongodbArchive:
    """A lone archive; one made with --gzip is a gzip first."""

    name: ClassVar[str] = "mongodb-archive"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".archive",)

    def recognises(self, thing: Thing) -> bool:
        """By its magic."""
        return not thing.is_folder and len(thing.files) == 1 and thing.head.startswith(MAGIC)

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The versions, and which databases and collections it promises."""
        return _identity(ArchiveWalk(thing.file.chunks(), effort).prelude())

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Document by document; every collection that was promised or begun says its end."""
        walked = ArchiveWalk(thing.file.chunks(), effort).run()
        _all_ended(walked)
        return _counted(identity, walked)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The CRC of every collection. Its options and indexes stand before all data, where no CRC covers them."""
        walked = ArchiveWalk(thing.file.chunks(), effort, crc64).run()
        if walked.unsummed:
            raise Unprovable("no-checksums", collections=walked.unsummed)
        facts = {"unchecked_bytes": walked.prelude_bytes, "checked_collections": len(walked.collections)}
        raise Unprovable("partly-checked", **facts)


def _identity(walked: Walked) -> Identity:
    databases = sorted({database for database, _ in walked.promised} - _OWN)
    header = walked.header
    facts: dict[str, Fact] = {
        "databases": ", ".join(databases[:_MOST_SHOWN]),
        "collections": len(walked.promised),
        "server_version": header.get("server_version"),
        "has_oplog": ("", "oplog") in walked.promised,
    }
    tool = header.get("tool_version")
    return Identity(
        object=databases[0] if len(databases) == 1 else None,
        kind=CopyKind.FULL,
        made_by=f"mongodump {tool}" if tool else "mongodump",
        facts=facts,
    )


def _all_ended(walked: Walked) -> None:
    begun = [name for name, collection in walked.collections.items() if not collection.is_ended]
    missing = [name for name, is_view in walked.promised.items() if not is_view and not _has_data(walked, name)]
    unended = begun + [name for name in missing if name not in begun]
    if unended:
        facts: dict[str, Fact] = {"expected": len(walked.promised), "missing": len(unended)}
        raise damaged("unfinished", ".".join(unended[0]), **facts)


def _has_data(walked: Walked, name: tuple[str, str]) -> bool:
    """A time series keeps its data under another name."""
    database, collection = name
    return name in walked.collections or (database, f"system.buckets.{collection}") in walked.collections


def _counted(identity: Identity, walked: Walked) -> Identity:
    counts = {
        "documents": sum(collection.documents for collection in walked.collections.values()),
        "document_bytes": sum(collection.bytes for collection in walked.collections.values()),
    }
    return replace(identity, facts={**identity.facts, **counts})
