"""Zabbix: what a discovery rule finds and what its items are, in one object."""

from itops.reports.checked.checked import Checked
from itops.reports.checked.json import dumped
from itops.reports.checked.names import LABEL, cut, digest, one_line, safe
from itops.reports.checked.numbers import stamp
from itops.reports.checked.sentences import summary, told


def page(checked: Checked) -> str:
    """One JSON object: the rows of a discovery rule, and what its items are, by an id that no JSONPath trips over."""
    discovery, objects = [], {}
    for one in (one for result in checked.results for one in result.objects):
        identity = digest("\0".join(one.key), 16)
        name = cut(one_line(one.key.object), LABEL)
        discovery.append({"{#ID}": identity, "{#CHECK}": one_line(one.key.check), "{#OBJECT}": name})
        objects[identity] = {
            "state": one.state.value,
            "stale": int(one.is_stale),
            "judged": stamp(one.judged_at),
            "last_good": stamp(one.last_good_at),
            "text": safe(told(one, checked)),
        }
    checks = {
        one_line(result.check): {
            "state": result.state.value,
            "total": result.counts.total,
            **{gauge.label: gauge.value for gauge in result.gauges},
            "text": safe(summary(result, checked)),
        }
        for result in checked.each
    }
    heartbeat = {"heartbeat": stamp(checked.beat_at)} if checked.has_beat else {}
    return dumped({"discovery": discovery, "checks": checks, "objects": objects, **heartbeat})
