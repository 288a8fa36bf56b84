"""Which copy of the ledger each file on a medium is, and which slots it fills off-site."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from itops.backup.copies import Identity
from itops.backup.custody.records import ManifestFile
from itops.backup.judgement.moments import reference_of, times_of
from itops.backup.judgement.proven import faults_of, header_of, level_of, proofs_of
from itops.backup.ledger import KnownCopy, RecordedVerdict
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, Job, Protected, Tier, TierPolicy
from itops.backup.slots import Calendar, SlotState, slots_between
from itops.repositories.paths import shown_path
from itops.tasks.examine_things import Examiner
from itops.tasks.inspect_paths import Inspected, inspect_paths
from itops.tasks.medium_content import contents_of, hash_from_medium, unreadable

OnFile: TypeAlias = Callable[[str, int], None]
"""Told of each file as it was read: its name, its size in bytes."""
_INSTANT = timedelta(microseconds=1)
_MADE = frozenset({SlotState.OK, SlotState.OK_LATE, SlotState.WEAK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person says of the files that nothing else tells of."""

    job: str = ""
    object: str = ""
    slot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What files on a medium are brought together with."""

    plan: BackupPlan
    calendar: Calendar
    copies: Sequence[KnownCopy] = ()
    verdicts: Sequence[RecordedVerdict] = ()
    databases: tuple[tuple[str, str], ...] = ()  # (server, name) of what servers have
    told: Told = field(default_factory=Told)


def manifest_of(
    folder: Path, knowledge: Knowledge, examiner: Examiner, on_file: OnFile = lambda name, size: None
) -> tuple[tuple[ManifestFile, ...], bool]:
    """Every file on the medium, hashed and identified; and whether all bytes came from the medium itself.

    A file is known by its hash when the ledger has read the same content; a set or folder whose ledger copy has no
    hash of its own, by the names and sizes of all its files; anything else by its own header.
    """
    files: list[ManifestFile] = []
    is_dropped = True
    for name, content in sorted(contents_of(folder).items()):
        try:
            sha256, was_dropped = hash_from_medium(content)
        except OSError as failure:
            raise unreadable(f"{folder}/{name}", failure) from failure
        is_dropped = is_dropped and was_dropped
        files.append(ManifestFile(name=name, size_bytes=content.size_bytes, sha256=sha256))
        on_file(name, content.size_bytes)
    by_hash = {one.name: one for one in _by_hash(files, knowledge)}
    rest = [one for one in files if one.name not in by_hash]
    by_names = {one.name: one for one in _by_names(rest, knowledge)}
    rest = [one for one in rest if one.name not in by_names]
    by_header = {one.name: one for one in _by_header(folder, rest, knowledge, examiner)}
    found = {**by_hash, **by_names, **by_header}
    return tuple(_as_told(found.get(one.name, one), knowledge.told) for one in files), is_dropped and bool(files)


def _as_told(file: ManifestFile, told: Told) -> ManifestFile:
    if not told.job or file.job:
        return file
    slots = file.slots or ((told.slot,) if told.slot else ())
    return replace(file, job=told.job, object=told.object, slots=slots, matched_by="told")


def _by_hash(files: Iterable[ManifestFile], knowledge: Knowledge) -> Iterator[ManifestFile]:
    known = copies_by_hash(knowledge.copies)
    for file in files:
        if file.sha256 in known:
            best = min(known[file.sha256], key=lambda held: _preference(held, knowledge.plan))
            yield _of_copy(file, best, "sha256", knowledge)


def copies_by_hash(copies: Iterable[KnownCopy]) -> Mapping[str, list[KnownCopy]]:
    """The copies of which the newest hash that was taken is this one."""
    found: dict[str, list[KnownCopy]] = defaultdict(list)
    for known in copies:
        hashes = [proof.examination.sha256 for proof in proofs_of(known) if proof.examination.sha256 is not None]
        if hashes:
            found[hashes[-1]].append(known)
    return found


def _preference(known: KnownCopy, plan: BackupPlan) -> tuple[bool, bool, bool, str, str]:
    """Of copies with the same content: one of a job that wants it off-site, one without faults, one that is there."""
    job = plan.jobs.get(known.copy.job)
    is_wanted = job is not None and any(tier.offsite for tier in job.tiers().values())
    is_faulty = bool(faults_of(known, proofs_of(known)))
    return not is_wanted, is_faulty, not known.is_here, known.copy.job, known.copy.key


def _of_copy(
    file: ManifestFile, known: KnownCopy, matched_by: Literal["sha256", "names"], knowledge: Knowledge
) -> ManifestFile:
    proofs = proofs_of(known)
    copy, job = known.copy, knowledge.plan.jobs.get(known.copy.job)
    faults = faults_of(known, proofs)
    made_at = copy.modified_at
    if job is not None:
        reference = reference_of(times_of(copy, header_of(proofs), job), job, knowledge.calendar)
        made_at = reference.at if reference.quarantine is None else None
    slots = () if job is None or made_at is None else _slots(job, made_at, copy.key, copy.job, knowledge)
    return replace(
        file,
        job=copy.job,
        object=copy.object or (job.protects[0].text if job is not None and len(job.protects) == 1 else ""),
        slots=slots,
        made_at=made_at,
        level=level_of(known, proofs),
        matched_by=matched_by,
        faults=tuple(dict.fromkeys(fault.code for fault in faults)),
    )


def _by_names(files: Sequence[ManifestFile], knowledge: Knowledge) -> Iterator[ManifestFile]:
    """Sets and folders, whose content has no single hash: all files of the copy, by name and size, below one folder."""
    there = {file.name: file for file in files}
    for known in sorted(knowledge.copies, key=lambda held: _preference(held, knowledge.plan)):
        parts = _parts(known)
        if len(parts) < 2:
            continue
        first = next(iter(parts))
        for prefix in [name[: -len(first)] for name in there if name == first or name.endswith(f"/{first}")]:
            found = [there.get(prefix + part) for part in parts]
            whole = [file for file, size in zip(found, parts.values(), strict=True) if file and file.size_bytes == size]
            if len(whole) == len(parts):
                yield from (_of_copy(file, known, "names", knowledge) for file in whole)
                for file in whole:
                    del there[file.name]
                break


def _parts(known: KnownCopy) -> Mapping[str, int]:
    """The names of a copy's files inside it, with their sizes."""
    paths = [file.path for file in known.copy.files]
    if len(paths) < 2:
        return {}
    shared = known.copy.key if known.copy.key.endswith("/") else os.path.commonpath([_folder(path) for path in paths])
    start = len(shared) + (0 if not shared or shared.endswith("/") else 1)
    return {file.path[start:]: file.size_bytes for file in known.copy.files}


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _by_header(
    folder: Path, files: Sequence[ManifestFile], knowledge: Knowledge, examiner: Examiner
) -> Iterator[ManifestFile]:
    """What the ledger has never read: whatever its own header says, walked to its end."""
    if not files:
        return
    tops = sorted({file.name.partition("/")[0] for file in files})
    inside = f"{shown_path(str(folder)).rstrip('/')}/"
    paths = [top for top in folder.iterdir() if shown_path(top.name) in tops]
    found = list(inspect_paths(sorted(paths), Level.COMPLETE, examiner))
    for file in files:
        for one in found:
            if _is_part(inside + file.name, one.path):
                yield _of_inspected(file, one, knowledge)
                break


def _is_part(path: str, inspected: str) -> bool:
    return path in inspected.split(" + ") or path.startswith(f"{inspected}/")


def _of_inspected(file: ManifestFile, one: Inspected, knowledge: Knowledge) -> ManifestFile:
    found = one.examination
    if found is None:
        return file
    faults = tuple(dict.fromkeys(fault.code for fault in found.faults))
    file = replace(file, level=found.level, faults=faults)
    identity = found.identity
    owner = None if identity is None else _owner(identity, knowledge.plan)
    if identity is None or owner is None:
        return file
    name, job, protected = owner
    moments = (identity.started_at, identity.finished_at)
    made_at = next((at for at in (moments[::-1] if job.anchor == "finish" else moments) if at is not None), None)
    return replace(
        file,
        job=name,
        object=protected,
        made_at=made_at,
        slots=() if made_at is None else _slots(job, made_at, "", name, knowledge),
        matched_by="header",
    )


def _owner(identity: Identity, plan: BackupPlan) -> tuple[str, Job, str] | None:
    """The job that protects what a header names, one that wants it off-site first; None when none does."""
    owners = [
        (name, job, text)
        for name, job in plan.jobs.items()
        for protected in job.protects
        if (text := _text_of(protected, identity)) is not None
    ]
    wanting = [owner for owner in owners if any(tier.offsite for tier in owner[1].tiers().values())]
    return next(iter(wanting or owners), None)


def _text_of(protected: Protected, identity: Identity) -> str | None:
    """As itops.yaml writes the object; a server's own name may be another than the one there, so only names count."""
    if identity.object is None:
        return None
    if protected.is_all:
        is_server = identity.server is not None and identity.server.casefold() == protected.server.casefold()
        return f"{protected.server}/{identity.object}" if is_server else None
    return protected.text if protected.name.casefold() == identity.object.casefold() else None


def _slots(job: Job, made_at: datetime, key: str, name: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The slots that the copy fills off-site: as judged, else the ones its moment lies in."""
    tiers = {tier: policy for tier, policy in job.tiers().items() if policy.offsite is not None}
    if not tiers:
        return (knowledge.calendar.show(knowledge.calendar.day_of(made_at))[:7],)
    judged = [_judged(tier, name, key, knowledge.verdicts) for tier in tiers]
    inside = [_inside(tier, policy, made_at, knowledge.calendar) for tier, policy in tiers.items()]
    return tuple(told or own for told, own in zip(judged, inside, strict=True))


def _judged(tier: Tier, job: str, key: str, verdicts: Iterable[RecordedVerdict]) -> str | None:
    """The slot that the judgement last said this copy fills: a late copy fills the slot before its own."""
    filled = None
    for verdict in verdicts:
        kind, _, slot = verdict.slot.partition(" ")
        if key and verdict.copy_key == key and verdict.job == job and kind == tier and verdict.state in _MADE:
            filled = slot
    return filled


def _inside(tier: Tier, policy: TierPolicy, made_at: datetime, calendar: Calendar) -> str:
    return next(slots_between(tier, policy, calendar, made_at, made_at + _INSTANT)).name
