"""The bytes on a mounted medium: which files there are, and what each hashes to, read from the disk itself."""

import os
from collections.abc import Mapping
from pathlib import Path

from itops.backup.contents import Content
from itops.backup.custody.manifests import OURS
from itops.errors import SourceUnavailable
from itops.repositories.local import folder_thing
from itops.repositories.paths import SKIPPED, shown_path


def contents_of(folder: Path) -> Mapping[str, Content]:
    """The files of a medium by their names, without what itops and file systems put there; no link is followed.

    Raises SourceUnavailable when a folder of it cannot be listed.
    """
    try:
        thing = folder_thing(folder, skip=SKIPPED)
    except OSError as failure:
        raise unreadable(str(failure.filename or folder), failure) from failure
    return {content.name: content for content in thing.files if content.name not in OURS}


def unreadable(name: str, failure: OSError) -> SourceUnavailable:
    """What to say of a medium that cannot be read."""
    return SourceUnavailable(
        f"cannot read {shown_path(name)}: {failure.strerror or failure}",
        remedy="look whether the account that runs itops may read it, and whether the disk is sound",
    )


def hash_from_medium(content: Content) -> tuple[str, bool]:
    """SHA-256, read from the medium itself and not from the machine's memory; False where that cannot be asked for.

    Raises OSError.
    """
    is_dropped = content.local_path is not None and _forget(content.local_path)
    return content.digest(), is_dropped


def _forget(path: Path) -> bool:
    """Let the system write out what it still holds of the file and forget it."""
    advise = getattr(os, "posix_fadvise", None)
    if advise is None:
        return False
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        os.fsync(descriptor)
        advise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
    return True
