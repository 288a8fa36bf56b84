"""Step 4: the outbox of bundles, and the receipts that headquarters signed."""

STATEMENTS = (
    """CREATE TABLE outbox (
        sha256 TEXT NOT NULL PRIMARY KEY,
        office TEXT NOT NULL,
        period TEXT NOT NULL,
        sequence {integer} NOT NULL,
        place {integer} NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'delivered', 'refused')),
        document TEXT NOT NULL
    ){strict}""",
    # A guard as well: of two makers at one moment, one is told to begin anew.
    "CREATE UNIQUE INDEX outbox_edition ON outbox (office, period, sequence)",
    # No row is ever changed: what headquarters signed stays as it came.
    """CREATE TABLE delivery_receipt (
        id {identity},
        bundle TEXT NOT NULL,
        came_at {integer} NOT NULL,
        state TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        raw {bytes} NOT NULL
    ){strict}""",
    "CREATE INDEX delivery_receipt_of_bundle ON delivery_receipt (bundle, id)",
)
