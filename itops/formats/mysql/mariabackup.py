"""Format `mariabackup`: a folder of mariabackup, mariadb-backup or xtrabackup, prepared or not.

The file of checkpoints is written last: without it the backup was killed. `mariabackup --prepare` returns 0 with the
file of a table missing; here that is compared with InnoDB's own list of tables.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from itops.backup.contents import Content, Thing
from itops.backup.copies import CopyKind, Fault, Identity
from itops.backup.formats import Damaged, Effort, Unprovable, damaged
from itops.backup.levels import Level
from itops.facts import Fact
from itops.formats.mysql.innodb import PageCounts, Space, check_pages, space_of
from itops.formats.mysql.innodb_dictionary import tables_with_files

_CHECKPOINTS = ("xtrabackup_checkpoints", "mariadb_backup_checkpoints")
_INFO = ("xtrabackup_info", "mariadb_backup_info")
_LOG = "ib_logfile0"
_OPTIONS = "backup-my.cnf"
_LINE = re.compile(r"^(\w{1,60}) ?= ?(.{0,400})$", re.MULTILINE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_SYSTEM_FILE = re.compile(r"(?:^|[=;])\s*(ibdata\d{1,4}):")
_TABLESPACE = re.compile(r".+\.(ibd|new)|undo\d{1,4}|undo_\d{1,4}(\.ibu)?|ibdata\d{1,4}")
_PACKED = (".qp", ".lz4", ".zst")
_MOST_FAULTS = 20
_LOG_BEGINS_AT = 12288
_PREPARED = ("full-prepared", "log-applied")
_FULL = ("full-backuped", *_PREPARED)


class Mariabackup:
    """A folder of `mariabackup --backup` or `xtrabackup --backup`."""

    name: ClassVar[str] = "mariabackup"
    is_folder: ClassVar[bool] = True
    highest: ClassVar[Level] = Level.INTACT  # asked for to have the pages read; what else there is stops it before
    suffixes: ClassVar[tuple[str, ...]] = ()

    def recognises(self, thing: Thing) -> bool:
        """By its checkpoints; a killed one by the name that it gives itself in its log."""
        if not thing.is_folder:
            return False
        checkpoints = _first(thing, _CHECKPOINTS)
        if checkpoints is not None and b"backup_type" in checkpoints.read_at(0, 256):
            return True
        log = thing.member(_LOG)
        return log is not None and log.read_at(16, 7) == b"Backup "

    def set_of(self, thing: Thing) -> str | None:
        """It has no stripes."""
        return None

    def identify(self, thing: Thing, effort: Effort) -> Identity:
        """From the file of information; what it calls start and end are local times of the server."""
        info, checkpoints = _lines(_first(thing, _INFO)), _lines(_first(thing, _CHECKPOINTS))
        facts: dict[str, Fact] = {}
        for key in ("server_version", "format", "compressed", "binlog_pos"):
            if info.get(key):
                facts[key] = info[key]
        facts |= {key: checkpoints[key] for key in ("backup_type", "from_lsn", "to_lsn") if key in checkpoints}
        for key, line in (("local_started_at", "start_time"), ("local_finished_at", "end_time")):
            if _MOMENT.fullmatch(info.get(line, "")):
                facts[key] = info[line].replace(" ", "T")
        tool, version = info.get("tool_name", "mariabackup"), info.get("tool_version", "")
        made_by = f"{tool} {version}".strip()
        return Identity(kind=_kind(info, checkpoints), made_by=made_by, facts=facts)

    def walk(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """It was finished; log and tablespaces are as long as they say; every table known to InnoDB has its file."""
        checkpoints = _lines(_first(thing, _CHECKPOINTS))
        if "backup_type" not in checkpoints:
            raise damaged("unfinished", _CHECKPOINTS[0])
        if _first(thing, _INFO) is None:
            raise damaged("member-missing", _INFO[0])
        if any(file.name.endswith(_PACKED) for file in thing.files):
            raise Unprovable("compressed")
        if any(file.name.endswith(".xbcrypt") for file in thing.files):
            raise Unprovable("encrypted")
        files = {file.name: file for file in thing.files}
        _check_log(files, checkpoints)
        if identity.kind is CopyKind.INCREMENTAL:
            _check_deltas(files)
            return replace(identity, facts={**identity.facts, "files": len(files)})
        spaces = _spaces(files, effort)
        _check_tables(files, spaces, effort)
        if unwritten := _unwritten(files, spaces):
            if effort.level >= Level.INTACT:
                _checked(files, spaces, effort)
            if checkpoints["backup_type"] in _PREPARED:
                raise damaged("all-zero", unwritten[0], members=len(unwritten))
            raise Unprovable("unwritten-tablespace", tablespaces=len(unwritten), first=unwritten[0])
        facts: dict[str, Fact] = {"files": len(files), "tablespaces": len(spaces)}
        return replace(identity, facts={**identity.facts, **facts})

    def read(self, thing: Thing, effort: Effort, identity: Identity) -> Identity:
        """Every InnoDB page under its checksum. The log, the files of Aria and MyISAM and the definitions of tables
        have none that is known here, and every backup has some of them: Unprovable at best, which tells how much.
        """
        if identity.kind is CopyKind.INCREMENTAL:
            raise Unprovable("no-checksums")
        files = {file.name: file for file in thing.files}
        spaces = _spaces(files, effort)
        counts = _checked(files, spaces, effort)
        if not counts.checked:
            raise Unprovable("old-checksums" if counts.unchecked else "no-checksums", pages=counts.unchecked)
        others = sum(file.size_bytes for name, file in files.items() if name not in spaces)
        facts: dict[str, Fact] = {
            "unchecked_bytes": others + counts.unchecked_bytes,
            "pages": counts.checked,
            "zero_pages": counts.zero,
            "unchecked_pages": counts.unchecked,
        }
        raise Unprovable("partly-checked", **facts)


def _first(thing: Thing, names: tuple[str, ...]) -> Content | None:
    return next((found for name in names if (found := thing.member(name)) is not None), None)


def _lines(content: Content | None) -> dict[str, str]:
    """The lines `key = value` of a small file."""
    text = b"" if content is None else content.read_at(0, 16384)
    return {key: value.strip() for key, value in _LINE.findall(text.decode("utf-8", "replace"))}


def _kind(info: Mapping[str, str], checkpoints: Mapping[str, str]) -> CopyKind:
    if info.get("incremental") == "Y" or checkpoints.get("backup_type") == "incremental":
        return CopyKind.INCREMENTAL
    if info.get("partial") == "Y":
        return CopyKind.PARTIAL
    return CopyKind.FULL if checkpoints.get("backup_type") in _FULL else CopyKind.UNKNOWN


def _check_log(files: Mapping[str, Content], checkpoints: Mapping[str, str]) -> None:
    """The redo log is there; since MariaDB 10.8 its header tells where it begins, and so how long it must be."""
    log = files.get(_LOG) or files.get("xtrabackup_logfile")
    if log is None:
        if checkpoints.get("backup_type") in _PREPARED:
            return
        raise damaged("member-missing", _LOG)
    header = log.read_at(0, 512)
    last = checkpoints.get("last_lsn", "")
    if header[:4] == b"Phys" and last.isascii() and last.isdigit():
        expected = _LOG_BEGINS_AT + int(last) - int.from_bytes(header[8:16], "big")
        if log.size_bytes < expected:
            raise damaged("cut", log.name, missing_bytes=expected - log.size_bytes)
    elif not any(header):
        raise damaged("all-zero" if header else "empty", log.name)


def _check_deltas(files: Mapping[str, Content]) -> None:
    """Each file of changes has its description beside it."""
    for name in files:
        if name.endswith(".delta") and name.removesuffix(".delta") + ".meta" not in files:
            raise damaged("member-missing", name.removesuffix(".delta") + ".meta")


def _spaces(files: Mapping[str, Content], effort: Effort) -> dict[str, Space]:
    """Every tablespace that was written, none shorter than it says. That of the system may go on in further files."""
    spaces: dict[str, Space] = {}
    system: Space | None = None
    wanted = _SYSTEM_FILE.findall(_lines(files.get(_OPTIONS)).get("innodb_data_file_path", "ibdata1:"))
    if missing := [name for name in wanted or ["ibdata1"] if name not in files]:
        raise damaged("member-missing", missing[0], missing_members=len(missing))
    for name in sorted(files):
        if not _TABLESPACE.fullmatch(name):
            continue
        effort.tick()
        content = files[name]
        if system is not None and name.startswith("ibdata"):
            space = system
        else:
            if (found := space_of(content, effort)) is None:
                continue
            space = found
            _check_length(content, space, is_alone=len(wanted) <= 1 or not name.startswith("ibdata"))
        system = space if name == "ibdata1" else system
        spaces[name] = space
    return spaces


def _check_length(content: Content, space: Space, *, is_alone: bool) -> None:
    missing = space.pages * space.page_bytes - content.size_bytes if is_alone else 0
    odd = content.size_bytes % space.page_bytes
    if missing > 0 or odd:
        raise damaged("cut", content.name, missing_bytes=max(missing, space.page_bytes - odd if odd else 0))


def _check_tables(files: Mapping[str, Content], spaces: Mapping[str, Space], effort: Effort) -> None:
    """A table that both InnoDB and its definition know, and that has a file of its own, needs that file."""
    if "ibdata1" not in spaces:
        return
    missing = []
    for table in tables_with_files(files["ibdata1"], spaces["ibdata1"], effort):
        definition = table.partition("#P#")[0].partition("#p#")[0] + ".frm"
        if definition in files and f"{table}.ibd" not in files and f"{table}.new" not in files:
            missing.append(f"{table}.ibd")
    if missing:
        raise damaged("member-missing", missing[0], missing_members=len(missing))


def _unwritten(files: Mapping[str, Content], spaces: Mapping[str, Space]) -> list[str]:
    """Tablespaces made so shortly before that no page of them was written: prepare makes them from the log."""
    return [name for name in files if _TABLESPACE.fullmatch(name) and name not in spaces]


def _checked(files: Mapping[str, Content], spaces: Mapping[str, Space], effort: Effort) -> PageCounts:
    """Check every page of every tablespace. Raises Damaged("page-checksum")."""
    counts = PageCounts()
    system_pages = 0
    for name, space in spaces.items():
        first = system_pages if name.startswith("ibdata") else 0
        check_pages(files[name], space, first, counts, effort)
        if name.startswith("ibdata"):
            system_pages += files[name].size_bytes // space.page_bytes
    if counts.wrong:
        raise Damaged(*_page_faults(counts))
    return counts


def _page_faults(counts: PageCounts) -> list[Fault]:
    return [
        Fault(code="page-checksum", place=name, facts={"pages": len(pages), "first_page": pages[0]})
        for name, pages in list(counts.wrong.items())[:_MOST_FAULTS]
    ]
