"""The manifest of a medium as a text that anybody can check without itops.

It is what `sha256sum` writes, sorted by name, and lies on the medium. Its own SHA-256 is the manifest hash that stands
on the receipt: `sha256sum ITOPS-MEDIUM.sha256` prints it, `sha256sum -c ITOPS-MEDIUM.sha256` checks every file.
"""

import hashlib
from collections.abc import Iterable, Iterator

from itops.backup.custody.records import ManifestFile

ID_FILE = "ITOPS-MEDIUM.json"
MANIFEST_FILE = "ITOPS-MEDIUM.sha256"
OURS = frozenset({ID_FILE, MANIFEST_FILE})
"""What itops itself puts onto a medium: no content."""
SHORTEST_HASH = 8
"""Digits of a manifest hash that a person must at least compare."""


def manifest_text(files: Iterable[ManifestFile]) -> str:
    """One line a file."""
    return "".join(_lines(files))


def _lines(files: Iterable[ManifestFile]) -> Iterator[str]:
    for file in sorted(files, key=lambda held: held.name):
        escaped = file.name.replace("\\", "\\\\")
        mark = "\\" if escaped != file.name else ""
        yield f"{mark}{file.sha256}  {escaped}\n"


def manifest_hash(files: Iterable[ManifestFile]) -> str:
    """SHA-256 of the manifest's text, lower-case hex."""
    return hashlib.sha256(manifest_text(files).encode("utf-8", "surrogatepass")).hexdigest()


def short_hash(whole: str) -> str:
    """The beginning of a hash as people compare it: 3f2a 91bc 07de 5512."""
    return " ".join(whole[place : place + 4] for place in range(0, 16, 4))


def is_beginning(told: str, whole: str) -> bool:
    """Whether what a person typed from a paper is this hash or enough of its beginning."""
    digits = "".join(told.split()).casefold()
    return len(digits) >= SHORTEST_HASH and whole.startswith(digits)
