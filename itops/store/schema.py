"""The tables as the writer uses them. They are made by `migrations/`; a test holds both to the same columns.

A row of `revision` says: through `source`, the thing (kind, key) was seen as `document` from `valid_from` until
`valid_to`. What it needs besides to answer "was it seen in that scan?" is `unseen`: the scans that a row spans without
having seen the thing, because a gap hid its kind.
"""

from sqlalchemy import Column, MetaData, Table

from itops.store.types import Bytes, Int64, JsonText, Str, UtcMicros

METADATA = MetaData()

SCHEMA_VERSION = Table("schema_version", METADATA, Column("version", Int64), Column("applied_at", UtcMicros))

SCAN = Table(
    "scan",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("source", Str),
    Column("observed_at", UtcMicros),
    Column("started_at", UtcMicros),
    Column("ended_at", UtcMicros),
    Column("state", Str),
    Column("writer", Str),  # which open store runs it; see gate.Gate.is_alive
    Column("fingerprint", Str),  # of the file it was read from
    Column("counts", JsonText),  # kind -> entities seen
    Column("hides", JsonText),  # kinds that its gaps may have hidden
    Column("gap_count", Int64),
    Column("problem", Str),
    Column("remedy", Str),
)

GAP = Table(
    "gap",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("scan_id", Int64),
    Column("subject", Str),
    Column("code", Str),
    Column("problem", Str),
    Column("remedy", Str),
    Column("hides", JsonText),
)

DOCUMENT = Table("document", METADATA, Column("hash", Bytes, primary_key=True), Column("body", Bytes))

REVISION = Table(
    "revision",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("source", Str),
    Column("kind", Str),
    Column("key", Str),
    Column("valid_from", UtcMicros),
    Column("valid_to", UtcMicros),
    Column("ended_by", Int64),  # the scan that did not see it any more; empty when the next row follows at once
    Column("document", Bytes),
    Column("ref", Str),
    Column("name_folded", Str),
    Column("host", Str),  # key of the host a VM runs on, for superseding
)

UNSEEN = Table(
    "unseen",
    METADATA,
    Column("scan_id", Int64, primary_key=True),
    Column("kind", Str, primary_key=True),
    Column("key", Str, primary_key=True),
)

SUPERSEDING = Table(
    "superseding",
    METADATA,
    Column("scan_id", Int64, primary_key=True),
    Column("source", Str, primary_key=True),  # the one that was no longer live when the scan ended
)

LATEST = Table(
    "latest",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("source", Str),
    Column("kind", Str),
    Column("key", Str),
    Column("hash", Bytes),
    Column("body", Bytes),
)

SAMPLE = Table(
    "sample",
    METADATA,
    Column("scan_id", Int64, primary_key=True),
    Column("latest_id", Int64, primary_key=True),
    Column("storage_used_bytes", Int64),
    Column("cpu_mhz", Int64),
    Column("memory_mib", Int64),
)

SAMPLE_MONTH = Table(
    "sample_month",
    METADATA,
    Column("latest_id", Int64),
    Column("month", UtcMicros),
    *(
        Column(f"{metric}_{part}", Int64)
        for metric in ("storage_used_bytes", "cpu_mhz", "memory_mib")
        for part in ("count", "min", "sum", "max")
    ),
)

ANSWER = Table(
    "answer",
    METADATA,
    Column("vm_id", Str, primary_key=True),
    Column("role", Str, primary_key=True),
    Column("answered_by", Str),
    Column("answered_at", UtcMicros),
)

BACKUP_LOOK = Table(
    "backup_look",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("repository", Str),
    Column("looked_at", UtcMicros),
    Column("is_complete", Int64),
    Column("sees_absence", Int64),
    Column("document", Str),
)

BACKUP_COPY = Table(
    "backup_copy",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("repository", Str),
    Column("job", Str),
    Column("key", Str),
    Column("fingerprint", Str),
    Column("first_seen_at", UtcMicros),
    Column("last_seen_at", UtcMicros),
    Column("gone_at", UtcMicros),
    Column("document", Str),
)

BACKUP_PROOF = Table(
    "backup_proof",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("repository", Str),
    Column("key", Str),
    Column("fingerprint", Str),
    Column("proved_at", UtcMicros),
    Column("document", Str),
)

SERVER_DATABASE = Table(
    "server_database",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("repository", Str),
    Column("server", Str),
    Column("name", Str),
    Column("first_seen_at", UtcMicros),
    Column("last_seen_at", UtcMicros),
    Column("gone_at", UtcMicros),
    Column("document", Str),
)

SERVER_FACT = Table(
    "server_fact",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("repository", Str),
    Column("document", Str),
)

BACKUP_DRILL = Table(
    "backup_drill",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("job", Str),
    Column("started_at", UtcMicros),
    Column("document", Str),
)

BACKUP_VERDICT = Table(
    "backup_verdict",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("job", Str),
    Column("object", Str),
    Column("slot", Str),
    Column("judged_at", UtcMicros),
    Column("state", Str),
    Column("document", Str),
)

CUSTODY = Table(
    "custody",
    METADATA,
    Column("number", Int64, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcMicros),
    Column("medium", Str),
    Column("document", Str),
    Column("previous_hash", Str),
    Column("hash", Str),
)

REGISTER_ENTRY = Table(
    "register_entry",
    METADATA,
    Column("asset_id", Str, primary_key=True),
    Column("document", Str),
)

REGISTER_CHANGE = Table(
    "register_change",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("asset_id", Str),
    Column("at", UtcMicros),
    Column("document", Str),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("sha256", Str, primary_key=True),
    Column("office", Str),
    Column("period", Str),
    Column("sequence", Int64),
    Column("place", Int64),  # 1, 2 ... in the order of making
    Column("state", Str),
    Column("document", Str),
)

DELIVERY_RECEIPT = Table(
    "delivery_receipt",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("bundle", Str),
    Column("came_at", UtcMicros),
    Column("state", Str),
    Column("digest", Str),  # SHA-256 of `raw`
    Column("raw", Bytes),
)

WORKLOG = Table(
    "worklog",
    METADATA,
    Column("number", Int64, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcMicros),
    Column("document", Str),
)

DOCUMENT_EVENT = Table(
    "document_event",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("name", Str),
    Column("period", Str),
    Column("recorded_at", UtcMicros),
    Column("document", Str),
)

REPORT_NOTE = Table(
    "report_note",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("period", Str),
    Column("recorded_at", UtcMicros),
    Column("document", Str),
)

REGISTER_EXPORT = Table(
    "register_export",
    METADATA,
    Column("id", Int64, primary_key=True),
    Column("profile", Str),
    Column("recorded_at", UtcMicros),
    Column("document", Str),
)

RUN = Table(
    "run",
    METADATA,
    Column("job", Str, primary_key=True),
    Column("due_at", UtcMicros, primary_key=True),
    Column("state", Str),
    Column("document", Str),
)

BEAT = Table(
    "beat",
    METADATA,
    Column("one", Int64, primary_key=True, autoincrement=False),
    Column("document", Str),
)

EVALUATION = Table(
    "evaluation",
    METADATA,
    Column("check_name", Str, primary_key=True),
    Column("object", Str, primary_key=True),
    Column("document", Str),
)

INCIDENT = Table(
    "incident",
    METADATA,
    Column("check_name", Str, primary_key=True),
    Column("object", Str, primary_key=True),
    Column("phase", Str),
    Column("document", Str),
)

SILENCE = Table(
    "silence",
    METADATA,
    Column("number", Int64, primary_key=True, autoincrement=False),
    Column("document", Str),
)

NOTIFICATION = Table(
    "notification",
    METADATA,
    Column("number", Int64, primary_key=True, autoincrement=False),
    Column("channel", Str),
    Column("is_open", Int64),
    Column("document", Str),
)
