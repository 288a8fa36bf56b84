"""JSON to and from others."""

import json
from typing import Any


def json_bytes(told: object) -> bytes:
    """As UTF-8; Persian stays readable, a lone surrogate becomes a question mark."""
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def read_json(body: bytes) -> Any:
    """What somebody answered; ValueError when it is no JSON, or nested without end."""
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
