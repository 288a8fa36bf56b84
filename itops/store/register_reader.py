"""Reading what is remembered of the hardware register. As the rest of reading: plain SQL, no SQLAlchemy."""

import json
from typing import TYPE_CHECKING

from itops.assets.history import RegisterChange
from itops.documents import from_document
from itops.store.encoding import storable

if TYPE_CHECKING:
    from itops.store.connections import Connection

_ENTRIES = "SELECT asset_id, document FROM register_entry"
_CHANGES = "SELECT document FROM register_change /*where*/ ORDER BY at DESC, id DESC"


class RegisterReader:
    """The register as itops last saw it, and how it came to be so."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    def entries(self) -> dict[str, dict[str, str]]:
        """Each asset's fields when the register was last read; empty before the first time."""
        return {asset_id: json.loads(document) for asset_id, document in self._connection.rows(_ENTRIES)}

    def changes(self, asset_id: str | None = None) -> list[RegisterChange]:
        """Newest first."""
        query = _CHANGES.replace("/*where*/", "WHERE asset_id = ?") if asset_id is not None else _CHANGES
        rows = self._connection.rows(query, () if asset_id is None else (storable(asset_id),))
        return [from_document(RegisterChange, row[0]) for row in rows]
