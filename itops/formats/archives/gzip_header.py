"""What the header of a gzip member tells of the file inside. Source: RFC 1952."""

from datetime import UTC, datetime

from itops.facts import Fact
from itops.formats.archives.paths import shown

_EXTRA, _NAME = 0x04, 0x08
_SYSTEMS = {0: "FAT", 3: "Unix", 10: "NTFS", 11: "NTFS"}


def gzip_facts(head: bytes) -> dict[str, Fact]:
    """The file's name and time (UTC) before it was packed, and the system, where they are told."""
    facts: dict[str, Fact] = {}
    if len(head) < 10:
        return facts
    if seconds := int.from_bytes(head[4:8], "little"):
        facts["packed_file_at"] = datetime.fromtimestamp(seconds, UTC).isoformat()
    position = 10
    if head[3] & _EXTRA:
        position += 2 + int.from_bytes(head[10:12], "little")
    if head[3] & _NAME and (name := head[position:].partition(b"\0")[0]):
        facts["packed_name"] = shown(name.decode("latin-1"))
    if head[9] in _SYSTEMS:
        facts["system"] = _SYSTEMS[head[9]]
    return facts
