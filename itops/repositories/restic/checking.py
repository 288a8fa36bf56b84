"""What `restic check` says, line by line: which packs are broken, what else is, and what cannot be told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from itops.backup.copies import Fault
from itops.facts import Fact
from itops.programs import Outcome

_PACK = re.compile(r"pack ([0-9a-f]{64})(?::)? (.*)")
_MISMATCH = re.compile(r"Pack ID does not match, want ([0-9a-f]{8,64}), got")
_SIZE = re.compile(r"unexpected file size: got (\d+), expected (\d+)")
_TREE = re.compile(r"error for tree ([0-9a-f]+)")
_SNAPSHOT = re.compile(r"load(?:ing)? <?snapshot/([0-9a-f]+)")
_DAMAGED = re.compile(
    r"repository contains errors|LoadIndex returned errors|damaged and must be repaired", re.IGNORECASE
)
_HARMLESS = re.compile(r"returned error, retrying|operation (?:successful|failed)|^Fatal:|^\s|^id [0-9a-f]{64}")

_BROKEN = re.compile(r"ciphertext verification failed|<(?:index|snapshot)/[0-9a-f]+>: invalid data returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found. `packs` are broken; `elsewhere` concerns no snapshot that is listed; `general` anyone."""

    is_clean: bool  # it says itself that there are no errors
    is_damaged: bool
    packs: Mapping[str, Fault] = field(default_factory=dict)
    general: tuple[Fault, ...] = ()
    elsewhere: tuple[Fault, ...] = ()


def checked(outcome: Outcome) -> Checked:
    """The report of a run that was not refused."""
    packs: dict[str, Fault] = {}
    general: list[Fault] = []
    elsewhere: list[Fault] = []
    for line in outcome.stderr.splitlines():
        if found := _MISMATCH.search(line):
            packs.setdefault(found[1], _fault("checksum-mismatch", f"pack {found[1]}"))
        elif found := _PACK.search(line):
            packs.setdefault(found[1], _pack_fault(found[1], found[2]))
        elif found := _TREE.search(line):
            general.append(_fault("structure-damaged", f"tree {found[1]}"))
        elif found := _SNAPSHOT.search(line):
            elsewhere.append(_fault("structure-damaged", f"snapshot {found[1]}"))
        elif line.strip() and not _HARMLESS.search(line):
            general.append(_fault("reported-damaged", line.strip()[:200]))
    is_damaged = bool(_DAMAGED.search(outcome.stderr))
    if is_damaged and not (packs or general or elsewhere):
        general.append(_fault("reported-damaged", ""))
    is_clean = outcome.code == 0 and "no errors were found" in outcome.text
    return Checked(
        is_clean=is_clean, is_damaged=is_damaged, packs=packs, general=tuple(general), elsewhere=tuple(elsewhere)
    )


def is_broken_content(outcome: Outcome) -> bool:
    """Whether a restore failed on what restic did read: its cipher proves each blob, so no network is to blame."""
    return bool(_BROKEN.search(outcome.stderr))


def _pack_fault(pack: str, problem: str) -> Fault:
    place = f"pack {pack}"
    if size := _SIZE.search(problem):
        got, expected = int(size[1]), int(size[2])
        if got < expected:
            facts = {"missing_bytes": expected - got, "expected_bytes": expected, "size_bytes": got}
            return _fault("cut", place, **facts)
        return _fault("junk-appended", place, extra_bytes=got - expected)
    for sign, code in _PACK_CODES.items():
        if sign in problem:
            return _fault(code, place)
    return _fault("reported-damaged", f"{place} {problem[:100]}")


_PACK_CODES: Mapping[str, str] = {
    "does not exist": "member-missing",
    "contains": "checksum-mismatch",  # "contains 2 errors: [...]"
    "failed to download": "member-unreadable",
}


def _fault(code: str, place: str, **facts: Fact) -> Fault:
    return Fault(code=code, place=place, facts=facts)


def owners(packs: Mapping[str, Fault], find: Callable[[str], set[str] | None]) -> dict[str, tuple[Fault, ...]] | None:
    """Which snapshots need the broken packs; None when that cannot be told of every one of them.

    `find` gives the ids of the snapshots that use a pack, None when restic cannot say. A pack that nobody is found to
    use is not told either: a search that fails finds nothing too.
    """
    owned: dict[str, tuple[Fault, ...]] = {}
    for pack, fault in packs.items():
        snapshots = find(pack)
        if not snapshots:
            return None
        for snapshot in snapshots:
            owned[snapshot] = (*owned.get(snapshot, ()), fault)
    return owned
