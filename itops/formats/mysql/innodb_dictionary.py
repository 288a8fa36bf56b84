"""Which tables have a file of their own, from InnoDB's table of tables (SYS_TABLES) in `ibdata1`.

MariaDB has it; MySQL 8 keeps its dictionary elsewhere. In a backup that is not prepared its pages may be of different
moments, so what is found here only explains what was missed elsewhere; whatever does not fit ends the search.
"""

from collections.abc import Iterator

from itops.backup.contents import Content
from itops.backup.formats import Effort
from itops.formats.mysql.innodb import Space

_HEADER_PAGE = 7
_ROOT_AT = 38 + 32  # the number of the root page of SYS_TABLES
_NEXT_PAGE_AT = 12
_LEVEL_AT = 38 + 26
_INFIMUM, _SUPREMUM = 101, 116  # of the old row format
_DELETED = 0x20
_SPACE_FIELD = 9
_MOST_ROWS = 10_000_000
_NOTHING = 0xFFFFFFFF


def tables_with_files(system: Content, space: Space, effort: Effort) -> Iterator[str]:
    """`database/table`, in the letters of file names, of every table whose rows lie outside the system tablespace."""
    header = _page(system, space, _HEADER_PAGE)
    if header is None:
        return
    page = _leftmost_leaf(system, space, int.from_bytes(header[_ROOT_AT : _ROOT_AT + 4], "big"))
    rows = 0
    for _ in range(system.size_bytes // space.page_bytes):  # damaged pages may follow each other in a ring
        if page is None:
            return
        for name, place in _rows(page):
            rows += 1
            if place:
                yield name
        effort.tick()
        following = int.from_bytes(page[_NEXT_PAGE_AT : _NEXT_PAGE_AT + 4], "big")
        page = _page(system, space, following) if rows < _MOST_ROWS else None


def _page(system: Content, space: Space, number: int) -> bytes | None:
    if number == _NOTHING or not 0 < number < system.size_bytes // space.page_bytes:
        return None
    page = system.read_at(number * space.page_bytes, space.page_bytes)
    return page if len(page) == space.page_bytes and int.from_bytes(page[4:8], "big") == number else None


def _leftmost_leaf(system: Content, space: Space, number: int) -> bytes | None:
    page = _page(system, space, number)
    for _ in range(16):  # no tree is deeper
        if page is None or int.from_bytes(page[_LEVEL_AT : _LEVEL_AT + 2], "big") == 0:
            return page
        first = next(_records(page), None)
        child = None if first is None else _field(page, first, _fields(page, first) - 1)
        page = None if child is None else _page(system, space, int.from_bytes(child, "big"))
    return None


def _rows(page: bytes) -> Iterator[tuple[str, int]]:
    """The name and the number of the tablespace of each table."""
    for record in _records(page):
        if page[record - 6] & _DELETED or _fields(page, record) <= _SPACE_FIELD:
            continue
        name, place = _field(page, record, 0), _field(page, record, _SPACE_FIELD)
        if name and place is not None and len(place) == 4:
            yield name.decode("utf-8", "replace"), int.from_bytes(place, "big")


def _records(page: bytes) -> Iterator[int]:
    """Where the records begin, in their order."""
    record = _INFIMUM
    for _ in range(len(page) // 8):
        record = int.from_bytes(page[record - 2 : record], "big")
        if record == _SUPREMUM or not _SUPREMUM < record < len(page) - 8:
            return
        yield record


def _fields(page: bytes, record: int) -> int:
    return int.from_bytes(page[record - 4 : record - 2], "big") >> 1 & 0x3FF


def _field(page: bytes, record: int, index: int) -> bytes | None:
    """The bytes of one field; None for NULL or nonsense. The ends of the fields stand before the record, backwards."""
    is_short = page[record - 3] & 1
    width, null = (1, 0x80) if is_short else (2, 0x8000)

    def end(number: int) -> int:
        at = record - 6 - width * (number + 1)
        return int.from_bytes(page[at : at + width], "big") if at > 0 else null

    begin = 0 if index == 0 else end(index - 1) & (0x7F if is_short else 0x3FFF)
    stop = end(index)
    if stop & null or not begin <= stop or record + stop > len(page):
        return None
    return page[record + begin : record + stop]
