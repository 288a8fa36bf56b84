"""Step 2: looks at repositories, copies, proofs, databases of servers, restore tests, verdicts, custody."""

STATEMENTS = (
    """CREATE TABLE backup_look (
        id {identity},
        repository TEXT NOT NULL,
        looked_at {integer} NOT NULL,
        is_complete {integer} NOT NULL,
        sees_absence {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX backup_look_by_repository ON backup_look (repository, looked_at)",
    # A copy is one state of one content: the same name with another fingerprint is another copy.
    """CREATE TABLE backup_copy (
        id {identity},
        repository TEXT NOT NULL,
        job TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        first_seen_at {integer} NOT NULL,
        last_seen_at {integer} NOT NULL,
        gone_at {integer},
        document TEXT NOT NULL
    ){strict}""",
    "CREATE UNIQUE INDEX backup_copy_state ON backup_copy (repository, key, fingerprint, job)",
    "CREATE INDEX backup_copy_by_job ON backup_copy (job)",
    """CREATE TABLE backup_proof (
        id {identity},
        repository TEXT NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        proved_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX backup_proof_of_copy ON backup_proof (repository, key, fingerprint, proved_at)",
    """CREATE TABLE server_database (
        id {identity},
        repository TEXT NOT NULL,
        server TEXT NOT NULL,
        name TEXT NOT NULL,
        first_seen_at {integer} NOT NULL,
        last_seen_at {integer} NOT NULL,
        gone_at {integer},
        document TEXT NOT NULL
    ){strict}""",
    "CREATE UNIQUE INDEX server_database_name ON server_database (repository, server, name)",
    """CREATE TABLE server_fact (
        id {identity},
        repository TEXT NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX server_fact_by_repository ON server_fact (repository)",
    """CREATE TABLE backup_drill (
        id {identity},
        job TEXT NOT NULL,
        started_at {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX backup_drill_by_job ON backup_drill (job, started_at)",
    """CREATE TABLE backup_verdict (
        id {identity},
        job TEXT NOT NULL,
        object TEXT NOT NULL,
        slot TEXT NOT NULL,
        judged_at {integer} NOT NULL,
        state TEXT NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX backup_verdict_of_slot ON backup_verdict (job, object, slot, id)",
    # The register of custody: no row is ever changed; each carries the hash of the one before.
    """CREATE TABLE custody (
        number {integer} NOT NULL PRIMARY KEY,
        recorded_at {integer} NOT NULL,
        medium TEXT NOT NULL,
        document TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE
    ){strict}""",
    "CREATE INDEX custody_of_medium ON custody (medium, number)",
)
