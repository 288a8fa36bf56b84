"""Checkmk: a local check, one service a line."""

from collections.abc import Iterator
from datetime import datetime

from itops.alerts.checking import ALL, CheckedObject, Gauge
from itops.reports.checked.checked import Checked
from itops.reports.checked.names import LINE, Names, cut
from itops.reports.checked.numbers import metrics
from itops.reports.checked.sentences import summary, told

_LOCAL = str.maketrans({"|": "¦", '"': "'", "\\": "/"})  # Checkmk reads a backslash before an n as a line's end


def page(checked: Checked) -> str:
    """Local check lines: one service for all, one for each check, and one for each of its objects."""
    names = Names(_LOCAL)
    lines = []
    for result in checked.each if len(checked.each) == 1 else (checked.whole, *checked.each):
        (name,) = names("itops" if result.check == ALL else f"itops {result.check}")
        text = _local(summary(result, checked))
        lines.append(f'{result.state.value} "{name}" {metrics(result.gauges)} {text}')
        for one in result.objects if result.check != ALL else ():
            (name,) = names(f"itops {one.key.check} {one.key.object or '-'}")
            age = _age(one, checked.now)
            lines.append(f'{one.state.value} "{name}" {metrics(age)} {_local(told(one, checked))}')
    return "".join(f"{line}\n" for line in lines)


def _local(text: str) -> str:
    return cut(text.translate(_LOCAL), LINE)


def _age(one: CheckedObject, now: datetime) -> Iterator[Gauge]:
    if one.last_good_at is not None:
        yield Gauge(label="age", value=max(int((now - one.last_good_at).total_seconds()), 0))
