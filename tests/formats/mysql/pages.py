"""InnoDB pages and whole tablespaces written by hand, with each kind of checksum."""

import zlib

from itops.formats.crc32c import crc32c

FULL_CRC32, CRC32, ZIPPED = "full_crc32", "crc32", "zipped"
_FLAGS = {FULL_CRC32: 0x15, CRC32: 0, ZIPPED: 0x29}
PAGE_BYTES = {FULL_CRC32: 16384, CRC32: 16384, ZIPPED: 8192}


def _put(page: bytearray, at: int, value: int, length: int = 4) -> None:
    page[at : at + length] = value.to_bytes(length, "big")


def sealed(page: bytearray, kind: str) -> bytes:
    """The page with its checksum."""
    if kind == FULL_CRC32:
        _put(page, len(page) - 4, crc32c(bytes(page[:-4])))
    elif kind == CRC32:
        page[-4:] = page[20:24]
        value = crc32c(bytes(page[4:26])) ^ crc32c(bytes(page[38:-8]))
        _put(page, 0, value)
        _put(page, len(page) - 8, value)
    else:
        _put(page, 0, crc32c(bytes(page[4:16])) ^ crc32c(bytes(page[24:26])) ^ crc32c(bytes(page[34:])))
    return bytes(page)


def page(number: int, kind: str, content: bytes = b"") -> bytearray:
    """A page without its checksum."""
    made = bytearray(PAGE_BYTES[kind])
    _put(made, 4, number)
    _put(made, 16, 1_000_000 + number, 8)
    _put(made, 24, 17855, 2)
    made[38 : 38 + len(content)] = content
    return made


def tablespace(kind: str = FULL_CRC32, pages: int = 6) -> bytes:
    """A tablespace; its last page but one was never written."""
    first = page(0, kind)
    _put(first, 46, pages)
    _put(first, 54, _FLAGS[kind])
    made = [sealed(first, kind)]
    for number in range(1, pages):
        content = bytes((number * 7 + place) % 251 for place in range(4000))
        made.append(bytes(PAGE_BYTES[kind]) if number == pages - 2 else sealed(page(number, kind, content), kind))
    return b"".join(made)


def packed_page(number: int) -> bytes:
    """A compressed page of full_crc32: it ends at 1 KiB, zeros follow."""
    made = page(number, FULL_CRC32, b"packed" * 100)
    _put(made, 24, 1 << 15 | 4, 2)
    made[1024:] = bytes(len(made) - 1024)
    _put(made, 1020, crc32c(bytes(made[:1020])))
    return bytes(made)


def adler_page(number: int) -> bytes:
    """A page of ROW_FORMAT=COMPRESSED with the checksum that older servers used."""
    made = page(number, ZIPPED, b"old" * 100)
    value = zlib.adler32(bytes(made[34:]), zlib.adler32(bytes(made[24:26]), zlib.adler32(bytes(made[4:16]), 0)))
    _put(made, 0, value)
    return bytes(made)


def old_page(number: int) -> bytes:
    """A page with the two unlike sums of `innodb_checksum_algorithm=innodb`."""
    made = page(number, CRC32, b"old" * 100)
    _put(made, 0, 0x12345678)
    _put(made, len(made) - 8, 0x9ABCDEF0)
    made[-4:] = made[20:24]
    return bytes(made)
