"""The files of a base backup against its backup_manifest, by their sizes; and what pg_verifybackup says of them."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from itops.backup.copies import Fault
from itops.backup.formats import Effort, Unprovable, damaged

MANIFEST = "backup_manifest"
_MOST_FAULTS = 20
_MOST_MANIFEST = 1 << 30

_SAYINGS: tuple[tuple[str, str], ...] = (
    (r'checksum mismatch for file "([^"]*)"', "checksum-mismatch"),
    (r'"([^"]*)" is present in the manifest but not on disk', "member-missing"),
    (r'"([^"]*)" has size \d+ on disk but size \d+ in the manifest', "cut"),
    (r'"([^"]*)" is present on disk but not in the manifest', "member-extra"),
    (r"(manifest checksum mismatch|could not parse backup manifest|manifest)", "structure-damaged"),
)


def size_faults(data: Path, effort: Effort) -> tuple[Fault, ...]:
    """What is missing or has another size; the first twenty.

    Raises Unprovable without a manifest, Damaged for a broken one, OSError.
    """
    faults = []
    for fault in _size_faults(data, effort):
        faults.append(fault)
        if len(faults) == _MOST_FAULTS:
            break
    return tuple(faults)


def _size_faults(data: Path, effort: Effort) -> Iterator[Fault]:
    for entry in _manifest(data / MANIFEST):
        effort.tick()
        name, expected = entry.get("Path"), entry.get("Size")
        if not isinstance(name, str) or not isinstance(expected, int):
            continue  # a name that is not UTF-8 has an Encoded-Path
        if name.startswith("/") or ".." in name.split("/"):
            yield Fault(code="path-traversal", place=name[:200])
            continue
        try:
            size = (data / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            yield Fault(code="member-missing", place=name)
            continue
        if size < expected:
            facts = {"missing_bytes": expected - size, "expected_bytes": expected, "size_bytes": size}
            yield Fault(code="cut", place=name, facts=facts)
        elif size > expected:
            yield Fault(code="junk-appended", place=name, facts={"extra_bytes": size - expected})


def _manifest(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        if path.stat().st_size > _MOST_MANIFEST:
            raise Unprovable("structure-unknown", size_bytes=path.stat().st_size)
        files = json.loads(path.read_bytes())["Files"]
        return [entry for entry in files if isinstance(entry, dict)]
    except FileNotFoundError:
        raise Unprovable("no-checksums", missing=MANIFEST) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise damaged("structure-damaged", MANIFEST) from None


def verification(errors: Iterable[str]) -> tuple[Fault, ...]:
    """What `barman verify-backup` complains of; raises Unprovable when it could not verify at all."""
    faults: dict[tuple[str, str], Fault] = {}
    for error in (line.strip() for message in errors for line in message.splitlines()):
        if re.search(rf"could not open file .*{MANIFEST}.*No such file", error):
            raise Unprovable("no-checksums", missing=MANIFEST)
        if re.search(r"pg_verifybackup.*(?:not found|cannot be found|not installed)", error, re.IGNORECASE):
            raise Unprovable("program-missing", program="pg_verifybackup")
        for saying, code in _SAYINGS:
            if found := re.search(saying, error):
                faults.setdefault((code, found[1]), Fault(code=code, place=found[1]))
                break
    return tuple(faults.values())[:_MOST_FAULTS] or (Fault(code="reported-damaged"),)
