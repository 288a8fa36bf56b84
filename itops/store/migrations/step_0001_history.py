"""Step 1: scans, gaps, history, the latest volatile values, samples, answers.

`{identity}`, `{integer}`, `{bytes}`, `{strict}` and `{compact}` are the words in which the engines differ.
"""

STATEMENTS = (
    """CREATE TABLE scan (
        id {identity},
        source TEXT NOT NULL,
        observed_at {integer} NOT NULL,
        started_at {integer} NOT NULL,
        ended_at {integer},
        state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'abandoned')),
        writer TEXT NOT NULL,
        fingerprint TEXT,
        counts TEXT NOT NULL,
        hides TEXT NOT NULL,
        gap_count {integer} NOT NULL,
        problem TEXT,
        remedy TEXT
    ){strict}""",
    # One moment, one look: the history is replayed in the order of these moments.
    "CREATE UNIQUE INDEX scan_looks ON scan (source, observed_at) WHERE state = 'complete'",
    "CREATE INDEX scan_by_source ON scan (source, observed_at)",
    """CREATE TABLE gap (
        id {identity},
        scan_id {integer} NOT NULL REFERENCES scan (id),
        subject TEXT NOT NULL,
        code TEXT NOT NULL,
        problem TEXT NOT NULL,
        remedy TEXT NOT NULL,
        hides TEXT NOT NULL
    ){strict}""",
    "CREATE INDEX gap_by_scan ON gap (scan_id)",
    "CREATE TABLE document (hash {bytes} PRIMARY KEY, body {bytes} NOT NULL){strict}",
    """CREATE TABLE revision (
        id {identity},
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        valid_from {integer} NOT NULL,
        valid_to {integer} CHECK (valid_to > valid_from),
        ended_by {integer} REFERENCES scan (id),
        document {bytes} NOT NULL REFERENCES document (hash),
        ref TEXT NOT NULL,
        name_folded TEXT NOT NULL,
        host TEXT
    ){strict}""",
    "CREATE UNIQUE INDEX revision_life ON revision (kind, key, source, valid_from)",
    # The unique one is a guard as well: nothing is in two states at once.
    "CREATE UNIQUE INDEX revision_open ON revision (kind, key, source) WHERE valid_to IS NULL",
    "CREATE INDEX revision_begin ON revision (kind, valid_from)",
    "CREATE INDEX revision_end ON revision (kind, valid_to) WHERE valid_to IS NOT NULL",
    """CREATE TABLE unseen (
        scan_id {integer} NOT NULL REFERENCES scan (id),
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (scan_id, kind, key)
    ){compact}""",
    """CREATE TABLE superseding (
        scan_id {integer} NOT NULL REFERENCES scan (id),
        source TEXT NOT NULL,
        PRIMARY KEY (scan_id, source)
    ){compact}""",
    """CREATE TABLE latest (
        id {identity},
        source TEXT NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL,
        hash {bytes} NOT NULL,
        body {bytes} NOT NULL,
        UNIQUE (source, kind, key)
    ){strict}""",
    # By scan first: a scan appends to one place, and one VM's life is a seek for each scan.
    """CREATE TABLE sample (
        scan_id {integer} NOT NULL REFERENCES scan (id),
        latest_id {integer} NOT NULL REFERENCES latest (id),
        storage_used_bytes {integer},
        cpu_mhz {integer},
        memory_mib {integer},
        PRIMARY KEY (scan_id, latest_id)
    ){compact}""",
    """CREATE TABLE sample_month (
        latest_id {integer} NOT NULL REFERENCES latest (id),
        month {integer} NOT NULL,
        storage_used_bytes_count {integer} NOT NULL,
        storage_used_bytes_min {integer},
        storage_used_bytes_sum {integer},
        storage_used_bytes_max {integer},
        cpu_mhz_count {integer} NOT NULL,
        cpu_mhz_min {integer},
        cpu_mhz_sum {integer},
        cpu_mhz_max {integer},
        memory_mib_count {integer} NOT NULL,
        memory_mib_min {integer},
        memory_mib_sum {integer},
        memory_mib_max {integer}
    ){strict}""",
    "CREATE INDEX sample_month_by_thing ON sample_month (latest_id, month)",
    """CREATE TABLE answer (
        vm_id TEXT NOT NULL,
        role TEXT NOT NULL,
        answered_by TEXT NOT NULL,
        answered_at {integer} NOT NULL,
        PRIMARY KEY (vm_id, role)
    ){compact}""",
)
