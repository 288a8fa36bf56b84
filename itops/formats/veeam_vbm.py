"""What a .vbm of Veeam says: the job, its machines, its restore points and the files they need.

Two layouts are read. The newer has `Backup`, `Points` and `Storages` as elements of `BackupMeta`; the older keeps a
whole document as the text of one element. Veeam publishes neither: read leniently, by names of elements and attributes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, Unprovable, damaged
from itops.formats.exact import exactly
from itops.formats.hardened_xml import Element, elements

_MOST_BYTES = 512 * MIB
_MOST_INNER = 128 * MIB  # characters
_MOST_NAMED = 1_000_000
_NO_KEY = re.compile(r"[0{}-]*")
_SIZE = re.compile(r"<BackupSize>(\d{1,18})</BackupSize>", re.ASCII)
_PATHS = ("FileName", "FilePath", "PartialPath", "Path")
_DATES = ("%m/%d/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A .vbk, .vib or .vrb."""

    file: str  # without its folder: the repository may have moved
    size_bytes: int | None  # as Veeam counted it when the session ended
    is_encrypted: bool
    created_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Vbm:
    """One .vbm, or several of one folder together."""

    jobs: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    storages: list[Storage] = field(default_factory=list)
    points: int = 0
    newest: datetime | None = None
    version: str | None = None


def read_vbm(content: Content, effort: Effort) -> Vbm:
    """Raises Damaged for a broken one, Unprovable("encrypted") where nothing of it can be read."""
    if content.size_bytes == 0:
        raise damaged("empty", content.name)
    head = exactly(content, 0, min(content.size_bytes, 4096), content.name)
    if not head.strip(b"\0"):
        raise damaged("all-zero", content.name)
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \r\n\t\0").startswith(b"<"):
        raise Unprovable("encrypted", files=1)
    reading = _Reading()
    for element in elements(
        content.chunks(), effort, place=content.name, most_bytes=_MOST_BYTES, most_text=_MOST_INNER
    ):
        reading.note(element)
        if element.text.startswith("<") and len(element.path) < 8:
            _inner(reading, element.text, effort, content.name)
    if reading.root != "BackupMeta":
        raise damaged("not-its-format", content.name, promised="vbm")
    if not reading.vbm.storages:
        raise Unprovable("encrypted", files=1)
    return reading.vbm


def _inner(reading: "_Reading", text: str, effort: Effort, place: str) -> None:
    data = text.encode("utf-8", "replace")
    if data.startswith(b"<?xml"):  # its declaration names the encoding it once had
        data = data.partition(b"?>")[2]
    for element in elements((data,), effort, place=place, most_bytes=4 * _MOST_INNER):
        reading.note(element)


class _Reading:
    def __init__(self) -> None:
        self.vbm = Vbm()
        self.root = ""
        self._size: int | None = None  # BackupSize ends before its Storage does

    def note(self, element: Element) -> None:
        """One element of either layout."""
        vbm, attributes = self.vbm, element.attributes
        name = element.path[-1]
        if name == "BackupMeta":
            self.root = name
            vbm.version = attributes.get("Version")
        if job := attributes.get("JobName"):
            _add(vbm.jobs, job)
        if name == "BackupSize":
            self._size = int(element.text) if re.fullmatch(r"\d{1,18}", element.text, re.ASCII) else None
        elif name == "Storage":
            self._storage(attributes)
        elif name in {"Point", "Pnt"}:
            vbm.points += name == "Point"
            self._newest(attributes.get("CreationTimeUtc"))
        elif name in {"Object", "Vm", "OIB", "Oib"}:
            _add(vbm.machines, attributes.get("DisplayName") or attributes.get("VmName") or attributes.get("Name"))

    def _storage(self, attributes: Mapping[str, str]) -> None:
        path = next((attributes[name] for name in _PATHS if attributes.get(name)), None)
        stats = _SIZE.search(attributes.get("Stats", ""))
        size, self._size = (int(stats[1]) if stats else self._size), None
        if path is None:
            return
        if len(self.vbm.storages) >= _MOST_NAMED:
            raise Unprovable("too-many-members", most=_MOST_NAMED)
        created = attributes.get("CreationTimeUtc")
        self._newest(created)
        self.vbm.storages.append(
            Storage(
                file=re.split(r"[\\/]", path)[-1],
                size_bytes=size,
                is_encrypted=not _NO_KEY.fullmatch(attributes.get("StorageCryptoKeyIdTag", "")),
                created_at=_moment(created),
            )
        )

    def _newest(self, text: str | None) -> None:
        moment = _moment(text)
        if moment and (self.vbm.newest is None or moment > self.vbm.newest):
            self.vbm.newest = moment


def _add(names: list[str], name: str | None) -> None:
    if name and len(names) < 10_000 and name not in names:
        names.append(name)


def _moment(text: str | None) -> datetime | None:
    """Of an attribute that ends in Utc; None for a notation never seen."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.strip().rstrip("Z")).replace(tzinfo=UTC)
    except ValueError:
        pass
    for notation in _DATES:
        try:
            return datetime.strptime(text.strip().split(".0")[0], notation).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None
