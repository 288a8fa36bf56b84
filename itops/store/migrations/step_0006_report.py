"""Step 6: what people write for a period's report, and which items each export to headquarters held."""

STATEMENTS = (
    # No row of either is ever changed.
    """CREATE TABLE report_note (
        id {identity},
        period TEXT NOT NULL,
        recorded_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX report_note_of_period ON report_note (period, id)",
    """CREATE TABLE register_export (
        id {identity},
        profile TEXT NOT NULL,
        recorded_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX register_export_of_profile ON register_export (profile, id)",
)
