"""The report as JSON: everything the other forms are drawn from, each figure once."""

import json
import re
from typing import Any

from itops.jsonable import jsonable
from itops.reports.monthly.records import SCHEMA, Report

_HALF = re.compile("[\ud800-\udfff]")  # of a character; a machine may send one, no UTF-8 can hold it
_PARTS = ("servers", "hardware", "backups", "papers", "quality")


def report_json(report: Report) -> bytes:
    """UTF-8, keys sorted, ending in a line feed: the same record gives the same bytes.

    Parts come without their figures: those stand in `figures`, by id.
    """
    written = json.dumps(report_plain(report), ensure_ascii=False, indent=1, sort_keys=True)
    return (_HALF.sub("\ufffd", written) + "\n").encode()


def report_plain(report: Report) -> dict[str, Any]:
    """The same as values."""
    plain: dict[str, Any] = jsonable(report)
    for part in _PARTS:
        del plain[part]["figures"]
    return {"schema": SCHEMA, **plain}
