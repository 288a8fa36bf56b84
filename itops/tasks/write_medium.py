"""Record what was written onto a medium: hash every file, bring it together with the ledger, leave the list on it."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from itops import __version__
from itops.backup.custody.deposits import DemandedSlot, Holdings, only_on
from itops.backup.custody.manifests import ID_FILE, MANIFEST_FILE, manifest_hash, manifest_text
from itops.backup.custody.records import Row, Written
from itops.errors import InputInvalid
from itops.tasks.custody_refusals import refused
from itops.tasks.examine_things import Examiner
from itops.tasks.keep_custody import Custodian, Kept, recognise, state_of
from itops.tasks.medium_matching import Knowledge, OnFile, manifest_of
from itops.tasks.mounted_medium import MediumNote, Mounted, note_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What was recorded, and what follows from it."""

    kept: Kept
    written: Written
    lost: tuple[DemandedSlot, ...]  # slots that were on this medium alone and are on none now
    problem: str | None = None  # why the list could not be left on the medium


def write_medium(
    custodian: Custodian,
    entry: Written,
    mounted: Mounted,
    knowledge: Knowledge,
    examiner: Examiner,
    on_file: OnFile = lambda name, size: None,
) -> Writing:
    """Read every file of the mounted medium and write down what is on it, as `entry` with all that was found.

    Everything that speaks against it is said before the hours of reading. Raises UsageWrong, InputInvalid for another
    disk or an empty one, SourceUnavailable when it cannot be read.
    """
    register = custodian.register()
    state = state_of(register, entry.medium)
    entry = replace(
        entry,
        device_serial=mounted.device_serial,
        file_system_uuid=mounted.file_system_uuid,
        tool_version=__version__,
    )
    custodian.check(register, entry)
    if not entry.is_reformatted and (objection := recognise(state, mounted)):
        raise refused(objection)
    files, is_dropped = manifest_of(mounted.folder, knowledge, examiner, on_file)
    if not files:
        raise InputInvalid(f"there is nothing on {mounted.folder}", remedy="check that the disk is mounted, then copy")
    entry = replace(
        entry,
        files=files,
        manifest_hash=manifest_hash(files),
        free_bytes=mounted.free_bytes,
        is_cache_dropped=is_dropped,
    )
    before = only_on(register, knowledge.plan, knowledge.calendar, custodian.now, entry.medium, knowledge.databases)
    kept = custodian.record(entry)
    holdings = Holdings(kept.register)
    lost = tuple(one for one in before if not any(holdings.of(one)))
    return Writing(kept=kept, written=entry, lost=lost, problem=_leave(mounted.folder, entry, kept.row))


def _leave(folder: Path, entry: Written, row: Row) -> str | None:
    """Put the list of hashes and the note onto the medium; why that could not be, None when it could."""
    note = MediumNote(medium=entry.medium, manifest_hash=entry.manifest_hash, row=row.number, row_hash=row.hash)
    try:
        _replace(folder / MANIFEST_FILE, manifest_text(entry.files))
        _replace(folder / ID_FILE, note_text(note))
    except OSError as failure:
        return f"{failure.strerror or failure}"
    return None


def _replace(path: Path, text: str) -> None:
    """Whole or not at all; never through a link that somebody left there."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
