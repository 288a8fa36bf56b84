"""Remembering the hardware register: what it says now and what of it changed, in one transaction."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select

from itops.assets.history import Flat, RegisterChange, differences
from itops.documents import to_document
from itops.store.encoding import storable
from itops.store.gate import Gate
from itops.store.schema import REGISTER_CHANGE, REGISTER_ENTRY
from itops.store.upsert import insert_or_replace


class RegisterStore:
    """The register's memory, for those who write into it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def remember(self, entries: Mapping[str, Flat], at: datetime, by: str | None, how: str) -> list[RegisterChange]:
        """Keep what the register says now; what differs from the last time is recorded and returned.

        The first time nothing is recorded: that a register exists is no change of it.
        """
        with self._gate.writing(is_durable=True) as connection:
            rows = connection.execute(select(REGISTER_ENTRY.c.asset_id, REGISTER_ENTRY.c.document)).all()
            known = {asset_id: json.loads(document) for asset_id, document in rows}
            found = list(differences(known, entries, at, by, how)) if known else []
            touched = {change.asset_id for change in found} if known else set(entries)
            kept = [_entry_row(asset_id, entries[asset_id]) for asset_id in sorted(touched) if asset_id in entries]
            if kept:
                connection.execute(insert_or_replace(connection, REGISTER_ENTRY, ["asset_id"], ["document"]), kept)
            gone = sorted(set(known) - set(entries))
            if gone:
                connection.execute(delete(REGISTER_ENTRY).where(REGISTER_ENTRY.c.asset_id.in_(gone)))
            if found:
                connection.execute(insert(REGISTER_CHANGE), [_change_row(change) for change in found])
        return found


def _entry_row(asset_id: str, entry: Flat) -> dict[str, str]:
    return {"asset_id": storable(asset_id), "document": storable(json.dumps(dict(entry), ensure_ascii=False))}


def _change_row(change: RegisterChange) -> dict[str, object]:
    return {"asset_id": storable(change.asset_id), "at": change.at, "document": storable(to_document(change))}
