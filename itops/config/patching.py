"""Changing one value of a file that people write, and not one character more."""

import os
import tempfile
from pathlib import Path

from itops.config.mistakes import dotted
from itops.config.yaml import Document, Limits, Place, loads
from itops.errors import ConfigInvalid

_BOM = b"\xef\xbb\xbf"


def with_value(document: Document, place: Place, value: str, *, after: str) -> str:
    """The file's text with `value` at `place`, replaced or inserted right after the sibling key `after`.

    `value` is written as it stands, unquoted. The result is read again and must differ in exactly this value; raises
    ConfigInvalid when that cannot be had (several lines, unusual quoting).
    """
    spot = document.spots.get(place)
    if spot is not None:
        old = document.text[spot.start : spot.end]
        changed = document.text[: spot.start] + (value if old else f" {value}") + document.text[spot.end :]
    else:
        changed = _inserted(document, place, value, after)
    _prove(document, place, value, changed)
    return changed


def _inserted(document: Document, place: Place, value: str, after: str) -> str:
    text = document.text
    sibling = document.spots[(*place[:-1], after)]
    parent = document.spots[place[:-1]]
    if text[parent.start] == "{":
        return f"{text[: sibling.end]}, {place[-1]}: {value}{text[sibling.end :]}"
    end = text.find("\n", sibling.end)
    line_break = "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
    added = f"{' ' * sibling.column}{place[-1]}: {value}"
    if end < 0:
        return f"{text}{line_break}{added}"
    return f"{text[: end + 1]}{added}{line_break}{text[end + 1 :]}"


def _prove(document: Document, place: Place, value: str, changed: str) -> None:
    """Old data with the one change must be what the new text says."""
    wanted = _replaced(document.texts, place, value)
    try:
        is_right = loads(changed, document.name, Limits(size_bytes=len(changed) * 4)).texts == wanted
    except ConfigInvalid:
        is_right = False
    if not is_right:
        raise ConfigInvalid(
            f"{document.name}:{document.line(place)} cannot be changed without touching what stands around it",
            remedy=f"write {dotted(place)}: {value} by hand",
        )


def _replaced(tree: object, place: Place, value: str) -> object:
    if not place:
        return value
    if isinstance(tree, list):
        return [_replaced(held, place[1:], value) if at == place[0] else held for at, held in enumerate(tree)]
    assert isinstance(tree, dict)
    return {**tree, place[0]: _replaced(tree.get(place[0]), place[1:], value)}


def write(path: Path, document: Document, changed: str) -> None:
    """Replace the file in one step, keeping its mode. Raises ConfigInvalid when it changed since it was read."""
    path = path.resolve()
    old = path.read_bytes()
    bom = _BOM if old.startswith(_BOM) else b""
    if old != bom + document.text.encode():
        raise ConfigInvalid(f"{path} was changed meanwhile; nothing was written", remedy="run the command again")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(bom + changed.encode())
            file.flush()
            os.fsync(file.fileno())
        _keep_owner(Path(temporary), path.stat())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep_owner(path: Path, status: os.stat_result) -> None:
    path.chmod(status.st_mode & 0o777)
    if os.name == "posix" and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(path, status.st_uid, status.st_gid)
