"""What `pgbackrest verify --output=text --verbose` says. It ends with 0 whatever it found: only the text counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from itops.backup.copies import Fault
from itops.programs import Outcome

_BACKUP = re.compile(r"\s*backup: (\S+), status: ([a-z -]+?), total files checked: (\d+), total valid files: (\d+)")
_COUNTS = re.compile(r"\s*missing: (\d+), checksum invalid: (\d+), size invalid: (\d+), other: (\d+)")
_ARCHIVE = re.compile(r"\s*archiveId: (\S+), total WAL checked: (\d+), total valid WAL: (\d+)")
_BROKEN_FILE = re.compile(
    r"(invalid checksum|invalid size|file missing|invalid result) '?(\d{8}-\d{6}F[^/]*)/([^'\s]+)"
)
_BROKEN_WAL = re.compile(
    r"(?:invalid checksum|invalid size|file missing|invalid result) '?\d+[^/]*-\d+/[^/]+/(\w{24})-"
)
_CODES = ("member-missing", "checksum-mismatch", "cut", "member-unreadable")  # in the order of the counts
_NAMED: Mapping[str, str] = {
    "file missing": "member-missing",
    "invalid checksum": "checksum-mismatch",
    "invalid size": "cut",
    "invalid result": "member-unreadable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The report. A backup that is not in `faults` was not verified at all."""

    is_report: bool  # there was one
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)  # by label; () is valid
    broken_wal: frozenset[str] = frozenset()  # segments that are named as broken
    unnamed_wal: frozenset[str] = frozenset()  # archives with broken segments that are not named


def verified(outcome: Outcome) -> Verified:
    """Read the report on stdout, and from the log on stderr which files it means."""
    places = _places(outcome.stderr)
    broken_wal = frozenset(_BROKEN_WAL.findall(outcome.stderr))
    faults: dict[str, tuple[Fault, ...]] = {}
    unnamed: set[str] = set()
    label: str | None = None
    for line in outcome.text.splitlines():
        if backup := _BACKUP.match(line):
            label = backup[1]
            is_valid = backup[2] == "valid" and backup[3] == backup[4]
            faults[label] = () if is_valid else (_of_status(backup[2]),)
        elif archive := _ARCHIVE.match(line):
            label = None
            if int(archive[2]) - int(archive[3]) > len(broken_wal):
                unnamed.add(archive[1])
        elif (counts := _COUNTS.match(line)) and label is not None and faults[label]:
            faults[label] = _counted(counts, places) or faults[label]
    is_report = re.search(r"^stanza: ", outcome.text, re.MULTILINE) is not None
    return Verified(is_report=is_report, faults=faults, broken_wal=broken_wal, unnamed_wal=frozenset(unnamed))


def _of_status(status: str) -> Fault:
    if status == "in-progress":
        return Fault(code="unfinished")
    if status.startswith("manifest"):
        return Fault(code="member-missing" if "missing" in status else "structure-damaged", place="backup.manifest")
    return Fault(code="reported-damaged", place=status)


def _counted(counts: "re.Match[str]", places: Mapping[str, list[str]]) -> tuple[Fault, ...]:
    """One fault a kind, with how many; the place of one of them, which may lie in a backup that this one needs."""
    found = ((code, int(counts[index + 1])) for index, code in enumerate(_CODES))
    return tuple(
        Fault(code=code, place=next(iter(places.get(code, ())), ""), facts={"files": count})
        for code, count in found
        if count
    )


def _places(log: str) -> dict[str, list[str]]:
    places: dict[str, list[str]] = {}
    for kind, label, name in _BROKEN_FILE.findall(log):
        places.setdefault(_NAMED[kind], []).append(f"{label}/{name}")
    return places
