"""When a row was last looked at and seen: read off the scans, so that an unchanged thing costs no write."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection

from itops.inventory.entities import Kind
from itops.store import sql
from itops.store.connections import Connection, Row


class Looks:
    """The complete scans of every source, and the few in which things of these kinds were missed."""

    def __init__(self, connection: Connection, kinds: Collection[Kind]) -> None:
        self._moments: dict[str, list[int]] = {}
        self._scans: dict[str, list[int]] = {}
        for source, moment, scan_id in connection.rows(sql.LOOKS):
            self._moments.setdefault(source, []).append(moment)
            self._scans.setdefault(source, []).append(scan_id)
        self._missed: dict[tuple[str, str, str], set[int]] = {}
        for kind in kinds:
            for thing_kind, key, source, scan_id in connection.stream(sql.UNSEEN, (kind.value,)):
                self._missed.setdefault((source, thing_kind, key), set()).add(scan_id)

    def seen_at(self, row: Row, as_of: int | None) -> int:
        """The last look that saw the thing of this row while the row held, and not later than `as_of`."""
        source, kind, key = row[0], row[1], row[2]
        valid_from: int = row[sql.VALID_FROM]
        moments, scans = self._moments.get(source, []), self._scans.get(source, [])  # a first scan may just have ended
        missed = self._missed.get((source, kind, key), ())
        place = len(moments) if row[sql.VALID_TO] is None else bisect_left(moments, row[sql.VALID_TO])
        if as_of is not None:
            place = min(place, bisect_right(moments, as_of))
        while place > 0 and scans[place - 1] in missed:
            place -= 1
        return max(valid_from, moments[place - 1]) if place else valid_from
