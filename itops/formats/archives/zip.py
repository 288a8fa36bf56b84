"""The format `zip`, zip64 included: a directory at the end, a header before each member, a CRC-32 for each content."""

from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.archives.crlf import explained
from itops.formats.archives.paths import shown
from itops.formats.archives.readers import ForwardContent, HoppingReader
from itops.formats.archives.zip_directory import (
    END,
    LOCAL,
    Directory,
    entries,
    find_directory,
    first_names,
    misplaced,
)
from itops.formats.archives.zip_members import Watched, check_contents, check_headers

_SPANNED = (b"PK\x07\x08" + LOCAL, b"PK00" + LOCAL)
_BACPAC_MEMBERS = {b"Origin.xml", b"model.xml"}


def begins_zip(thing: Thing) -> bool:
    """Whether a zip begins so; behind something put before it only when it is called .zip."""
    if thing.is_folder:
        return False
    if thing.head.startswith((LOCAL, END, *_SPANNED)):
        return True
    return thing.path.lower().endswith(".zip") and LOCAL in thing.head and _directory(thing.file) is not None


def holds_bacpac(thing: Thing) -> bool:
    """Whether a zip is a SQL Server data-tier package: by two of its members, or by its name if they cannot be seen."""
    if thing.path.lower().endswith(".bacpac"):
        return True
    directory = _directory(thing.file)
    return directory is not None and set(first_names(thing.file, directory)) >= _BACPAC_MEMBERS


def identify_zip(content: Content, effort: Effort) -> tuple[Directory, Identity]:
    """The directory and what it tells at once; raises Damaged with line endings explained."""
    try:
        directory = find_directory(content)
    except Damaged as damage:
        raise explained(damage, content) from damage
    facts: dict[str, Fact] = {"members": directory.members}
    if directory.comment:
        facts["comment"] = shown(directory.comment)
    if directory.is_zip64:
        facts["zip64"] = True
    one = replace(directory, members=min(directory.members, 1), size_bytes=directory.size_bytes)
    try:
        first = next(entries(content, one, effort), None)
    except Damaged:  # the walk will say it in its place
        first = None
    return directory, Identity(made_by=first.made_by if first else None, facts=facts)


def walk_zip(content: Content, effort: Effort, identity: Identity) -> Identity:
    """Every header against the directory; raises Damaged, line endings explained."""
    directory = find_directory(content)
    try:
        if (wrong := misplaced(directory, content)) is not None:
            raise wrong
        reader = HoppingReader(content, effort, end=directory.offset)
        counts = check_headers(reader, entries(content, directory, effort), directory)
    except Damaged as damage:
        raise explained(damage, content) from damage
    if counts.hostile:
        raise damaged("path-traversal", place=counts.first_hostile, members=counts.hostile)
    if not counts.members:
        raise damaged("nothing-inside")
    return replace(identity, facts={**identity.facts, **counts.facts(directory)})


def read_zip(content: Content, effort: Effort, watched: Watched) -> None:
    """Every member under its CRC; `watched` hear theirs."""
    listed = entries(content, find_directory(content), effort)
    try:
        check_contents(ForwardContent(content, effort), listed, content.size_bytes, effort, watched)
    except Damaged as damage:
        raise explained(damage, content) from damage


def _directory(content: Content) -> Directory | None:
    try:
        return find_directory(content)
    except (Damaged, Unprovable):
        return None


class Zip:
    """A zip of anything."""

    name: ClassVar[str] = "zip"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.INTACT
    suffixes: ClassVar[tuple[str, ...]] = (".zip",)

    def recognises(self, thing: Thing) -> bool:
        """By the first header, unless it is a bacpac."""
        return begins_zip(thing) and not holds_bacpac(thing)

    def set_of(self, thing: Thing) -> str | None:
        """Several disks of one zip are not put together here."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The end of the directory."""
        return identify_zip(thing.file, effort)[1]

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """The directory and every header."""
        return walk_zip(thing.file, effort, identity)

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every member; once through the file."""
        read_zip(thing.file, effort, {})
        return identity
