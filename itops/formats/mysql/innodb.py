"""The pages of InnoDB tablespaces and their checksums. Source: MariaDB's and MySQL's documented page layout.

Three ways: `full_crc32` (MariaDB 10.5 and later: CRC-32C of the whole page at its end), `crc32` (two parts without the
fields that change on the way to disk, at the front), and that of ROW_FORMAT=COMPRESSED. The flags in the first page
say which; the older sums that are no CRC (`innodb`) are recognised, not computed.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from itops.backup.contents import Content
from itops.backup.formats import MIB, Effort, damaged
from itops.formats.crc32c import crc32c, crc32c_rows

if TYPE_CHECKING:
    import numpy as np

    Pages: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

_SIZE_AT, _FLAGS_AT, _TYPE_AT, _LOG_LOW_AT = 46, 54, 24, 20
_FULL_CRC32 = 1 << 4
_SIZES = range(3, 8)  # 512 << size: 4 KiB to 64 KiB
_ZIP_SIZES = range(1, 6)  # 1 KiB to 16 KiB
_PACKED = 1 << 15  # in the type of a full_crc32 page that is compressed
# Types whose checksum is another matter: compressed and encrypted pages of MySQL and of MariaDB before 10.5.
_OTHER_TYPES = (14, 15, 16, 17, 34354, 37401)
_NO_CHECKSUM = 0xDEADBEEF  # innodb_checksum_algorithm=none
_SYSTEM = "ibdata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """How the pages of a tablespace are laid out, as its first page tells."""

    page_bytes: int
    pages: int  # as the tablespace counts itself
    is_full_crc32: bool
    is_zipped: bool

    @property
    def doublewrite(self) -> range:
        """The pages of the system tablespace that hold copies of pages of others: extents 1 and 2."""
        extent = max(64, MIB // self.page_bytes)
        return range(extent, 3 * extent)


def space_of(content: Content, effort: Effort) -> Space | None:
    """None where nothing but zeros stands in it. Raises Damaged: empty, cut, header-damaged."""
    head = content.read_at(0, 1024)
    if len(head) < 1024:
        raise damaged("cut" if head else "empty", content.name, size_bytes=content.size_bytes)
    if not any(head):
        for offset in range(0, content.size_bytes, MIB):
            effort.tick()
            if content.read_at(offset, MIB).strip(b"\0"):
                raise damaged("header-damaged", content.name)
        return None
    flags = _number(head, _FLAGS_AT)
    pages = _number(head, _SIZE_AT)
    if flags & _FULL_CRC32:
        size, zipped = flags & 15, 0
    else:
        size, zipped = (flags >> 6 & 15) or 5, flags >> 1 & 15
    if size not in _SIZES or (zipped and zipped not in _ZIP_SIZES) or int.from_bytes(head[4:8], "big"):
        raise damaged("header-damaged", content.name)
    return Space(
        page_bytes=512 << (zipped or size),
        pages=pages,
        is_full_crc32=bool(flags & _FULL_CRC32),
        is_zipped=bool(zipped),
    )


def _number(page: bytes, offset: int) -> int:
    return int.from_bytes(page[offset : offset + 4], "big")


@dataclass(slots=True)
class PageCounts:
    """What was checked, over all tablespaces."""

    checked: int = 0
    zero: int = 0  # never written, or freed; no damage as such
    copies: int = 0  # in the doublewrite buffer: of pages that are checked where they belong
    unchecked: int = 0  # older checksums, encrypted pages of old servers
    unchecked_bytes: int = 0
    wrong: dict[str, list[int]] = field(default_factory=dict)  # page numbers by file


def check_pages(content: Content, space: Space, first_page: int, counts: PageCounts, effort: Effort) -> None:
    """Check every page of a file, whose first one has that number in its tablespace."""
    import numpy as np  # noqa: PLC0415  heavy, and only an examination needs it

    number = first_page
    for block in _blocks(content, space.page_bytes):
        effort.tick()
        pages = np.frombuffer(block, dtype=np.uint8).reshape(-1, space.page_bytes)
        checker = _Checker(content.name, space, counts, pages, number)
        checker.check()
        number += len(pages)


def _blocks(content: Content, page_bytes: int) -> Iterator[bytes]:
    for offset in range(0, content.size_bytes, MIB):
        block = content.read_at(offset, MIB)
        if len(block) != min(MIB, content.size_bytes - offset) or len(block) % page_bytes:
            raise damaged("cut", content.name, size_bytes=content.size_bytes)
        yield block


@dataclass(slots=True)
class _Checker:
    """The pages of one block."""

    name: str
    space: Space
    counts: PageCounts
    pages: Any  # Pages
    first: int

    def check(self) -> None:
        written = self.pages.any(axis=1)
        self.counts.zero += int(len(self.pages) - written.sum())
        if not written.any():
            return
        is_right = self._are_right()
        for index in written.nonzero()[0].tolist():
            page = self.pages[index].tobytes()
            number = self.first + index
            if self._is_copy(number):
                self.counts.copies += 1
            elif is_right[index] and _number(page, 4) == number:
                self.counts.checked += 1
            else:
                self._doubt(page, number)

    def _are_right(self) -> list[bool]:
        """Which pages have the checksum that most pages of this kind of tablespace have."""
        if self.space.is_full_crc32:
            sums = crc32c_rows(self.pages[:, :-4])
            stored = _column(self.pages, self.space.page_bytes - 4)
        elif self.space.is_zipped:
            sums = crc32c_rows(self.pages[:, 4:16]) ^ crc32c_rows(self.pages[:, 24:26])
            sums = sums ^ crc32c_rows(self.pages[:, 34:])
            stored = _column(self.pages, 0)
        else:
            sums = crc32c_rows(self.pages[:, 4:26]) ^ crc32c_rows(self.pages[:, 38:-8])
            stored = _column(self.pages, 0)
            return [bool(right) for right in ((sums == stored) & _ends_agree(self.pages)).tolist()]
        return [bool(right) for right in (sums == stored).tolist()]

    def _is_copy(self, number: int) -> bool:
        return self.name.startswith(_SYSTEM) and number in self.space.doublewrite

    def _doubt(self, page: bytes, number: int) -> None:
        """A page that does not fit at first sight."""
        if _number(page, 4) == number:
            if self.space.is_full_crc32:
                verdict = _packed_fits(page)
            else:
                verdict = _adler_fits(page) if self.space.is_zipped else _is_other(page)
            if verdict is not None:
                self.counts.checked += verdict
                self.counts.unchecked += not verdict
                self.counts.unchecked_bytes += 0 if verdict else len(page)
                return
        self.counts.wrong.setdefault(self.name, []).append(number)


def _column(pages: Any, offset: int) -> Any:
    """Four bytes of each page as a big-endian number."""
    return pages[:, offset : offset + 4].copy().view(">u4")[:, 0]


def _ends_agree(pages: Any) -> Any:
    """Whether checksum and low half of the log position stand at the end as at the front: MariaDB refuses others."""
    size = pages.shape[1]
    same_sum = _column(pages, 0) == _column(pages, size - 8)
    return same_sum & (_column(pages, _LOG_LOW_AT) == _column(pages, size - 4))


def _packed_fits(page: bytes) -> bool | None:
    """A compressed page of full_crc32 ends, with its checksum, where its type says. None: it is wrong."""
    kind = int.from_bytes(page[_TYPE_AT : _TYPE_AT + 2], "big")
    length = (kind & ~_PACKED) << 8
    if not kind & _PACKED or not 64 <= length < len(page):
        return None
    return True if crc32c(page[: length - 4]) == _number(page, length - 4) else None


def _adler_fits(page: bytes) -> bool | None:
    """The older checksum of ROW_FORMAT=COMPRESSED."""
    if _number(page, 0) == _NO_CHECKSUM:
        return False
    sums = zlib.adler32(page[34:], zlib.adler32(page[24:26], zlib.adler32(page[4:16], 0)))
    return True if sums == _number(page, 0) else None


def _is_other(page: bytes) -> bool | None:
    """False where its checksum is one that is not computed here; None: it is wrong.

    With `crc32` both copies of the sum are equal, so a page whose copies differ, neither of them that sum, and whose
    low half of the log position stands at both ends as it should, has the older sum.
    """
    front, back = _number(page, 0), _number(page, len(page) - 8)
    kind = int.from_bytes(page[_TYPE_AT : _TYPE_AT + 2], "big")
    is_encrypted = _number(page, 26) != 0 and _number(page, 4) != 0
    if front == _NO_CHECKSUM or kind in _OTHER_TYPES or is_encrypted:
        return False
    is_sound = page[_LOG_LOW_AT : _LOG_LOW_AT + 4] == page[-4:]
    has_crc = crc32c(page[4:26]) ^ crc32c(page[38:-8]) in (front, back)
    return False if front != back and is_sound and not has_crc else None
