"""Numbers for graphs, and moments as monitoring systems count them."""

import math
from collections.abc import Iterable
from datetime import datetime

from itops.alerts.checking import Gauge

_NEVER = 0  # as a time stamp: an alert on its age fires, while a series that is not there alerts nobody


def performance(gauges: Iterable[Gauge]) -> str:
    """As Nagios has them: units, a space between."""
    return " ".join(f"{gauge.label}={gauge.value}{gauge.unit}{_limits(gauge)}" for gauge in gauges)


def metrics(gauges: Iterable[Gauge]) -> str:
    """As Checkmk has them: no units, `-` for none."""
    return "|".join(f"{gauge.label}={gauge.value}{_limits(gauge)}" for gauge in gauges) or "-"


def stamp(moment: datetime | None) -> int:
    """Whole seconds since 1970, rounded down; 0 for never."""
    return _NEVER if moment is None else math.floor(moment.timestamp())


def _limits(gauge: Gauge) -> str:
    limits = (gauge.warning, gauge.critical, gauge.least, gauge.most)
    return "".join(";" if limit is None else f";{limit}" for limit in limits).rstrip(";")
