"""Step 7: the watch. Runs and the beat, evaluations as they were last made, incidents, silences, notifications."""

STATEMENTS = (
    # The key makes a double start impossible: one row for each time a job was due.
    """CREATE TABLE run (
        job TEXT NOT NULL,
        due_at {integer} NOT NULL,
        state TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (job, due_at)
    ){strict}""",
    "CREATE INDEX run_of_state ON run (state, due_at)",
    """CREATE TABLE beat (
        one {integer} NOT NULL PRIMARY KEY CHECK (one = 1),
        document TEXT NOT NULL
    ){strict}""",
    """CREATE TABLE evaluation (
        check_name TEXT NOT NULL,
        object TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (check_name, object)
    ){strict}""",
    """CREATE TABLE incident (
        check_name TEXT NOT NULL,
        object TEXT NOT NULL,
        phase TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (check_name, object)
    ){strict}""",
    """CREATE TABLE silence (
        number {integer} NOT NULL PRIMARY KEY,
        document TEXT NOT NULL
    ){strict}""",
    """CREATE TABLE notification (
        number {integer} NOT NULL PRIMARY KEY,
        channel TEXT NOT NULL,
        is_open {integer} NOT NULL,
        document TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX notification_open ON notification (is_open, number)",
)
