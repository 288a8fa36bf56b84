"""Which format a thing has; and what can be said of bytes that have none."""

from collections.abc import Iterable

from itops.backup.contents import Thing
from itops.backup.formats import Format, Unrecognised

HEAD_BYTES = 4096


def recognise(thing: Thing, formats: Iterable[Format]) -> Format | None:
    """The first format that knows it; formats are strict, so at most one should."""
    return next((known for known in formats if known.is_folder == thing.is_folder and known.recognises(thing)), None)


def unrecognised(thing: Thing, formats: Iterable[Format]) -> Unrecognised:
    """Why nothing knows it: empty, zeros, a web server's error page, a broken promise, or others'."""
    if thing.size_bytes == 0:
        return Unrecognised(code="empty")
    if thing.head and not thing.head.strip(b"\0"):
        return Unrecognised(code="all-zero")
    start = thing.head[:512].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return Unrecognised(code="html-page")
    promised = [known.name for known in formats if thing.path.lower().endswith(known.suffixes or ("\0",))]
    if promised and not thing.is_folder:
        return Unrecognised(code="not-its-format", facts={"promised": ", ".join(promised)})
    return Unrecognised(code="unknown-format")
