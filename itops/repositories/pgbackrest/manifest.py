"""A backup's manifest against the files that lie in the repository: what is missing or has another size."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from itops.backup.copies import Fault
from itops.backup.formats import Unprovable

_SUFFIXES: Mapping[str, str] = {"none": "", "gz": ".gz", "lz4": ".lz4", "zst": ".zst", "bz2": ".bz2"}
_COMPRESSION = 'option-compress-type="'
_MOST_FAULTS = 20


def file_faults(label: str, manifest: str, sizes_of: Callable[[str], Mapping[str, int]]) -> list[Fault]:
    """What is wrong with the files of the backup `label`; the first twenty.

    `sizes_of` gives the files of a backup's folder with their sizes. Files that earlier backups hold are looked for
    there. Raises Unprovable when the manifest cannot be understood.
    """
    faults: list[Fault] = []
    for place, size in _stored_files(label, manifest):
        folder, _, name = place.partition("/")
        there = sizes_of(folder).get(name)
        if there is None:
            faults.append(Fault(code="member-missing", place=place))
        elif size is not None and there < size:
            facts = {"missing_bytes": size - there, "expected_bytes": size, "size_bytes": there}
            faults.append(Fault(code="cut", place=place, facts=facts))
        elif size is not None and there > size:
            faults.append(Fault(code="junk-appended", place=place, facts={"extra_bytes": there - size}))
        if len(faults) == _MOST_FAULTS:
            break
    return faults


def _stored_files(label: str, manifest: str) -> Iterator[tuple[str, int | None]]:
    """`label/path` and size in the repository, None where only the bundle it lies in is known."""
    suffix: str | None = None
    in_files, count = False, 0
    for line in manifest.splitlines():
        if line.startswith("["):
            in_files = line == "[target:file]"
        elif line.startswith(_COMPRESSION):
            suffix = _SUFFIXES.get(line.removeprefix(_COMPRESSION).rstrip('"'))
        elif in_files and "={" in line:
            count += 1
            name, _, told = line.partition("={")
            stored = _stored(label, name, _entry(told), suffix)
            if stored is not None:
                yield stored
    if suffix is None or not count:
        raise Unprovable("structure-unknown", files=count)


def _entry(told: str) -> Mapping[str, Any]:
    try:
        entry = json.loads("{" + told)
    except (ValueError, RecursionError):
        raise Unprovable("structure-unknown") from None
    return entry if isinstance(entry, dict) else {}


def _stored(label: str, name: str, entry: Mapping[str, Any], suffix: str | None) -> tuple[str, int | None] | None:
    if not entry.get("size"):  # an empty file need not be stored
        return None
    folder = str(entry.get("reference") or label)
    if "bni" in entry:
        return f"{folder}/bundle/{entry['bni']}", None
    size = entry.get("repo-size")
    return f"{folder}/{name}{'.pgbi' if 'bi' in entry else suffix}", size if isinstance(size, int) else None
