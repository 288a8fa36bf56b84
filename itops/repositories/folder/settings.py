"""What itops.yaml says about a folder of copies."""

from dataclasses import dataclass
from pathlib import Path

from itops.repositories.paths import SKIPPED, real_path


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """A folder of this machine or of a mounted share. Links in it are never followed."""

    path: Path
    sentinel: str | None = None
    """A file that must be there, relative to `path`: whatever else lies there without it is another disk."""
    must_be_mounted: bool = False
    """`path` must be a mount point."""
    any_device: bool = False
    """The folder may lie on another disk at every look: disks that rotate. Wants a sentinel on each."""
    skip: tuple[str, ...] = SKIPPED
    """Names of folders that are not looked into, at any depth."""

    def __post_init__(self) -> None:
        if self.sentinel is not None:
            try:
                real_path(self.sentinel)
            except OSError:
                raise ValueError(f"sentinel {self.sentinel!r} is not a file inside the folder") from None
