"""The sentence of a code that some room gave, with its facts: one way for checks, alerts and lists of incidents."""

import re
from collections.abc import Mapping

from itops.facts import Fact
from itops.reports.words import Datum, Words, placeholders
from itops.text import plain

_LONGEST = 300  # letters of a fact
_MOST = 1e18  # no count, size or age is larger
YEARS = range(1000, 9000)  # whose moments every calendar and zone can show
_SURROGATE = re.compile("[\ud800-\udfff]")  # from the name of a file; no line can carry one
_YEAR = re.compile(r"(\d{4})-")
_SLOT = "evaluation_slot"


def sentence(table: str, code: str, facts: Mapping[str, Fact], words: Words) -> str | None:
    """What it says; None where a plugin of others brought a code without words.

    What is said of a slot of a backup begins with its name (`tier`, `slot`) and how many are alike (`slots`), and ends
    with how many `others` are not well. What is said of one thing among many begins with it (`about`), and with how
    many are `alike` and some of their names (`alike_names`).
    """
    for path in ((table, code), (table, code, "message")):
        try:
            wanted = placeholders(words.template(*path))
        except KeyError:
            continue
        data = {name: datum(name, facts.get(name)) for name in wanted}
        return _about(_of_slot(words.say(*path, data=data), facts, words), facts, words)
    return None


def datum(name: str, fact: Fact) -> Datum:
    """What words can be made of: no number without an end, no moment that a calendar or a zone cannot show."""
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if isinstance(fact, int | float):
        return fact if abs(fact) < _MOST else None  # nor is what is no number at all
    if fact is None or (name.endswith(("_at", "_on")) and _is_beyond(fact)):
        return None
    return _name(fact)


def _name(text: str) -> str:
    return plain(_SURROGATE.sub("\ufffd", text[:_LONGEST]))


def _is_beyond(moment: str) -> bool:
    found = _YEAR.match(moment)
    return found is not None and int(found[1]) not in YEARS


def _about(text: str, facts: Mapping[str, Fact], words: Words) -> str:
    about, alike = facts.get("about"), facts.get("alike")
    if not isinstance(about, str):
        return text
    has_more = isinstance(alike, int) and alike > 0
    names = datum("names", facts.get("alike_names"))
    data = {"slot": _name(about), "more_count": datum("alike", alike), "names": names}
    return f"{words.say(_SLOT, 'named' if has_more else 'one', data=data)}{words.template(_SLOT, 'colon')} {text}"


def _of_slot(text: str, facts: Mapping[str, Fact], words: Words) -> str:
    tier, slot, slots = facts.get("tier"), facts.get("slot"), facts.get("slots")
    if not isinstance(tier, str) or not isinstance(slot, str):
        return text
    try:
        named = words.template(_SLOT, tier)
    except KeyError:
        return text
    more = slots - 1 if isinstance(slots, int) else 0
    data: dict[str, Datum] = {"slot": _name(slot).removeprefix("w"), "more_count": more}
    told = words.say(_SLOT, "several" if more else "one", data=data)
    others = facts.get("others")
    if isinstance(others, int) and others > 0:
        text += words.say(_SLOT, "others", data={"others_count": others})
    return f"{named} {told}{words.template(_SLOT, 'colon')} {text}"
