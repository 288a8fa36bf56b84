"""Prometheus: gauges in the text format. No time stamps of samples: a textfile collector refuses them."""

from collections.abc import Iterable, Mapping

from itops.alerts.checking import CheckResult
from itops.reports.checked.checked import Checked
from itops.reports.checked.names import Names
from itops.reports.checked.numbers import stamp

_COUNTED = ("ok", "warning", "critical", "unknown", "stale", "missing")
_LABELLED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def page(checked: Checked) -> str:
    """Gauges in the text format, for a textfile collector or a page of our own."""
    names = Names()
    objects = [(names(*one.key), one) for result in checked.results for one in result.objects]
    checks = [(names(result.check, "")[0], result) for result in checked.each]
    backups = [(name.partition(" "), one) for (_, name), one in objects if one.key.check == "backup" and one.key.object]
    families = [
        _family(
            "itops_check_state",
            "State of each object: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. What is stale is never 0.",
            (({"check": check, "object": name}, one.state.value) for (check, name), one in objects),
        ),
        _family(
            "itops_check_worst_state",
            "The worst state of each check; 3 where nothing was ever judged.",
            (({"check": check}, result.state.value) for check, result in checks),
        ),
        _family(
            "itops_check_objects",
            "How many objects of each check are in each state; stale and missing are counted among the states, too.",
            (
                ({"check": check, "state": state}, getattr(result.counts, state))
                for check, result in checks
                for state in _COUNTED
            ),
        ),
        _family(
            "itops_check_oldest_judged_timestamp_seconds",
            "When the object of each check that was not judged for longest was last judged; 0: one never was.",
            (({"check": check}, _oldest(result)) for check, result in checks),
        ),
        _family(
            "itops_check_judged_timestamp_seconds",
            "When each object was last judged; 0: never.",
            (({"check": check, "object": name}, stamp(one.judged_at)) for (check, name), one in objects),
        ),
        _family(
            "itops_backup_last_success_timestamp_seconds",
            "The moment that the newest good copy is of; 0: there is none.",
            (({"job": job, "object": name}, stamp(one.last_good_at)) for (job, _, name), one in backups),
        ),
    ]
    if checked.has_beat:
        beat = "itops_scheduler_heartbeat_timestamp_seconds"
        families.append(_family(beat, "When the scheduler last ticked; 0: never.", [({}, stamp(checked.beat_at))]))
    return "".join(families)


def _oldest(result: CheckResult) -> int:
    return min((stamp(one.judged_at) for one in result.objects), default=stamp(None))


def _family(name: str, told: str, samples: Iterable[tuple[Mapping[str, str], int]]) -> str:
    """One gauge with all its series; nothing where there are none."""
    lines = [f"{name}{_labels(labels)} {value}\n" for labels, value in samples]
    return "".join((f"# HELP {name} {told}\n# TYPE {name} gauge\n", *lines)) if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    written = ",".join(f'{name}="{value.translate(_LABELLED)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""
