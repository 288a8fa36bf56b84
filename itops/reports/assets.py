"""Findings about the register, and reasons of the replacement plan, in words."""

from collections.abc import Mapping

from itops.reports.words import Datum, Words, placeholders


def said(code: str, facts: Mapping[str, Datum | bool], words: Words) -> str:
    """The sentence of a code; the code itself where there are no words for it."""
    return _said(code, "message", facts, words)


def title_of(code: str, words: Words) -> str:
    """The code in a few words, of any number of assets."""
    return _said(code, "title", {}, words)


def _said(code: str, part: str, facts: Mapping[str, Datum | bool], words: Words) -> str:
    try:
        template = words.template("asset", code, part)
    except KeyError:
        return code
    data: dict[str, Datum] = {name: _datum(facts.get(name)) for name in placeholders(template)}
    return words.say("asset", code, part, data=data)


def _datum(fact: object) -> Datum:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return fact if isinstance(fact, str | int | float) else None
