"""Archives made in memory by Python's own writers or by hand, and how they are examined."""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import zstandard

from itops.backup.contents import Thing
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.formats.archives.bacpac import Bacpac
from itops.formats.archives.compressed import Bz2, Gz, TarBz2, TarGz, TarXz, TarZst, Xz, Zst
from itops.formats.archives.seven_zip import SevenZip
from itops.formats.archives.tar import Tar
from itops.formats.archives.zip import Zip
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine

FORMATS = (Bacpac(), Zip(), SevenZip(), Tar(), TarGz(), TarXz(), TarBz2(), TarZst(), Gz(), Xz(), Bz2(), Zst())
AT = 1_795_300_000  # 2026-11-21 22:26:40, UTC
Files = Mapping[str, bytes]


class FarContent:
    """Bytes behind a network: no program of this machine can open them; counts what was asked for."""

    local_path: Path | None = None
    modified_at: datetime | None = None

    def __init__(self, data: bytes, name: str = "file") -> None:
        self.name = name
        self.size_bytes = len(data)
        self.bytes_read = 0
        self._data = data

    def read_at(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        found = self._data[offset : offset + length]
        self.bytes_read += len(found)
        return found

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), 100_000):
            yield self._data[start : start + 100_000]
            self.bytes_read += 100_000

    def digest(self) -> str:
        return ""


def far_thing(data: bytes, name: str) -> Thing:
    content = FarContent(data, name)
    return Thing(path=name, files=(content,), head=data[:4096])


def examined(data: bytes, name: str, level: Level = Level.INTACT, **bounds: float) -> Examination:
    with tempfile.TemporaryDirectory() as scratch:
        effort = BoundedEffort(level=level, scratch=Path(scratch), **bounds)
        return examine(far_thing(data, name), FORMATS, effort)


def codes(found: Examination) -> list[str]:
    return [fault.code for fault in found.faults]


def limits(found: Examination) -> list[str]:
    return [limit.code for limit in found.limits]


def some_files() -> dict[str, bytes]:
    """Text that packs well and bytes that do not."""
    rng = random.Random(1405)
    texts = {f"scans/letter-{number}.txt": f"renewed on day {number}\n".encode() * 300 for number in range(4)}
    return texts | {f"scans/picture-{number}.jpg": rng.randbytes(20_000) for number in range(5)}


def tar_of(files: Files, format: int = tarfile.GNU_FORMAT, change: Callable[[tarfile.TarInfo], None] = id) -> bytes:  # noqa: A002
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(data), AT
            change(member)
            tar.addfile(member, io.BytesIO(data))
    return out.getvalue()


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 23, 30, 4)), data, method)
        archive.comment = comment
    return out.getvalue()


def zst(data: bytes, *, has_checksum: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=has_checksum).compress(data)


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gz, "xz": lzma.compress, "bz2": bz2.compress, "zst": zst}


def seven_zip_of(files: Files) -> bytes:
    """A 7z whose one folder is stored, by hand; its header is not packed."""
    content = b"".join(files.values())
    crcs = b"".join(struct.pack("<I", zlib.crc32(data)) for data in files.values())
    names = b"".join(f"{name}\0".encode("utf-16-le") for name in files)
    sizes = b"".join(map(seven_number, [len(data) for data in files.values()][:-1]))
    header = (
        b"\x01\x04"
        + (b"\x06" + seven_number(0) + seven_number(1) + b"\x09" + seven_number(len(content)) + b"\x00")
        + (b"\x07\x0b" + seven_number(1) + b"\x00" + b"\x01\x01\x00" + b"\x0c" + seven_number(len(content)) + b"\x00")
        + (b"\x08\x0d" + seven_number(len(files)) + b"\x09" + sizes + b"\x0a\x01" + crcs + b"\x00\x00")
        + (b"\x05" + seven_number(len(files)) + b"\x11" + seven_number(len(names) + 1) + b"\x00" + names + b"\x00")
        + b"\x00"
    )
    return seven_zip_around(content, header)


def seven_zip_around(content: bytes, header: bytes) -> bytes:
    """Any header after any content, with the start that fits them."""
    start = struct.pack("<QQI", len(content), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + content + header


def seven_number(value: int) -> bytes:
    """7z's own, in nine bytes when it is not small."""
    return bytes([value]) if value < 0x80 else b"\xff" + struct.pack("<Q", value)


def good_copies() -> dict[str, bytes]:
    """One of each format, under the name it usually has."""
    files, tar = some_files(), tar_of(some_files())
    copies = {"files.tar": tar, "files.zip": zip_of(files), "files.7z": seven_zip_of(files)}
    for suffix, packed in PACKERS.items():
        copies[f"files.tar.{suffix}"] = packed(tar)
        copies[f"disk.img.{suffix}"] = packed(b"".join(files.values()))
    return copies
