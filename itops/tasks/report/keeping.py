"""Keep what was drawn: `reports/PERIOD` in the state folder, each file whole or as it was before."""

from collections.abc import Mapping
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
    """Write them, and make the folder if need be. Raises StoreUnavailable."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=_MODE)
    except OSError as failure:
        problem = f"cannot make the folder {folder}: {failure.strerror or failure}"
        raise StoreUnavailable(problem, remedy="check space and rights, or write somewhere else: --out") from failure
    return tuple(_keep(folder / name, content) for name, content in files.items())


def _keep(path: Path, content: bytes) -> KeptFile:
    is_changed = not path.is_file() or path.read_bytes() != content
    if is_changed:
        with replacing(path) as partial:
            partial.write_bytes(content)
    return KeptFile(path=path, sha256=sha256(content).hexdigest(), size_bytes=len(content), is_changed=is_changed)
