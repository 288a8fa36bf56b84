"""Where a member of an archive would land if somebody unpacked it, and what kind of file its name promises."""

import re
from collections.abc import Iterator

from itops.backup.formats import Unprovable

MOST_LINKS = 200_000
LONGEST_NAME = 32_768  # Windows' longest path; Linux ends at 4096
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ARCHIVES = (
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".tbz2", ".txz", ".tzst", ".gz", ".bz2", ".xz", ".zst", ".lzma", ".cab"),
    *(".jar", ".bacpac", ".ova", ".iso", ".vhd", ".vhdx", ".vmdk"),
)
_SHOWN = 200


def shown(name: bytes | str) -> str:
    """A member's name as people may see it: no control characters, not endless."""
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(letter if letter.isprintable() or letter == "\u200c" else "\ufffd" for letter in text)


def is_archive(name: str) -> bool:
    """Whether the name promises another archive or disk image: counted, never opened."""
    return name.lower().endswith(_ARCHIVES)


def leaves_folder(name: str, *, backslashes: bool) -> bool:
    """Whether a member so named would be unpacked outside the folder: absolute, a drive letter, or upwards.

    `backslashes`: they part folders too (zip and 7z of Windows; in a tar they are letters of the name).
    """
    if _DRIVE.match(name):
        return True
    parts = (name.replace("\\", "/") if backslashes else name).split("/")
    return (parts[0] == "" and len(parts) > 1) or ".." in parts


class Links:
    """The symbolic links of an archive that lead out of it, and whether a later member is written through one.

    A link to `/usr/share/zoneinfo/...` alone harms nobody, and every backup of a Linux machine has hundreds.
    """

    def __init__(self) -> None:
        self._outside: set[str] = set()

    @property
    def outside(self) -> int:
        """How many lead out."""
        return len(self._outside)

    def add(self, name: str, target: str | None) -> None:
        """Remember a link; `target` None: unknown, taken as leading out. Raises Unprovable for endless ones."""
        if target is not None and not _climbs_out(name, target):
            return
        if len(self._outside) >= MOST_LINKS:
            raise Unprovable("too-many-members", most=MOST_LINKS)
        self._outside.add(_clean(name))

    def carries(self, name: str) -> bool:
        """Whether a member so named would be written through a link that leads out."""
        return bool(self._outside) and any(folder in self._outside for folder in _folders(_clean(name)))


def _clean(name: str) -> str:
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def _folders(name: str) -> Iterator[str]:
    end = name.find("/")
    while end >= 0:
        yield name[:end]
        end = name.find("/", end + 1)


def _climbs_out(name: str, target: str) -> bool:
    if target.startswith(("/", "\\")) or _DRIVE.match(target):
        return True
    depth = _clean(name).count("/")
    for part in target.split("/"):
        if part == "..":
            depth -= 1
        elif part not in {"", "."}:
            depth += 1
        if depth < 0:
            return True
    return False
