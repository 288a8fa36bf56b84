"""Step 3: the hardware register as it was last read, and every change of it."""

STATEMENTS = (
    """CREATE TABLE register_entry (
        asset_id TEXT NOT NULL PRIMARY KEY,
        document TEXT NOT NULL
    ){strict}""",
    # No row is ever changed: what was noticed stays noticed.
    """CREATE TABLE register_change (
        id {identity},
        asset_id TEXT NOT NULL,
        at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX register_change_of_asset ON register_change (asset_id, at)",
)
