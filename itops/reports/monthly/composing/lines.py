"""Lines put together of others, and Persian texts with what is Latin in them set apart."""

import re
from collections.abc import Iterable, Mapping

from itops.reports.paper.model import Line, Span, code, text

PERSIAN_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
LETTER_OR_DIGIT = re.compile("[A-Za-z0-9]")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_EDGES = "()[]«»\"'.,;:!?،؛؟"


def filled(template: str, lines: Mapping[str, Line]) -> Line:
    """A sentence with lines in the places of its placeholders. KeyError for one that nobody told."""
    spans: list[Span] = []
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        spans += [*text(template[end : found.start()]), *lines[found[1]]]
        end = found.end()
    return merged((*spans, *text(template[end:])))


def joined(lines: Iterable[Line], separator: str) -> Line:
    """Lines, one after the other."""
    spans: list[Span] = []
    for line in lines:
        if line:
            spans += [*(text(separator) if spans else ()), *line]
    return merged(spans)


def merged(spans: Iterable[Span]) -> Line:
    """The same line with neighbouring words as one span."""
    kept: list[Span] = []
    for one in spans:
        if not one.text:
            continue
        if kept and not one.is_code and not kept[-1].is_code:
            kept[-1] = Span(kept[-1].text + one.text)
        else:
            kept.append(one)
    return tuple(kept)


def set_apart(written: str) -> Line:
    """A Persian text with its Latin runs as codes: each run as a whole, the brackets round it left out."""
    spans: list[Span] = []
    run: list[str] = []
    for token in re.split(r"( +)", written):
        is_latin = bool(LETTER_OR_DIGIT.search(token)) and not PERSIAN_LETTER.search(token)
        if is_latin or (run and token.isspace()):
            run.append(token)
            continue
        spans += [*_as_code("".join(run)), *_mixed(token)]
        run = []
    return merged((*spans, *_as_code("".join(run))))


def _as_code(run: str) -> Line:
    """A Latin run between the white space and punctuation at its edges."""
    core = run.strip()
    start = core.lstrip("".join(set(_EDGES) - {"."}))
    inner = start.rstrip(_EDGES)
    if not inner:
        return text(run)
    before, _, after = run.partition(inner)
    return (*text(before), *code(inner), *text(after))


def _mixed(token: str) -> Line:
    """A word of both scripts: its Latin pieces as codes."""
    if not LETTER_OR_DIGIT.search(token):
        return text(token)
    pieces = re.split(r"([A-Za-z0-9]+)", token)
    return merged(Span(piece, is_code=number % 2 == 1) for number, piece in enumerate(pieces))
