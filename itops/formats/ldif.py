"""LDIF, the export of a directory (slapcat, ldifde, ldapsearch): every line read, every entry counted.

It has no checksum and no footer: an export that lost whole entries at its end is found only by its count of entries.
"""

import re
from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Thing
from itops.backup.copies import CopyKind, Identity
from itops.backup.formats import Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.ldif_lines import Lines, encoding_of
from itops.formats.ldif_records import Records

_START_BYTES = 1 << 16
_FIRST_NAME = re.compile(r"^dn:(:?)[ ]*(.*(?:\r?\n .*)*)", re.MULTILINE | re.IGNORECASE)


class Ldif:
    """A lone .ldif or .ldf."""

    name: ClassVar[str] = "ldif"
    is_folder: ClassVar[bool] = False
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = (".ldif", ".ldf")

    def recognises(self, thing: Thing) -> bool:
        """Its first line that is no comment starts an entry, or tells version 1 before one."""
        if thing.is_folder or len(thing.files) != 1:
            return False
        lines = [line.strip().lower() for line in _start(thing.head).split("\n")]
        told = [line for line in lines if line and not line.startswith("#")]
        if told and re.fullmatch(r"version:\s*1", told[0]):
            del told[0]
        return bool(told) and told[0].startswith("dn:")

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The name of the first entry: the naming context of a whole export."""
        found = _FIRST_NAME.search(_start(thing.file.read_at(0, _START_BYTES)))
        if found is None:
            raise damaged("header-damaged", "first entry")
        name = None if found[1] else re.sub(r"\r?\n ", "", found[2]).strip()
        return Identity(object=name or None, kind=CopyKind.FULL)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every line, to the empty one after the last entry."""
        lines = Lines(thing.file.chunks(), effort)
        tally = Records(lines).run()
        facts: dict[str, Fact] = {"lines": lines.number, "encoding": lines.encoding, "line_ending": _line_ending(lines)}
        top = tally.contexts[0] if tally.contexts and tally.contexts[0] else identity.object
        kind = CopyKind.INCREMENTAL if tally.changes else CopyKind.FULL
        return replace(identity, object=top, kind=kind, facts={**tally.facts, **facts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _start(head: bytes) -> str:
    encoding, mark = encoding_of(head)
    return head[mark:].decode(encoding, "replace")


def _line_ending(lines: Lines) -> str:
    if not lines.with_return:
        return "LF"
    return "CRLF" if lines.with_return == lines.number else "mixed"
