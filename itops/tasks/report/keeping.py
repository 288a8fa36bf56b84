"""Keep what was drawn: `reports/PERIOD` in the state folder, each file whole or as it was before."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from itops.errors import StoreUnavailable
from itops.reports.rvtools.replacing import replacing

FOLDER = "reports"
_MODE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One file of a report."""

    path: Path
    sha256: str
    size_bytes: int
    is_changed: bool  # False: exactly these bytes were there already


def folder_of(state: Path, period: str, redaction: str = "internal") -> Path:
    """Where the files of a period are kept; those with something taken out apart, in a folder of their own."""
    folder = state / FOLDER / period
    return folder if redaction == "internal" else folder / redaction


def keep(files: Mapping[str, bytes], folder: Path) -> tuple[KeptFile, ...]:
    """Write them, and make the folder if need be: all of them, or none. Raises StoreUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_MODE)
        changed = {name: content for name, content in files.items() if _is_other(folder / name, content)}
    except OSError as failure:
        raise _unwritable(folder, failure) from failure
    with ExitStack() as writing:
        for name, content in changed.items():
            partial = writing.enter_context(replacing(folder / name))
            try:
                partial.write_bytes(content)
            except OSError as failure:
                raise _unwritable(folder / name, failure) from failure
    return tuple(_kept(folder / name, content, is_changed=name in changed) for name, content in files.items())


def _is_other(path: Path, content: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != content


def _unwritable(path: Path, failure: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"cannot write {path}: {failure.strerror or failure}",
        remedy="check free space and rights, or write somewhere else: --out",
    )


def _kept(path: Path, content: bytes, *, is_changed: bool) -> KeptFile:
    return KeptFile(path=path, sha256=sha256(content).hexdigest(), size_bytes=len(content), is_changed=is_changed)
