"""Nagios, Icinga, Naemon, Centreon: one line that counts, then what is not well."""

from itops.alerts.checking import TABLE
from itops.reports.checked.checked import Checked
from itops.reports.checked.names import safe
from itops.reports.checked.numbers import performance
from itops.reports.checked.sentences import filled, headline, is_lone, name_of, told

_DETAILS = 50  # objects that are told one by one
_BYTES = 7_500  # of all of it: Nagios keeps 8 KiB


def page(checked: Checked) -> str:
    """State and counts, the worst names, `|`, performance data; then a line for each object that is not well."""
    result = checked.whole
    lines = [f"{safe(headline(result, checked))} | {performance(result.gauges)}"]
    left = _BYTES - len(lines[0].encode())
    for place, one in enumerate(() if is_lone(result) else result.bad):
        name = checked.words.say(TABLE, "line", "named", data={"name": name_of(one, result, checked.words)})
        line = safe(filled(checked.words, "detail", name=name, text=told(one, checked)))
        left -= len(line.encode()) + 1
        if place == _DETAILS or left < 0:
            lines.append(checked.words.say(TABLE, "line", "more", data={"more_count": len(result.bad) - place}))
            break
        lines.append(line)
    return "\n".join(lines) + "\n"
