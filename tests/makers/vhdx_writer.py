"""Small VHDX files written by hand, for what qemu-img cannot make: children of a parent, and logs not replayed."""

import struct
from pathlib import Path
from uuid import UUID

from itops.formats.crc32c import crc32c

KIB, MIB = 1 << 10, 1 << 20
_BAT = UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
_METADATA = UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
_ITEMS = {
    "parameters": UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b"),
    "size": UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8"),
    "id": UUID("beca12ab-b2e6-4523-93ef-c309e000c746"),
    "sector": UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f"),
    "physical": UUID("cda348c7-445d-4471-9cc9-e9885251c556"),
    "parent": UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c"),
}
_LOCATOR = UUID("b04aefb7-d19e-4a81-b789-25b8e9445913")
SOME_ID, NO_ID = UUID(int=7), UUID(int=0)
BAT_AT, METADATA_AT, DATA_AT = 2 * MIB, 3 * MIB, 4 * MIB


def written(
    path: Path,
    *,
    data: bytes = b"sector" * 100,
    data_write_id: UUID = SOME_ID,
    log_id: UUID = NO_ID,
    parent: tuple[str, UUID] | None = None,
    entries: tuple[int, ...] = (DATA_AT | 6, 0),
) -> Path:
    """A disk of 2 MiB in blocks of 1 MiB; by default the first block is there."""
    image = bytearray(DATA_AT + MIB)
    image[:8] = b"vhdxfile"
    image[8:520] = "Microsoft Windows 10.0.20348.0".encode("utf-16-le").ljust(512, b"\0")
    for number in (1, 2):
        image[64 * KIB * number : 64 * KIB * number + 4 * KIB] = _header(number, data_write_id, log_id)
    regions = _region_table()
    image[192 * KIB : 256 * KIB] = image[256 * KIB : 320 * KIB] = regions
    table = _with_bitmap(entries) if parent else entries
    image[BAT_AT : BAT_AT + 8 * len(table)] = struct.pack(f"<{len(table)}Q", *table)
    metadata = _metadata(parent)
    image[METADATA_AT : METADATA_AT + len(metadata)] = metadata
    image[DATA_AT : DATA_AT + len(data)] = data
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image)
    return path


def _with_bitmap(entries: tuple[int, ...]) -> tuple[int, ...]:
    """A child has its bitmap block behind 4096 payload blocks."""
    return entries + (0,) * (4096 - len(entries)) + (0,)


def _summed(data: bytearray) -> bytes:
    data[4:8] = struct.pack("<I", crc32c(bytes(data)))
    return bytes(data)


def _header(number: int, data_write_id: UUID, log_id: UUID) -> bytes:
    data = bytearray(4 * KIB)
    data[:4] = b"head"
    data[8:16] = struct.pack("<Q", number)
    data[16:64] = UUID(int=5).bytes_le + data_write_id.bytes_le + log_id.bytes_le
    data[64:80] = struct.pack("<HHIQ", 0, 1, MIB, MIB)
    return _summed(data)


def _region_table() -> bytes:
    data = bytearray(64 * KIB)
    data[:4] = b"regi"
    data[8:12] = struct.pack("<I", 2)
    data[16:48] = _BAT.bytes_le + struct.pack("<QII", BAT_AT, MIB, 1)
    data[48:80] = _METADATA.bytes_le + struct.pack("<QII", METADATA_AT, MIB, 1)
    return _summed(data)


def _metadata(parent: tuple[str, UUID] | None) -> bytes:
    items = {
        "parameters": struct.pack("<II", MIB, 2 if parent else 0),
        "size": struct.pack("<Q", 2 * MIB),
        "id": UUID(int=9).bytes_le,
        "sector": struct.pack("<I", 512),
        "physical": struct.pack("<I", 4096),
    }
    if parent:
        items["parent"] = _locator(relative_path=parent[0], parent_linkage=f"{{{parent[1]}}}")
    head, body = bytearray(b"metadata" + struct.pack("<HH", 0, len(items)) + bytes(20)), bytearray()
    for name, item in items.items():
        head += _ITEMS[name].bytes_le + struct.pack("<IIII", 64 * KIB + len(body), len(item), 4, 0)
        body += item
    return bytes(head.ljust(64 * KIB, b"\0") + body)


def _locator(**pairs: str) -> bytes:
    at = 20 + 12 * len(pairs)
    entries, texts = b"", b""
    for key, value in pairs.items():
        raw_key, raw_value = key.encode("utf-16-le"), value.encode("utf-16-le")
        key_at = at + len(texts)
        entries += struct.pack("<IIHH", key_at, key_at + len(raw_key), len(raw_key), len(raw_value))
        texts += raw_key + raw_value
    return _LOCATOR.bytes_le + struct.pack("<HH", 0, len(pairs)) + entries + texts
