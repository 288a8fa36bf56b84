"""Step 5: the change log, and what became of the documents that systems ask for."""

STATEMENTS = (
    # No row of either is ever changed: a correction is a row of its own.
    """CREATE TABLE worklog (
        number {integer} NOT NULL PRIMARY KEY,
        recorded_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    """CREATE TABLE document_event (
        id {identity},
        name TEXT NOT NULL,
        period TEXT NOT NULL,
        recorded_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX document_event_of_period ON document_event (period, name, id)",
)
