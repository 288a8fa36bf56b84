"""A statement in the words of a language: spans of text, with the names of machines marked as codes.

A placeholder of a template is filled by its name: `..._phrase` with phrases of the table `statement.phrase`, others
with the statement's lists, its texts (the office's own words; "missing.0", "missing.1" ... make a list) or its data. A
phrase that is empty takes the space before it along.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from itops.names import Names
from itops.reports.monthly.records import Statement
from itops.reports.paper.model import Line, Span
from itops.reports.words import Words
from itops.text import plain

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_PHRASE = "_phrase"
_SHOWN = 40  # names in one sentence; the tables have them all


def sentence(statement: Statement, words: Words) -> Line:
    """The sentence. KeyError where the statement lacks what its template wants."""
    return _merged(_filled(words.template("statement", statement.code), statement, words))


def names_nothing(statement: Statement) -> bool:
    """Whether it tells numbers alone: no server, no place, no person. Such a sentence may leave the office."""
    return not statement.texts and not any(told for name, told in statement.names.items() if not name.endswith(_PHRASE))


def _filled(template: str, statement: Statement, words: Words) -> list[Span]:
    spans: list[Span] = []
    for number, piece in enumerate(_PLACEHOLDER.split(template)):
        if number % 2 == 0:
            spans.append(Span(piece))
            continue
        value = _value(piece, statement, words)
        if not value and spans:
            spans[-1] = Span(spans[-1].text.removesuffix(" "))
        spans += value
    return spans


def _value(name: str, statement: Statement, words: Words) -> list[Span]:
    if name.endswith(_PHRASE):
        phrases = [
            _filled(words.template("statement", "phrase", phrase), statement, words)
            for phrase in statement.names.get(name, ())
        ]
        return _and(phrases, words)
    if name in statement.names:
        return _listed([[Span(plain(one), is_code=True)] for one in statement.names[name]], words)
    if name in statement.texts:
        return [_text(statement.texts[name], words)]
    if f"{name}.0" in statement.texts:
        return _listed([[_text(text, words)] for key, text in statement.texts.items() if _is_of(key, name)], words)
    return [_datum(name, statement, words)]


def _is_of(key: str, name: str) -> bool:
    return key.partition(".")[0] == name and key != name


def _text(names: Names, words: Words) -> Span:
    return Span(plain(names.of(words.language)))


def _datum(name: str, statement: Statement, words: Words) -> Span:
    value = statement.data[name]
    if isinstance(value, str):
        return Span(words.value(name, value), is_code=True)
    said = words.value(name, value)
    if name == "rounded_count" and statement.data.get("is_rounded"):
        said = words.template("statement", "join", "more_than").replace("{count}", said)
    return Span(said)


def _listed(items: Sequence[list[Span]], words: Words) -> list[Span]:
    """ "a, b, c", and how many more there are."""
    comma = Span(words.template("statement", "join", "comma") + " ")
    spans = [span for number, item in enumerate(items[:_SHOWN]) for span in ([comma] if number else []) + item]
    if (more := len(items) - _SHOWN) > 0:
        told = words.template("statement", "join", "more").replace("{count}", words.value("count", more))
        spans.append(Span(f" {told}"))
    return spans


def _and(items: Sequence[list[Span]], words: Words) -> list[Span]:
    """ "a, b and c"."""
    comma, conjunction = (words.template("statement", "join", name) for name in ("comma", "and"))
    spans: list[Span] = []
    for number, item in enumerate(items):
        if number:
            spans.append(Span(f" {conjunction} " if number == len(items) - 1 else f"{comma} "))
        spans += item
    return spans


def _merged(spans: Sequence[Span]) -> Line:
    """Neighbouring texts as one."""
    line: list[Span] = []
    for is_code, group in groupby((span for span in spans if span.text), key=lambda span: span.is_code):
        found = list(group)
        line += found if is_code else [Span("".join(span.text for span in found))]
    return tuple(line)
