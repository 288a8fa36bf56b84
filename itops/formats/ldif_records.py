"""The records of an LDIF: entries, changes, and what `ldapsearch` writes around them. Source: RFC 2849."""

import binascii
import re
from dataclasses import dataclass, field

from itops.backup.formats import Damaged, damaged
from itops.facts import Fact
from itops.formats.ldif_lines import MOST_LINE, Lines

_MOST_CONTEXTS = 64
_SHOWN_CONTEXTS = 10
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:;[\w.=*-]+)*")
_MOST_NAMES = 10_000  # remembered as sound; a schema has some thousands
_NOT_ENTRIES = {"search", "result", "ref", "version", "matcheddn", "text", "control"}
_STAMPS = {"modifytimestamp", "createtimestamp", "whenchanged", "whencreated", "entrycsn"}
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_MEANING = {"dn", "result", "changetype", *_STAMPS}  # the rest is counted, not looked into
_PRODUCTS = {"entrycsn": "openldap", "objectguid": "active-directory", "nsuniqueid": "389-directory"}


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted."""

    entries: int = 0
    changes: int = 0
    base64_values: int = 0
    contexts: list[str] = field(default_factory=list)  # entries whose parent is not in the export
    newest: str = ""
    directory: str | None = None
    promised: int | None = None  # "# numEntries", as ldapsearch writes

    @property
    def facts(self) -> dict[str, Fact]:
        """As an identity shows them."""
        told: dict[str, Fact] = {
            "entries": self.entries,
            "changes": self.changes or None,
            "base64_values": self.base64_values,
            "naming_contexts": "; ".join(self.contexts[:_SHOWN_CONTEXTS]),
            "newest_change_at": _iso(self.newest),
            "directory": self.directory,
        }
        return {name: value for name, value in told.items() if value is not None}


class Records:
    """One reading of one file."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self.tally = Tally()
        self._folded: list[str] = []  # the attribute line being put together
        self._roots: tuple[str, ...] = ()  # of the naming contexts: ",dc=office,dc=example"
        self._length = 0
        self._bases: dict[str, str] = {}  # of names already found sound
        self._at = 0  # its line number
        self._names: set[str] = set()  # the attributes of the open record that change its meaning
        self._is_open = False

    def run(self) -> Tally:
        """To the last line; raises Damaged."""
        for line in self._lines:
            if line.startswith(" ") and self._folded:
                self._fold(line[1:])
                continue
            self._attribute()
            if not line:
                self._close()
            else:
                self._folded, self._length, self._at = [line], len(line), self._lines.number
        if not self._lines.ends_whole:
            raise self._unfinished()
        self._attribute()
        self._ending()
        return self.tally

    def _fold(self, more: str) -> None:
        self._length += len(more)
        if self._length > MOST_LINE:
            raise damaged("structure-damaged", f"line {self._at}", length=self._length)
        self._folded.append(more)

    def _ending(self) -> None:
        """Every entry, the last too, is followed by an empty line; what ldapsearch appends is not."""
        if self._is_open and "result" not in self._names:
            raise self._unfinished()
        promised = self.tally.promised
        if promised is not None and promised != self.tally.entries:
            raise damaged("entries-missing", expected=promised, present=self.tally.entries)
        if not self.tally.entries:
            raise damaged("nothing-inside")

    def _close(self) -> None:
        self._is_open = False
        self._names.clear()

    def _attribute(self) -> None:
        """Judge the line put together so far."""
        if not self._folded:
            return
        line = self._folded[0] if len(self._folded) == 1 else "".join(self._folded)
        self._folded = []
        if line.startswith("#"):
            if found := re.fullmatch(r"# numEntries: (\d{1,12})\s*", line, re.ASCII):
                self.tally.promised = int(found[1])
            return
        if line == "-" and "changetype" in self._names:
            return
        name, _, value = line.partition(":")
        base = self._bases.get(name) or self._base(name)
        if len(name) == len(line):
            raise self._wrong()
        if value.startswith(":"):
            value = self._decoded(value[1:])
        if base in _MEANING or not self._is_open:
            self._note(base, value.lstrip(" "))

    def _base(self, name: str) -> str:
        """An attribute's name without its options; raises Damaged for what cannot be one."""
        if _NAME.fullmatch(name) is None:
            raise self._wrong()
        base = name.partition(";")[0].lower()
        if len(self._bases) < _MOST_NAMES:
            self._bases[name] = base
        if self.tally.directory is None:
            self.tally.directory = _PRODUCTS.get(base)
        return base

    def _unfinished(self) -> Damaged:
        return damaged("unfinished", f"line {self._lines.number}", entries=self.tally.entries)

    def _wrong(self) -> Damaged:
        return damaged("structure-damaged", f"line {self._at}")

    def _decoded(self, value: str) -> str:
        self.tally.base64_values += 1
        try:
            raw = binascii.a2b_base64(value.strip().encode("ascii"), strict_mode=True) if value.strip() else b""
        except (binascii.Error, UnicodeEncodeError) as error:
            raise self._wrong() from error
        return raw.decode("utf-8", "replace")

    def _note(self, name: str, value: str) -> None:
        if not self._is_open:
            self._open(name, value)
        elif name == "dn":
            raise self._wrong()  # the empty line between two entries is gone
        if name == "result" and not value.startswith("0 ") and value != "0" and not self._is_entry:
            raise damaged("export-failed", f"line {self._at}", result=value[:200])
        if name in {"result", "changetype", "dn"}:
            self._names.add(name)
        if name == "changetype" and value.strip().lower() != "add":
            self.tally.changes += 1
        if name in _STAMPS and (stamp := _STAMP.match(value)):
            self.tally.newest = max(self.tally.newest, stamp[0])

    @property
    def _is_entry(self) -> bool:
        return "dn" in self._names

    def _open(self, name: str, value: str) -> None:
        self._is_open = True
        if name == "dn":
            self.tally.entries += 1
            self._context(value.strip())
        elif name not in _NOT_ENTRIES:
            raise self._wrong()
        elif name == "version":
            self._is_open = False  # the first entry may follow at once

    def _context(self, name: str) -> None:
        """Keep the names of entries whose parent is not in the export."""
        if len(self.tally.contexts) >= _MOST_CONTEXTS or name.lower().endswith(self._roots):
            return
        plain = f",{_plain(name)}"
        if not plain.endswith(self._roots) or not self._roots:
            self.tally.contexts.append(name)
            self._roots += (plain,) if name else ()


def _plain(name: str) -> str:
    return re.sub(r"\s*([,=])\s*", r"\1", name).lower()


def _iso(stamp: str) -> str | None:
    parts = _STAMP.match(stamp)
    return "{}-{}-{}T{}:{}:{}+00:00".format(*parts.groups()) if parts else None
