"""Sentences: the state of a check, the worst names, what each object has to say for itself."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from itops.alerts.checking import AHEAD, NOTHING, STALE, TABLE, CheckedObject, CheckResult
from itops.reports.checked.checked import Checked
from itops.reports.checked.names import NAME, cut, one_line
from itops.reports.sentences import YEARS, sentence
from itops.reports.words import Datum, Words

_HEAD = 200  # letters of the first line after which no further name begins
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def headline(result: CheckResult, checked: Checked) -> str:
    """Which check, how it is, and the summary."""
    words = checked.words
    try:
        check = words.template(TABLE, "name", result.check)
    except KeyError:
        check = one_line(result.check).upper()[:16]
    state = words.template(TABLE, "state", result.state.name)
    return filled(words, "head", check=check, state=state, text=summary(result, checked))


def summary(result: CheckResult, checked: Checked) -> str:
    """Counts first: phones show no more."""
    words, counts = checked.words, result.counts
    if not result.objects:
        return words.template(TABLE, NOTHING)
    if is_lone(result):
        return told(result.objects[0], checked)
    data = {"ok_count": counts.ok, "bad_count": counts.bad, "total_count": counts.total}
    if not counts.bad:
        parts = [words.say(TABLE, "line", "well", data=data)]
        if result.oldest_good_at is not None:
            parts.append(_of_age("oldest", checked, result.oldest_good_at))
        return _join("semicolon", parts, words)
    return _join("colon", [words.say(TABLE, "line", "bad", data=data), _named_worst(result, checked)], words)


def is_lone(result: CheckResult) -> bool:
    """Whether the check is about itself, as the heartbeat is."""
    return len(result.objects) == 1 and result.objects[0].key == (result.check, "")


def _named_worst(result: CheckResult, checked: Checked) -> str:
    parts: list[str] = []
    length = 0
    for one in result.bad:
        if parts and length > _HEAD - NAME:
            parts.append(checked.words.say(TABLE, "line", "more", data={"more_count": result.counts.bad - len(parts)}))
            break
        parts.append(_hint(one, name_of(one, result, checked.words), checked))
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


def told(one: CheckedObject, checked: Checked) -> str:
    """The sentence of its code, and what else helps."""
    words = checked.words
    parts = [said(one, checked.now, words)]
    if one.last_good_at is not None:
        parts.append(_of_age("good", checked, one.last_good_at))
    if one.owner:
        parts.append(words.say(TABLE, "line", "owner", data={"owner": cut(one_line(one.owner), NAME)}))
    if one.since is not None:
        parts.append(words.say(TABLE, "line", "since", data={"since_at": _shown_at(one.since)}))
    return _join("semicolon", parts, words)


def said(one: CheckedObject, now: datetime, words: Words) -> str:
    """The sentence of its code, or the code where a plugin of others brought none; and since when nobody has looked."""
    text = sentence(one.table, one.code, one.facts, words) or cut(one_line(one.code).strip(), NAME) or "-"
    if not one.is_stale or one.table == TABLE or one.judged_at is None:
        return text
    code = AHEAD if one.judged_at > now else STALE
    return _join("semicolon", [text, words.say(TABLE, code, data={"judged_at": _shown_at(one.judged_at)})], words)


def _shown_at(moment: datetime) -> Datum:
    return moment.isoformat() if moment.year in YEARS else None


def _of_age(line: str, checked: Checked, since: datetime, **texts: str) -> str:
    age = max(checked.now - since, timedelta())
    return checked.words.say(TABLE, "line", line, data={"age": span(age, checked.words), **texts})


def span(age: timedelta, words: Words) -> str:
    """3d 4h; two units are enough."""
    unit = "days" if age >= _DAY else "hours" if age >= _HOUR else "minutes"
    counts = {"day_count": age // _DAY, "hour_count": age % _DAY // _HOUR, "minute_count": age % _HOUR // _MINUTE}
    return words.say(TABLE, "span", unit, data=counts)


def name_of(one: CheckedObject, result: CheckResult, words: Words) -> str:
    """The object; with its check where there are several. What is about a check as a whole has a name of its own."""
    check, name = one.key
    is_among_others = check != result.check
    if not name.strip():
        name = _whole(check, words) or (check if is_among_others else words.template(TABLE, "whole", "other"))
    elif is_among_others:
        name = f"{check} {name}"
    return cut(one_line(name).strip(), NAME) or "-"


def _whole(check: str, words: Words) -> str:
    try:
        return words.template(TABLE, "whole", check)
    except KeyError:
        return ""


def filled(words: Words, line: str, **texts: str) -> str:
    """A line with texts that are written already: their own marks stay."""
    return _PLACEHOLDER.sub(lambda found: texts[found[1]], words.template(TABLE, "line", line))


def _join(sign: str, parts: Sequence[str], words: Words) -> str:
    return f"{words.template(TABLE, 'line', sign)} ".join(parts)
