"""How documents become bytes: canonical JSON, its hash, its compressed body.

Bodies are compressed. Measured on 5.4 KB documents: zlib at its quickest needs 25 to 30 microseconds and leaves a
fifth; the file, the WAL and the spool shrink with it, and reading one back costs 15 microseconds beside 100 of JSON
parsing.
"""

import json
import re
import zlib
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from itops.inventory.entities import Properties, Value

HASH_BYTES = 20
_COMPRESSION_LEVEL = 1
# A column of text can hold neither (PostgreSQL refuses NUL, UTF-8 refuses half a surrogate pair); a body can.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical(properties: "Properties") -> bytes:
    """The same properties give the same bytes, whatever their order was."""
    return _encode(properties).encode("utf-8", "surrogatepass")


def fingerprint(document: bytes, ref: str = "") -> bytes:
    """The hash that a document is known by. The ref counts: a VM registered anew is another row of its history."""
    found = blake2b(document, digest_size=HASH_BYTES)
    found.update(b"\0" + ref.encode("utf-8", "surrogatepass"))
    return found.digest()


def packed(document: bytes) -> bytes:
    """The body as it is kept."""
    return zlib.compress(document, _COMPRESSION_LEVEL)


def unpacked(body: bytes) -> "dict[str, Value]":
    """The properties of a body."""
    found: dict[str, Value] = json.loads(zlib.decompress(body).decode("utf-8", "surrogatepass"))
    return found


def storable(text: str) -> str:
    """`text` with what no text column can hold turned into U+FFFD."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def folded(name: str) -> str:
    """A name as it is compared: any case."""
    return storable(name.casefold())
