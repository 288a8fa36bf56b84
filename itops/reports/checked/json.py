"""JSON, for other programs: everything there is, in the envelope of every listing."""

import math
from collections.abc import Mapping
from json import dumps
from typing import Any

from itops.alerts.checking import CheckedObject, CheckResult, overall
from itops.jsonable import jsonable
from itops.reports.checked.checked import Checked
from itops.reports.checked.names import safe
from itops.reports.checked.sentences import summary, told


def page(checked: Checked) -> str:
    """The results as they are, in the envelope of every listing; names are whole, and nothing in it steers a screen."""
    whole = {
        "schema": "itops.check/1",
        "generated_at": jsonable(checked.now),
        "state": jsonable(overall(checked.results)),
        "beat_at": jsonable(checked.beat_at),
        "data": [_row(result, checked) for result in checked.results],
        "gaps": [],
    }
    return dumped(whole)


def _row(result: CheckResult, checked: Checked) -> dict[str, Any]:
    return {
        "check": result.check,
        "state": jsonable(result.state),
        "text": safe(summary(result, checked)),
        "counts": result.counts._asdict(),
        "gauges": {gauge.label: gauge.value for gauge in result.gauges},
        "oldest_good_at": jsonable(result.oldest_good_at),
        "objects": [_object(one, checked) for one in result.objects],
    }


def _object(one: CheckedObject, checked: Checked) -> dict[str, Any]:
    return {
        "check": one.key.check,
        "object": one.key.object,
        "state": jsonable(one.state),
        "code": one.code,
        "text": safe(told(one, checked)),
        "is_stale": one.is_stale,
        "is_missing": one.is_missing,
        "judged_at": jsonable(one.judged_at),
        "valid_until": jsonable(one.valid_until),
        "since": jsonable(one.since),
        "last_good_at": jsonable(one.last_good_at),
        "owner": one.owner,
        "facts": {
            name: None if isinstance(fact, float) and not math.isfinite(fact) else fact
            for name, fact in one.facts.items()
        },
    }


def dumped(whole: Mapping[str, Any]) -> str:
    """ASCII only: no reader trips over a name, and no screen over its marks."""
    return dumps(whole, separators=(",", ":")) + "\n"
