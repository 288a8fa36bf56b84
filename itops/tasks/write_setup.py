"""Write the first settings of an office: commented files and private folders, and never over what is there."""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from itops.config.register.schema import FILE_NAME, schema_text
from itops.errors import UsageWrong

_FILES = ("itops.yaml", "inventory.yaml")
_FOLDERS = ("state", "secrets")


def write_setup(folder: Path) -> Iterator[Path]:
    """Make the files and folders in `folder` and yield each; raises UsageWrong before the first when one exists."""
    try:
        for name in (*_FILES, FILE_NAME, *_FOLDERS):
            if os.path.lexists(folder / name):
                raise UsageWrong(f"{folder / name} exists already", remedy="edit it, or name another --folder")
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (folder / name).mkdir(mode=0o700)
            yield folder / name
        for name in _FILES:
            _write_private(folder / name, files("itops.config").joinpath("templates", name).read_bytes())
            yield folder / name
        _write_private(folder / FILE_NAME, schema_text().encode())
        yield folder / FILE_NAME
    except OSError as failure:
        problem = f"cannot write into {folder}: {failure.strerror}"
        raise UsageWrong(problem, remedy="name a --folder that you may write") from failure


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
