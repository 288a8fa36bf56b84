"""Windows Server Backup: the catalogue, the specification and the disks of the newest backup in WindowsImageBackup.

Its disks hold whole volumes as VHDX; older versions lie in shadow copies inside the target and cannot be seen here.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.disks.any_disk import disks_of, examine_disks
from itops.formats.hardened_xml import elements

_DATED = re.compile(r"(?:(?P<above>.*)/)?Backup (?P<date>\d{4}-\d\d-\d\d \d{6})/(?P<file>[^/]+)", re.IGNORECASE)
_HOST = re.compile(r"(?:.*/)?([^/]+)/(?:Catalog|Backup \d{4}-\d\d-\d\d \d{6})/[^/]+", re.IGNORECASE)
_CATALOGUES = ("GlobalCatalog", "BackupGlobalCatalog")
_MOST_HOSTS = 64


class WindowsImageBackup:
    """The folder WindowsImageBackup, the one above it, or the one of a computer inside it."""

    name: ClassVar[str] = "windows-image-backup"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.COMPLETE
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """A folder `Backup 2026-11-21 203000`, and a disk or its specification in it."""
        return thing.is_folder and any(
            match["file"].lower().endswith((".vhdx", ".vhd", "backupspecs.xml"))
            for file in thing.files
            if (match := _DATED.fullmatch(file.name))
        )

    def set_of(self, thing: Thing) -> str | None:
        """No stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """The computer, and the moment the newest backup began: its folder is named in UTC."""
        hosts = _hosts(thing)
        newest = max(_dates(thing))
        host = hosts[0] if len(hosts) == 1 else None
        facts: dict[str, Fact] = {
            "computers": len(hosts),
            "backups": len(_dates(thing)),
            "disks": len(_newest_disks(thing, newest)),
        }
        return Identity(
            object=host,
            server=host,
            kind=CopyKind.FULL,
            started_at=_moment(newest),
            made_by="Windows Server Backup",
            facts=facts,
        )

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Both catalogues, a specification and disks; every XML is whole, and so is every disk."""
        faults = [*_missing(thing), *_broken_xml(thing, effort)]
        disks = examine_disks(disks_of(thing), effort, walk=True)
        disks.raise_any(*faults)
        facts: dict[str, Fact] = {"virtual_size_bytes": disks.virtual_size_bytes}
        return replace(identity, facts={**identity.facts, **facts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Never reached."""
        raise Unprovable("no-checksums")


def _dates(thing: Thing) -> set[str]:
    return {match["date"] for file in thing.files if (match := _DATED.fullmatch(file.name))}


def _moment(date: str) -> datetime:
    try:
        return datetime.strptime(date, "%Y-%m-%d %H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise damaged("structure-damaged", f"Backup {date}") from error


def _hosts(thing: Thing) -> list[str]:
    """The computers: the folder above the dated one; when that is the thing itself, its own name."""
    found = {match[1] for file in thing.files if (match := _HOST.fullmatch(file.name))}
    if not found:
        found = {thing.path.replace("\\", "/").rstrip("/").rpartition("/")[2]}
    return sorted(found)[:_MOST_HOSTS]


def _newest_disks(thing: Thing, newest: str) -> list[Content]:
    return [file for file in disks_of(thing) if (match := _DATED.fullmatch(file.name)) and match["date"] == newest]


def _missing(thing: Thing) -> list[Fault]:
    """What every backup has: two catalogues beside it, and in it a specification and a disk."""
    sizes = {file.name.casefold(): file.size_bytes for file in thing.files}
    above = {match["above"] or "" for file in thing.files if (match := _DATED.fullmatch(file.name))}
    names = [f"{host}/Catalog/{name}".lstrip("/") for host in sorted(above) for name in _CATALOGUES]
    faults = [Fault(code="member-missing", place=name) for name in names if name.casefold() not in sizes]
    faults += [Fault(code="empty", place=name) for name in names if sizes.get(name.casefold()) == 0]
    newest = max(_dates(thing))
    inside = [match["file"].lower() for file in thing.files if (match := _in(file, newest))]
    if "backupspecs.xml" not in inside:
        faults.append(Fault(code="member-missing", place=f"Backup {newest}/BackupSpecs.xml"))
    if not any(name.endswith((".vhdx", ".vhd")) for name in inside):
        faults.append(Fault(code="member-missing", place=f"Backup {newest}/*.vhdx"))
    return faults


def _in(file: Content, date: str) -> re.Match[str] | None:
    match = _DATED.fullmatch(file.name)
    return match if match and match["date"] == date else None


def _broken_xml(thing: Thing, effort: Effort) -> list[Fault]:
    faults: list[Fault] = []
    for file in thing.files:
        if not file.name.lower().endswith(".xml") or not _DATED.fullmatch(file.name):
            continue
        if file.size_bytes == 0:
            faults.append(Fault(code="empty", place=file.name))
            continue
        try:
            for _ in elements(file.chunks(), effort, place=file.name):
                pass
        except Damaged as damage:
            faults += damage.faults
    return faults
