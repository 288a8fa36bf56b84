"""Unpack what was fetched, below a throw-away folder and nowhere else, within the bounds of the effort."""

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from itops.backup.formats import Damaged, Effort, damaged

_BLOCK = 1 << 20
_PACKED_BLOCK = 1 << 15
_TAR_MAGIC_AT = 257


class _ZstReader(io.RawIOBase):
    """zstandard's own reader takes a frame that breaks off for one that ended; this one raises EOFError."""

    def __init__(self, path: Path) -> None:
        import zstandard  # noqa: PLC0415  only for what is packed so

        self._packer = zstandard
        self._file = path.open("rb")
        self._frame: Any = None
        self._rest = b""
        self._ready = b""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some bytes; 0 at the end of the last frame."""
        while not self._ready and self._advance():
            pass
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count

    def _advance(self) -> bool:
        """Unpack one more block; False at the end of the file."""
        block = self._rest or self._file.read(_PACKED_BLOCK)
        self._rest = b""
        if not block:
            if self._frame is not None:
                raise EOFError("the last frame breaks off")
            return False
        if self._frame is None:
            self._frame = self._packer.ZstdDecompressor().decompressobj()
        try:
            self._ready = self._frame.decompress(block)
        except self._packer.ZstdError as broken:
            raise EOFError(str(broken)) from broken
        if self._frame.eof:
            self._rest, self._frame = self._frame.unused_data, None
        return True


def _open_zst(path: Path) -> Any:
    return io.BufferedReader(_ZstReader(path), _BLOCK)


_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": _open_zst,
}
_BROKEN = (EOFError, lzma.LZMAError, OSError, tarfile.TarError, zipfile.BadZipFile, ValueError)


@contextmanager
def plain_stream(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked where one of the four stream packers packed it."""
    with path.open("rb") as file:
        head = file.read(6)
    opener = next((opener for magic, opener in _OPENERS.items() if head.startswith(magic)), None)
    with path.open("rb") if opener is None else opener(path) as stream:
        yield stream


def unpacked_file(path: Path, scratch: Path, effort: Effort) -> Path:
    """`path` itself when nothing packed it, else its content in a file below `scratch`; raises Damaged."""
    with path.open("rb") as file:
        if not file.read(6).startswith(tuple(_OPENERS)):
            return path
    target = scratch / "unpacked"
    with _as_damage(path), plain_stream(path) as stream, target.open("wb") as out:
        while block := stream.read(_BLOCK):
            effort.unpacked(len(block), packed=path.stat().st_size)
            out.write(block)
    return target


def extract(path: Path, into: Path, effort: Effort) -> bool:
    """Extract an archive below `into`; False when it is none. Raises Damaged, for a path that leads outside, too."""
    if zipfile.is_zipfile(path):
        _extract_zip(path, into, effort)
        return True
    try:
        with plain_stream(path) as stream:
            is_tar = stream.read(_TAR_MAGIC_AT + 5)[_TAR_MAGIC_AT:] == b"ustar"
    except _BROKEN as broken:
        raise damaged("structure-damaged", path.name, said=str(broken)[:200]) from broken
    if is_tar:
        _extract_tar(path, into, effort)
    return is_tar


def _extract_tar(path: Path, into: Path, effort: Effort) -> None:
    """By hand: tarfile's own filters are not in every Python 3.11. Devices and pipes are left out."""
    packed = path.stat().st_size
    with _as_damage(path), plain_stream(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive):
            _count(count, effort)
            effort.unpacked(member.size, packed=packed)
            _extract_member(archive, member, into, effort)


def _extract_member(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path, effort: Effort) -> None:
    target = _inside(into, member.name)
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.issym():
        _refuse_outside(into, target.parent / member.linkname, member.name)
        target.symlink_to(member.linkname)
    elif member.islnk():
        target.hardlink_to(_inside(into, member.linkname))
    elif (source := archive.extractfile(member)) is not None:
        with target.open("xb") as out:
            while block := source.read(_BLOCK):
                effort.tick()
                out.write(block)
        target.chmod(0o600 | (member.mode & 0o100))


def _inside(into: Path, name: str) -> Path:
    """Where a member of that name lies below `into`, links on the way followed; raises Damaged when it does not."""
    if name.startswith("/") or ".." in name.split("/"):
        raise damaged("path-traversal", name)
    target = into / name
    _refuse_outside(into, target.parent, name)
    return target


def _refuse_outside(into: Path, place: Path, name: str) -> None:
    if not place.resolve().is_relative_to(into.resolve()):
        raise damaged("path-traversal", name)


def _extract_zip(path: Path, into: Path, effort: Effort) -> None:
    packed = path.stat().st_size
    with _as_damage(path), zipfile.ZipFile(path) as archive:
        for count, member in enumerate(archive.infolist()):
            _count(count, effort)
            target = _inside(into, member.filename)
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as out:
                while block := source.read(_BLOCK):
                    effort.unpacked(len(block), packed=packed)
                    out.write(block)


def _count(count: int, effort: Effort) -> None:
    effort.tick()
    if count >= effort.max_members:
        raise damaged("bomb", members=count)


@contextmanager
def _as_damage(path: Path) -> Iterator[None]:
    """What the packers' libraries raise for broken files; a full disk stays what it is."""
    try:
        yield
    except Damaged:
        raise
    except _BROKEN as broken:
        if isinstance(broken, OSError) and broken.errno is not None:
            raise
        raise damaged("structure-damaged", path.name, said=str(broken)[:200]) from broken


def copied(path: Path, into: Path) -> Path:
    """A folder or file copied below `into`, for what a restore changes."""
    target = into / path.name
    if path.is_dir():
        shutil.copytree(path, target, symlinks=True)
    else:
        shutil.copy2(path, target)
    return target
