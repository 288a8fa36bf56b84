"""Small disks of each kind written by hand after the published formats; tests/e2e lets qemu-img read them."""

import struct
import zlib

SECTOR = 512
MIB = 1 << 20
_GRAIN = 128  # sectors
_DESCRIPTOR = """# Disk DescriptorFile
version=1
CID=1a2b3c4d
parentCID={parent_cid}
{hint}createType="{kind}"

RW {sectors} SPARSE "disk.vmdk"
"""


def block(letter: str, size: int = _GRAIN * SECTOR) -> bytes:
    return (letter.encode() * 7 + b"\n") * (size // 8)


def _ones_complement(data: bytes) -> int:
    return ~sum(data) & 0xFFFFFFFF


def vhd(*, parent: str = "", entries: tuple[int, ...] | None = None) -> bytes:
    """A growing disk of 4 MiB in blocks of 2 MiB, the second of which is there."""
    kind = 4 if parent else 3
    footer = bytearray(SECTOR)
    struct.pack_into(">8sIIQI4sI4sQQIII", footer, 0, b"conectix", 2, 0x10000, SECTOR, 848_000_000, b"vpc ", 0x50003,
                     b"Wi2k", 4 * MIB, 4 * MIB, 0x00780411, kind, 0)  # fmt: skip
    footer[68:84] = bytes(range(16))
    struct.pack_into(">I", footer, 64, _ones_complement(footer))
    header = bytearray(1024)
    struct.pack_into(">8sQQIII", header, 0, b"cxsparse", (1 << 64) - 1, 1536, 0x10000, 2, 2 * MIB)
    header[64 : 64 + 2 * len(parent)] = parent.encode("utf-16-be")
    struct.pack_into(">I", header, 36, _ones_complement(header))
    table = struct.pack(">2I", *(entries or (0xFFFFFFFF, 4))).ljust(SECTOR, b"\xff")
    return bytes(footer + header + table + b"\xff" * SECTOR + block("d", 2 * MIB) + footer)


def vdi(*, kind: int = 1, entries: tuple[int, ...] = (1, 0xFFFFFFFF, 0)) -> bytes:
    """A growing disk of 3 MiB in blocks of 1 MiB, two of which are there."""
    header = bytearray(1024)
    header[:64] = b"<<< Oracle VM VirtualBox Disk Image >>>\n".ljust(64, b"\0")
    struct.pack_into("<IIII", header, 0x40, 0xBEDA107F, 0x10001, 0x190, kind)
    struct.pack_into("<II", header, 0x154, 512, 1024)
    struct.pack_into("<I", header, 0x168, 512)
    struct.pack_into("<QIIII", header, 0x170, 3 * MIB, MIB, 0, 3, 2)
    header[0x188:0x198] = bytes(range(16))
    struct.pack_into(f"<{len(entries)}I", header, 512, *entries)
    return bytes(header) + block("a", MIB) + block("b", MIB)


def qcow2(*, features: int = 0, backing: str = "", references: int = 1, offset: int = 5 << 16) -> bytes:
    """Version 3, clusters of 64 KiB: header, counts, count block, first level, second level, one of data."""
    cluster = 1 << 16
    image = bytearray(6 * cluster)
    struct.pack_into(">4sIQIIQIIQQIIQQQQII", image, 0, b"QFI\xfb", 3, 1024 if backing else 0, len(backing), 16,
                     8 * MIB, 0, 1, 3 * cluster, cluster, 1, 0, 0, features, 0, 0, 4, 104)  # fmt: skip
    image[1024 : 1024 + len(backing)] = backing.encode()
    struct.pack_into(">Q", image, cluster, 2 * cluster)
    struct.pack_into(">6H", image, 2 * cluster, 1, 1, 1, 1, 1, references)
    struct.pack_into(">Q", image, 3 * cluster, 4 * cluster | 1 << 63)
    struct.pack_into(">Q", image, 4 * cluster + 8, offset | 1 << 63)
    image[5 * cluster :] = block("q", cluster)
    return bytes(image)


def _descriptor(kind: str, sectors: int, parent: str) -> bytes:
    hint = f'parentFileNameHint="{parent}"\n' if parent else ""
    text = _DESCRIPTOR.format(kind=kind, sectors=sectors, parent_cid="11112222" if parent else "ffffffff", hint=hint)
    return text.encode().ljust(20 * SECTOR, b"\0")


def _vmdk_header(flags: int, capacity: int, directory: int, redundant: int, *, version: int, compression: int) -> bytes:
    header = bytearray(SECTOR)
    struct.pack_into("<4sIIQQQQIQQQB", header, 0, b"KDMV", version, flags, capacity, _GRAIN, 1, 20, 512, redundant,
                     directory, _GRAIN, 0)  # fmt: skip
    header[73:77] = b"\n \r\n"
    struct.pack_into("<H", header, 77, compression)
    return bytes(header)


def vmdk_sparse(
    *, parent: str = "", grains: tuple[int, ...] = (0, 128, 0, 256), redundant: tuple[int, ...] = ()
) -> bytes:
    """A growing disk of 256 KiB, two of its four grains there."""
    capacity = 4 * _GRAIN
    image = bytearray(_vmdk_header(3, capacity, 26, 21, version=1, compression=0))
    image += _descriptor("monolithicSparse", capacity, parent)
    for directory, entries in ((21, redundant or grains), (26, grains)):
        assert len(image) == directory * SECTOR
        image += struct.pack("<I", directory + 1).ljust(SECTOR, b"\0")
        image += struct.pack(f"<{len(entries)}I", *entries).ljust(4 * SECTOR, b"\0")
    image = image.ljust(_GRAIN * SECTOR, b"\0")
    return bytes(image + block("a") + block("b"))


def _marker(sectors: int, kind: int) -> bytes:
    return struct.pack("<QII", sectors, 0, kind).ljust(SECTOR, b"\0")


def _packed_grain(first: int, data: bytes) -> bytes:
    packed = zlib.compress(data)
    grain = struct.pack("<QI", first, len(packed)) + packed
    return grain.ljust(-(-len(grain) // SECTOR) * SECTOR, b"\0")


def vmdk_stream(*, wrong_table: bool = False) -> bytes:
    """As VMware exports: grains behind markers, then table, directory, footer and the end of the stream."""
    flags, capacity, at_end = 0x30001, 4 * _GRAIN, (1 << 64) - 1
    image = bytearray(_vmdk_header(flags, capacity, at_end, 0, version=3, compression=1))
    image += _descriptor("streamOptimized", capacity, "")
    image = image.ljust(_GRAIN * SECTOR, b"\0")
    entries = [0, 0, 0, 0]
    for number, letter in ((1, "a"), (3, "b")):
        entries[number] = len(image) // SECTOR
        image += _packed_grain(number * _GRAIN, block(letter))
    if wrong_table:
        entries[1], entries[3] = entries[3], entries[1]
    table_at = len(image) // SECTOR + 1
    image += _marker(4, 1) + struct.pack("<4I", *entries).ljust(4 * SECTOR, b"\0")
    directory_at = len(image) // SECTOR + 1
    image += _marker(1, 2) + struct.pack("<I", table_at).ljust(SECTOR, b"\0")
    footer = _vmdk_header(flags, capacity, directory_at, 0, version=3, compression=1)
    return bytes(image + _marker(1, 3) + footer + bytes(SECTOR))
