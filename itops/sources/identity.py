"""Who a thing is by what every source can read of it: one rule, or two sources would know one host by two keys."""

import re

from itops.inventory.entities import Value
from itops.inventory.values import text

_IS_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# Values that makers ship instead of an identity; they identify nothing.
_JUNK = re.compile(r"0+|f+|03000200040005000006000700080009|12345678.*")
_VOLUME = re.compile(r"/volumes/([^/]+)/?$")


def uuid_key(value: Value) -> str | None:
    """A UUID in lower case; None for what is none and for the junk that makers ship."""
    found = (text(value) or "").strip().lower()
    return found if _IS_UUID.fullmatch(found) and not _JUNK.fullmatch(found.replace("-", "")) else None


def volume_key(url: str | None) -> str | None:
    """The volume in a datastore's URL, in lower case, else the whole URL; the same through every host."""
    volume = _VOLUME.search(url) if url else None
    return volume[1].lower() if volume else url or None
