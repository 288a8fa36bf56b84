"""Read a medium back: every file against its manifest, and what that proves of the copies in the ledger."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from itops.backup.contents import Content
from itops.backup.custody.records import BadFile, ManifestFile, MediumRead, Written
from itops.backup.custody.register import Register
from itops.backup.judgement.proven import faults_of, proofs_of
from itops.backup.ledger import KnownCopy, LedgerWriter
from itops.backup.levels import Level
from itops.backup.proofs import TEST_READ, Proof
from itops.tasks.custody_refusals import refused
from itops.tasks.keep_custody import Custodian, Kept, recognise, state_of
from itops.tasks.medium_content import contents_of, hash_from_medium
from itops.tasks.medium_matching import OnFile, copies_by_hash
from itops.tasks.mounted_medium import MediumNote, Mounted

_MOST_NAMED = 20
"""Files on a medium that no manifest knows are counted; so many are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a test read found."""

    kept: Kept
    read: MediumRead
    proven: tuple[KnownCopy, ...]  # copies of the ledger that were proven readable elsewhere
    rescues: tuple[KnownCopy, ...]  # damaged in their repository, and sound on this medium


def read_medium(
    custodian: Custodian,
    entry: MediumRead,
    mounted: Mounted,
    copies: Sequence[KnownCopy],
    ledger: LedgerWriter,
    on_file: OnFile = lambda name, size: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Reading:
    """Read every file of the manifest from the mounted medium, write down what was found, and keep the proofs.

    Raises UsageWrong, InputInvalid for another disk, SourceUnavailable when a folder of it cannot be listed.
    """
    register = custodian.register()
    state = state_of(register, entry.medium)
    entry = replace(
        entry,
        place=state.place,
        device_serial=mounted.device_serial,
        file_system_uuid=mounted.file_system_uuid,
    )
    custodian.check(register, entry)
    if objection := recognise(state, mounted):
        raise refused(objection)
    assert state.written is not None, "objection_to has refused a medium that was never written"
    started = monotonic()
    there = contents_of(mounted.folder)
    results = list(_results(state.written.files, there, on_file))
    bad = tuple(BadFile(file.name, outcome) for file, outcome, _ in results if outcome)
    unlisted = sorted(there.keys() - {file.name for file in state.written.files})
    entry = replace(
        entry,
        manifest_hash=state.written.manifest_hash,
        files=len(results),
        read_bytes=sum(file.size_bytes for file, outcome, _ in results if outcome in {"", "differs"}),
        seconds=round(monotonic() - started, 3),
        bad=bad,
        unlisted=tuple(unlisted[:_MOST_NAMED]),
        unlisted_count=len(unlisted),
        doubts=tuple(_doubts(register, state.written, mounted.note)),
        is_cache_dropped=bool(results) and all(is_dropped for _, _, is_dropped in results),
    )
    kept = custodian.record(entry)
    good = {file.sha256 for file, outcome, _ in results if not outcome}
    proven, rescues = _prove(copies, good, entry, kept.row.number, ledger)
    return Reading(kept=kept, read=entry, proven=proven, rescues=rescues)


def _results(
    files: Sequence[ManifestFile], there: Mapping[str, Content], on_file: OnFile
) -> Iterator[tuple[ManifestFile, str, bool]]:
    """Each file, what is wrong with it ("" for nothing), and whether its bytes came from the medium itself."""
    for file in files:
        content = there.get(file.name)
        if content is None:
            yield file, "missing", True
            continue
        try:
            sha256, is_dropped = hash_from_medium(content)
        except OSError:
            yield file, "unreadable", True  # recorded for this file; the others are read on
            continue
        on_file(file.name, content.size_bytes)
        outcome = (
            "" if sha256 == file.sha256 else "differs" if content.size_bytes == file.size_bytes else "size-differs"
        )
        yield file, outcome, is_dropped


def _doubts(register: Register, written: Written, note: MediumNote | None) -> Iterator[str]:
    """What the medium itself remembers, beside the register: rows cut off its end are noticed only here."""
    if note is None:
        return
    is_there = 0 < note.row <= len(register.rows)
    if note.row and not (is_there and register.rows[note.row - 1].hash == note.row_hash):
        yield "register-behind"
    if note.manifest_hash and note.manifest_hash != written.manifest_hash:
        yield "manifest-differs"


def _prove(
    copies: Sequence[KnownCopy], good: set[str], entry: MediumRead, row: int, ledger: LedgerWriter
) -> tuple[tuple[KnownCopy, ...], tuple[KnownCopy, ...]]:
    """A proof for each sound copy with the same content; a damaged one is only told of: there is a sound one here."""
    proven: list[KnownCopy] = []
    rescues: list[KnownCopy] = []
    for sha256, held in copies_by_hash(copies).items():
        for known in held if sha256 in good else ():
            if faults_of(known, proofs_of(known)):
                rescues.append(known)
                continue
            ledger.record_proof(_proof(known, sha256, entry, row))
            proven.append(known)
    return tuple(proven), tuple(rescues)


def _proof(known: KnownCopy, sha256: str, entry: MediumRead, row: int) -> Proof:
    """That this content was read back from a medium.

    `attempted` is no more than seen, for nothing in the repository itself was read: so this neither stands in for the
    next reading there nor clears a fault that was found there.
    """
    examination = replace(
        proofs_of(known)[-1].examination,
        attempted=Level.SEEN,
        level=Level.READABLE_ELSEWHERE,
        faults=(),
        limits=(),
        sha256=sha256,
        tool=TEST_READ,
        tool_version="",
        evidence={"medium": entry.medium, "row": row, "machine": entry.machine},
    )
    copy = known.copy
    return Proof(
        repository=copy.repository,
        key=copy.key,
        fingerprint=copy.fingerprint,
        proved_at=entry.at,
        duration_seconds=entry.seconds,
        examination=examination,
    )
