"""Changing a file that people write, and not one character more: one value of it, and how it is replaced on disk."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itops.config.surgery.splices import patched
from itops.config.yaml import Document, Limits, Place
from itops.errors import ConfigInvalid

_BOM = b"\xef\xbb\xbf"


def with_value(document: Document, place: Place, value: str, *, after: str) -> str:
    """The file's text with `value` at `place`, replaced or inserted right after the sibling key `after`.

    The result is read again and must differ in exactly this value; raises ConfigInvalid when that cannot be had.
    """
    limits = Limits(size_bytes=len(document.text) * 4 + len(value) * 8 + 1000)
    return patched(document, _replaced(document.texts, place, value, after), limits).new.text


def _replaced(tree: Any, place: Place, value: str, after: str) -> Any:
    key = place[0]
    if isinstance(tree, list):
        return [_replaced(held, place[1:], value, after) if at == key else held for at, held in enumerate(tree)]
    held = _replaced(tree[key], place[1:], value, after) if place[1:] else value
    if key in tree:
        return {**tree, key: held}
    pairs = [((name, one), (key, held)) if name == after else ((name, one),) for name, one in tree.items()]
    return dict(pair for group in pairs for pair in group)


def write(path: Path, document: Document, changed: str) -> None:
    """Replace the file in one step, keeping its mode. Raises ConfigInvalid when it changed since it was read."""
    write_all([(path, document, changed)])


def write_all(files: Sequence[tuple[Path, Document, str]]) -> None:
    """Replace each file in one step, keeping its mode, its byte order mark and the link that leads to it.

    Raises ConfigInvalid. When one of them is no longer what was read (an editor saved it meanwhile), nothing is
    written; when the disk fails between two of them, the message names those that are written already.
    """
    prepared: list[tuple[Path, Path, bytes]] = []  # the file, its replacement, what must still stand in it
    written: list[str] = []
    try:
        for path, document, changed in files:
            real = path.resolve()
            bom = _BOM if real.read_bytes().startswith(_BOM) else b""
            prepared.append((real, _prepare(real, bom + changed.encode()), bom + document.text.encode()))
        for real, _, expected in prepared:
            _refuse_changed(real, expected)
        for real, temporary, expected in prepared:
            if written:
                _refuse_changed(real, expected, written)
            os.replace(temporary, real)
            written.append(real.name)
            _settle(real.parent)
    except OSError as failure:
        path = failure.filename2 or failure.filename or files[0][0]
        raise ConfigInvalid(
            f"{path} cannot be written: {failure.strerror or failure}{_told(written)}",
            remedy="let the account that runs itops write the file and its folder, and close it in other programs",
        ) from failure
    finally:
        for _, temporary, _ in prepared:
            temporary.unlink(missing_ok=True)


def _refuse_changed(path: Path, expected: bytes, written: Sequence[str] = ()) -> None:
    if path.read_bytes() != expected:
        told = _told(written) or "; nothing was written"
        raise ConfigInvalid(f"{path} was changed meanwhile{told}", remedy="run the command again")


def _told(written: Sequence[str]) -> str:
    return f"; written already: {', '.join(written)}" if written else ""


def _prepare(path: Path, content: bytes) -> Path:
    """The new content in a file beside it, safely on the disk, with its owner and mode."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(temporary, path.stat())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _keep_owner(path: Path, status: os.stat_result) -> None:
    path.chmod(status.st_mode & 0o777)
    if os.name == "posix" and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(path, status.st_uid, status.st_gid)


def _settle(folder: Path) -> None:
    """Have the folder's new entry on the disk, too; Windows has no such thing."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
