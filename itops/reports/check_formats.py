"""What the check prints: for Nagios, Checkmk, Prometheus, Zabbix, other programs, and people. Pure text.

Every name comes from outside and may be anything: what would steer a format is replaced, and it is cut to a length that
consoles and gateways carry. Where a name is an identity (a Checkmk service, a label), one that had to be altered wears
a digest of what it was, so that two never become one: of a series told twice collectors drop one, and tell nobody.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itops.alerts.checking import AHEAD, ALL, NOTHING, STALE, TABLE, CheckedObject, CheckResult, Gauge, joined, overall
from itops.backup.copies import Fact
from itops.jsonable import jsonable
from itops.reports.words import Datum, Words, placeholders
from itops.text import plain

_NAME = 60  # letters of a name in a sentence
_LABEL = 200  # letters of a name that is an identity
_HEAD = 200  # letters of the first line after which no further name begins
_LINE = 300  # letters of a line
_DETAILS = 50  # objects that are told one by one
_BYTES = 7_500  # of all of it: Nagios keeps 8 KiB
_MOST = 1e18  # no count, size or age is larger
_YEARS = range(1000, 9000)  # whose moments every calendar and zone can show
_NEVER = 0  # as a time stamp: an alert on its age fires, while a series that is not there alerts nobody
_OPEN, _CLOSE = "\u2068", "\u2069"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SURROGATE = re.compile("[\ud800-\udfff]")
_YEAR = re.compile(r"(\d{4})-")
_BARS = str.maketrans({"|": "¦"})
_LOCAL = str.maketrans({"|": "¦", '"': "'", "\\": "/"})  # Checkmk reads a backslash before an n as a line's end
_NOTHING_REPLACED: Mapping[int, str] = {}
_LABELLED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was checked, and in which words it is told."""

    results: tuple[CheckResult, ...]
    now: datetime
    words: Words
    beat_at: datetime | None = None  # when the scheduler last ticked
    has_beat: bool = True  # False: nobody asked for it

    @property
    def exit_code(self) -> int:
        """0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""
        return int(overall(self.results))

    @property
    def whole(self) -> CheckResult:
        """The only check, or all as one."""
        return self.results[0] if len(self.results) == 1 else joined(self.results, self.now)

    @property
    def each(self) -> tuple[CheckResult, ...]:
        """Never none: where nothing was checked, a result that says so."""
        return self.results or (self.whole,)


def nagios(checked: Checked) -> str:
    """State and counts, the worst names, `|`, performance data; then a line for each object that is not well."""
    result = checked.whole
    lines = [f"{_safe(_headline(result, checked))} | {' '.join(map(_performance, result.gauges))}"]
    left = _BYTES - len(lines[0].encode())
    for place, one in enumerate(() if _is_lone(result) else result.bad):
        name = checked.words.say(TABLE, "line", "named", data={"name": _name(one, result)})
        line = _safe(_filled(checked.words, "detail", name=name, text=_told(one, checked)))
        left -= len(line.encode()) + 1
        if place == _DETAILS or left < 0:
            lines.append(checked.words.say(TABLE, "line", "more", data={"more_count": len(result.bad) - place}))
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def checkmk(checked: Checked) -> str:
    """Local check lines: one service for each check, then one for each of its objects."""
    names = _Names(_LOCAL)
    lines = []
    for result in checked.each:
        (name,) = names("itops" if result.check == ALL else f"itops {result.check}")
        text = _local(_summary(result, checked))
        lines.append(f'{result.state.value} "{name}" {_metrics(result.gauges)} {text}')
        for one in result.objects:
            (name,) = names(f"itops {one.key.check} {one.key.object or '-'}")
            age = _age(one, checked.now)
            lines.append(f'{one.state.value} "{name}" {_metrics(age)} {_local(_told(one, checked))}')
    return "".join(f"{line}\n" for line in lines)


def prometheus(checked: Checked) -> str:
    """Gauges in the text format, for a textfile collector or a page of our own."""
    names = _Names()
    objects = [(names(*one.key), one) for result in checked.results for one in result.objects]
    checks = [(names(result.check, ""), result.state) for result in checked.each]
    backups = [(name.partition(" "), one) for (_, name), one in objects if one.key.check == "backup"]
    families = [
        _family(
            "itops_check_state",
            "State of each object: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. What is stale is never 0.",
            (({"check": check, "object": name}, one.state.value) for (check, name), one in objects),
        ),
        _family(
            "itops_check_worst_state",
            "The worst state of each check; 3 where nothing was ever judged.",
            (({"check": check}, state.value) for (check, _), state in checks),
        ),
        _family(
            "itops_check_judged_timestamp_seconds",
            "When each object was last judged; 0: never.",
            (({"check": check, "object": name}, _stamp(one.judged_at)) for (check, name), one in objects),
        ),
        _family(
            "itops_backup_last_success_timestamp_seconds",
            "The moment that the newest good copy is of; 0: there is none.",
            (({"job": job, "object": name}, _stamp(one.last_good_at)) for (job, _, name), one in backups),
        ),
    ]
    if checked.has_beat:
        beat = "itops_scheduler_heartbeat_timestamp_seconds"
        families.append(_family(beat, "When the scheduler last ticked; 0: never.", [({}, _stamp(checked.beat_at))]))
    return "".join(families)


def zabbix(checked: Checked) -> str:
    """One JSON object: the rows of a discovery rule, and what its items are, by an id that no JSONPath trips over."""
    discovery, objects = [], {}
    for one in (one for result in checked.results for one in result.objects):
        identity = _digest("\0".join(one.key), 16)
        name = _cut(_plain(one.key.object), _LABEL)
        discovery.append({"{#ID}": identity, "{#CHECK}": _plain(one.key.check), "{#OBJECT}": name})
        objects[identity] = {
            "state": one.state.value,
            "stale": int(one.is_stale),
            "judged": _stamp(one.judged_at),
            "last_good": _stamp(one.last_good_at),
            "text": _safe(_told(one, checked)),
        }
    checks = {
        _plain(result.check): {
            "state": result.state.value,
            "total": result.counts.total,
            **{gauge.label: gauge.value for gauge in result.gauges},
            "text": _safe(_summary(result, checked)),
        }
        for result in checked.each
    }
    heartbeat = {"heartbeat": _stamp(checked.beat_at)} if checked.has_beat else {}
    return _dumped({"discovery": discovery, "checks": checks, "objects": objects, **heartbeat})


def json_text(checked: Checked) -> str:
    """The results as they are, in the envelope of every listing; names are whole, and nothing in it steers a screen."""
    page = {
        "schema": "itops.check/1",
        "generated_at": jsonable(checked.now),
        "state": jsonable(overall(checked.results)),
        "beat_at": jsonable(checked.beat_at),
        "data": [_row(result, checked) for result in checked.results],
        "gaps": [],
    }
    return _dumped(page)


FORMATS: Mapping[str, Callable[[Checked], str]] = {
    "nagios": nagios,
    "checkmk": checkmk,
    "prometheus": prometheus,
    "zabbix": zabbix,
    "json": json_text,
}


# Sentences


def _headline(result: CheckResult, checked: Checked) -> str:
    words = checked.words
    try:
        check = words.template(TABLE, "name", result.check)
    except KeyError:
        check = _plain(result.check).upper()[:16]
    state = words.template(TABLE, "state", result.state.name)
    return _filled(words, "head", check=check, state=state, text=_summary(result, checked))


def _summary(result: CheckResult, checked: Checked) -> str:
    """Counts first: phones show no more."""
    words, counts = checked.words, result.counts
    if not result.objects:
        return words.template(TABLE, NOTHING)
    if _is_lone(result):
        return _told(result.objects[0], checked)
    data = {"ok_count": counts.ok, "bad_count": counts.bad, "total_count": counts.total}
    if not counts.bad:
        parts = [words.say(TABLE, "line", "well", data=data)]
        if result.oldest_good_at is not None:
            parts.append(_of_age("oldest", checked, result.oldest_good_at))
        return _join("semicolon", parts, words)
    return _join("colon", [words.say(TABLE, "line", "bad", data=data), _named_worst(result, checked)], words)


def _is_lone(result: CheckResult) -> bool:
    """Whether the check is about itself, as the heartbeat is."""
    return len(result.objects) == 1 and result.objects[0].key == (result.check, "")


def _named_worst(result: CheckResult, checked: Checked) -> str:
    parts: list[str] = []
    length = 0
    for one in result.bad:
        if parts and length > _HEAD - _NAME:
            parts.append(checked.words.say(TABLE, "line", "more", data={"more_count": result.counts.bad - len(parts)}))
            break
        parts.append(_hint(one, _name(one, result), checked))
        length += len(parts[-1])
    return _join("semicolon", parts, checked.words)


def _hint(one: CheckedObject, name: str, checked: Checked) -> str:
    """A name, and the shortest reason."""
    if one.judged_at is None:
        return checked.words.say(TABLE, "line", "never", data={"name": name})
    if one.is_stale and one.judged_at <= checked.now:
        return _of_age("not_judged", checked, one.judged_at, name=name)
    if one.last_good_at is not None:
        return _of_age("last_good", checked, one.last_good_at, name=name)
    return checked.words.say(TABLE, "line", "named", data={"name": name})


def _told(one: CheckedObject, checked: Checked) -> str:
    """The sentence of its code, and what else helps."""
    words = checked.words
    parts = [_sentence(one, words)]
    if one.is_stale and one.table != TABLE and one.judged_at is not None:
        code = AHEAD if one.judged_at > checked.now else STALE
        parts.append(words.say(TABLE, code, data={"judged_at": _shown_at(one.judged_at)}))
    if one.last_good_at is not None:
        parts.append(_of_age("good", checked, one.last_good_at))
    if one.owner:
        parts.append(words.say(TABLE, "line", "owner", data={"owner": _cut(_plain(one.owner), _NAME)}))
    if one.since is not None:
        parts.append(words.say(TABLE, "line", "since", data={"since_at": _shown_at(one.since)}))
    return _join("semicolon", parts, words)


def _sentence(one: CheckedObject, words: Words) -> str:
    """Of its code; the code where a plugin of others brought one without words."""
    for path in ((one.table, one.code), (one.table, one.code, "message")):
        try:
            wanted = placeholders(words.template(*path))
        except KeyError:
            continue
        return words.say(*path, data={name: _datum(name, one.facts.get(name)) for name in wanted})
    return _cut(_plain(one.code).strip(), _NAME) or "-"


def _datum(name: str, fact: Fact) -> Datum:
    """What words can be made of: no number without an end, no moment that a calendar or a zone cannot show."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, int | float):
        return fact if abs(fact) < _MOST else None
    if fact is None or (name.endswith(("_at", "_on")) and _is_beyond(fact)):
        return None
    return _cut(_plain(fact), _LINE)


def _is_beyond(moment: str) -> bool:
    found = _YEAR.match(moment)
    return found is not None and int(found[1]) not in _YEARS


def _shown_at(moment: datetime) -> Datum:
    return moment.isoformat() if moment.year in _YEARS else None


def _of_age(line: str, checked: Checked, since: datetime, **texts: str) -> str:
    age = max(checked.now - since, timedelta())
    return checked.words.say(TABLE, "line", line, data={"age": _span(age, checked.words), **texts})


def _span(age: timedelta, words: Words) -> str:
    """3d 4h; two units are enough."""
    unit = "days" if age >= _DAY else "hours" if age >= _HOUR else "minutes"
    counts = {"day_count": age // _DAY, "hour_count": age % _DAY // _HOUR, "minute_count": age % _HOUR // _MINUTE}
    return words.say(TABLE, "span", unit, data=counts)


def _name(one: CheckedObject, result: CheckResult) -> str:
    """The object; with its check where there are several."""
    name = one.key.object if one.key.check == result.check else f"{one.key.check} {one.key.object}"
    return _cut(_plain(name).strip(), _NAME) or "-"


def _filled(words: Words, line: str, **texts: str) -> str:
    """A line with texts that are written already: their own marks stay."""
    return _PLACEHOLDER.sub(lambda found: texts[found[1]], words.template(TABLE, "line", line))


def _join(sign: str, parts: Sequence[str], words: Words) -> str:
    return f"{words.template(TABLE, 'line', sign)} ".join(parts)


# Names and lines


class _Names:
    """Names as identities: each shown the same wherever it stands, and never two the same."""

    def __init__(self, replaced: Mapping[int, str] = _NOTHING_REPLACED) -> None:
        self._replaced = replaced
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._taken: set[tuple[str, ...]] = set()

    def __call__(self, *parts: str) -> tuple[str, ...]:
        """The parts of a name, each of which is a label of its own."""
        if parts not in self._known:
            shown = tuple(map(self._shown, parts))
            while shown in self._taken:  # somebody called a thing by the digest of another
                shown = (*shown[:-1], f"{shown[-1]}~{len(self._taken)}")
            self._taken.add(shown)
            self._known[parts] = shown
        return self._known[parts]

    def _shown(self, text: str) -> str:
        shown = _plain(text).translate(self._replaced).strip()
        if shown == text and len(text) <= _LABEL:
            return text
        return f"{shown[: _LABEL - 9]}~{_digest(text, 8)}"


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:length]


def _plain(text: str) -> str:
    """One line that steers nothing and can be encoded; not longer than anything shown."""
    return plain(_SURROGATE.sub("\ufffd", text[: 4 * _LINE]))


def _safe(text: str) -> str:
    return _cut(text.translate(_BARS), _LINE)


def _local(text: str) -> str:
    return _cut(text.translate(_LOCAL), _LINE)


def _cut(text: str, most: int) -> str:
    """Not longer than that; what was marked open is closed."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    return f"{kept}…{_CLOSE * (kept.count(_OPEN) - kept.count(_CLOSE))}"


# Numbers


def _performance(gauge: Gauge) -> str:
    return f"{gauge.label}={gauge.value}{gauge.unit}{_limits(gauge)}"


def _limits(gauge: Gauge) -> str:
    limits = (gauge.warning, gauge.critical, gauge.least, gauge.most)
    return "".join(";" if limit is None else f";{limit}" for limit in limits).rstrip(";")


def _metrics(gauges: Iterable[Gauge]) -> str:
    """As Checkmk has them: no units, `-` for none."""
    return "|".join(f"{gauge.label}={gauge.value}{_limits(gauge)}" for gauge in gauges) or "-"


def _age(one: CheckedObject, now: datetime) -> Iterator[Gauge]:
    if one.last_good_at is not None:
        yield Gauge(label="age", value=max(int((now - one.last_good_at).total_seconds()), 0))


def _stamp(moment: datetime | None) -> int:
    """Whole seconds since 1970, rounded down; 0 for never."""
    return _NEVER if moment is None else math.floor(moment.timestamp())


def _family(name: str, told: str, samples: Iterable[tuple[Mapping[str, str], int]]) -> str:
    """One gauge with all its series; nothing where there are none."""
    lines = [f"{name}{_labels(labels)} {value}\n" for labels, value in samples]
    return "".join((f"# HELP {name} {told}\n# TYPE {name} gauge\n", *lines)) if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    written = ",".join(f'{name}="{value.translate(_LABELLED)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""


# JSON


def _row(result: CheckResult, checked: Checked) -> dict[str, Any]:
    return {
        "check": result.check,
        "state": jsonable(result.state),
        "text": _safe(_summary(result, checked)),
        "counts": jsonable(result.counts),
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
        "text": _safe(_told(one, checked)),
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


def _dumped(page: Mapping[str, Any]) -> str:
    """ASCII only: no reader trips over a name, and no screen over its marks."""
    return json.dumps(page, separators=(",", ":")) + "\n"
