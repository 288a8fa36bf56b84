"""The statements of readers: one text for both engines, `?` for parameters, no `?` or `%` of their own.

Statements about rows all give the columns of `_ROW`, in this order, at these places.
"""

# ruff: noqa: S608  the statements are made of words of this file alone

VALID_FROM, VALID_TO, ENDED_BY = 4, 5, 6
KEY = 2
_ROW = "r.source, r.kind, r.key, r.ref, r.valid_from, r.valid_to, r.ended_by, d.body"
_LATEST = "LEFT JOIN latest l ON l.source = r.source AND l.kind = r.kind AND l.key = r.key"
_DOCUMENT = "JOIN document d ON d.hash = r.document"

CURRENT = f"""
SELECT {_ROW}, l.body FROM revision r {_DOCUMENT} {_LATEST}
WHERE r.kind = ? AND r.valid_to IS NULL /*source*/
ORDER BY r.name_folded, r.key, r.source"""

AS_OF = f"""
SELECT {_ROW}, NULL FROM revision r {_DOCUMENT}
WHERE r.kind = ? AND r.valid_from <= ? AND (r.valid_to IS NULL OR r.valid_to > ?) /*source*/
ORDER BY r.name_folded, r.key, r.source"""

_NAMED = "(r.name_folded = ? OR r.key IN (?, ?) OR r.ref = ?)"

FIND_CURRENT = f"""
SELECT {_ROW}, l.body FROM revision r {_DOCUMENT} {_LATEST}
WHERE r.valid_to IS NULL AND {_NAMED}
ORDER BY r.kind, r.key, r.source"""

FIND_LAST = f"""
SELECT {_ROW}, NULL FROM revision r {_DOCUMENT}
WHERE {_NAMED} AND NOT EXISTS (
    SELECT 1 FROM revision later
    WHERE later.kind = r.kind AND later.key = r.key AND later.source = r.source AND later.valid_from > r.valid_from)
ORDER BY r.kind, r.key, r.source"""

HISTORY = f"""
SELECT {_ROW}, CASE WHEN r.valid_to IS NULL THEN l.body END FROM revision r {_DOCUMENT} {_LATEST}
WHERE r.kind = ? AND r.key = ?
ORDER BY r.valid_from, r.source"""

TOUCHED = f"""
SELECT {_ROW}, NULL FROM revision r {_DOCUMENT}
WHERE r.kind = ? AND r.valid_from < ? AND (r.valid_to IS NULL OR r.valid_to >= ?) AND r.key IN (
    SELECT key FROM revision WHERE kind = ? AND valid_from >= ? AND valid_from < ?
    UNION
    SELECT key FROM revision WHERE kind = ? AND valid_to >= ? AND valid_to < ?)
ORDER BY r.key, r.valid_from, r.source"""

LOOKS = "SELECT source, observed_at, id FROM scan WHERE state = 'complete' ORDER BY source, observed_at"
UNSEEN = "SELECT u.kind, u.key, s.source, u.scan_id FROM unseen u JOIN scan s ON s.id = u.scan_id WHERE u.kind = ?"

_SCAN = "s.id, s.source, s.observed_at, s.started_at, s.ended_at, s.state, s.counts, s.gap_count, s.problem, s.remedy"
SCANS = f"SELECT {_SCAN} FROM scan s /*source*/ ORDER BY s.observed_at DESC, s.id DESC"
LAST_ATTEMPTS = f"SELECT {_SCAN} FROM scan s WHERE s.id IN (SELECT max(id) FROM scan GROUP BY source)"
LAST_COMPLETE = f"""
SELECT {_SCAN} FROM scan s
WHERE s.state = 'complete' AND NOT EXISTS (
    SELECT 1 FROM scan n
    WHERE n.source = s.source AND n.state = 'complete' AND n.observed_at > s.observed_at)"""

_GAP = "s.source, g.subject, g.code, g.problem, g.remedy, g.hides, g.scan_id, s.observed_at"
GAPS_OF_SCAN = f"SELECT {_GAP} FROM gap g JOIN scan s ON s.id = g.scan_id WHERE s.id = ? ORDER BY g.id"
NEWEST_ENDED = """
SELECT s.id FROM scan s
WHERE s.state IN ('complete', 'failed') AND NOT EXISTS (
    SELECT 1 FROM scan n
    WHERE n.source = s.source AND n.state IN ('complete', 'failed')
      AND (n.observed_at > s.observed_at OR (n.observed_at = s.observed_at AND n.id > s.id)))
ORDER BY s.source"""

ANSWERS = "SELECT vm_id, role, answered_by, answered_at FROM answer ORDER BY vm_id, role"

SAMPLES = """
SELECT s.source, s.observed_at, x.storage_used_bytes, x.cpu_mhz, x.memory_mib
FROM latest l JOIN scan s ON s.source = l.source JOIN sample x ON x.scan_id = s.id AND x.latest_id = l.id
WHERE l.source IN (SELECT DISTINCT source FROM scan) AND l.kind = ? AND l.key = ?
  AND s.observed_at >= ? AND s.observed_at < ?"""

SAMPLE_MONTHS = """
SELECT l.source, x.month,
    sum(x.storage_used_bytes_count), min(x.storage_used_bytes_min), sum(x.storage_used_bytes_sum),
    max(x.storage_used_bytes_max),
    sum(x.cpu_mhz_count), min(x.cpu_mhz_min), sum(x.cpu_mhz_sum), max(x.cpu_mhz_max),
    sum(x.memory_mib_count), min(x.memory_mib_min), sum(x.memory_mib_sum), max(x.memory_mib_max)
FROM latest l JOIN sample_month x ON x.latest_id = l.id
WHERE l.source IN (SELECT DISTINCT source FROM scan) AND l.kind = ? AND l.key = ? AND x.month >= ? AND x.month < ?
GROUP BY l.source, x.month"""
