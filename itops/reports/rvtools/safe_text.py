"""Text from outside on its way into a cell: never a formula, never a control character, never too long.

In xlsx a string cell is a string whatever it begins with (the writer never guesses a type). CSV has no types: a
spreadsheet runs what begins with one of a few signs, so an apostrophe goes before it.
"""

import re

MAX_CELL_LENGTH = 32_767
CUT_MARK = " [...cut]"
# C0 and C1 controls but line breaks, bidi embeddings, overrides and isolates, lone surrogates, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LINE_BREAK = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_WHITE = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_FORMULA = tuple("=+-@\t\r＝＋－＠")  # the full-width forms run, too


def xlsx_text(text: str) -> str:
    """`text` as a string cell takes it: line breaks kept as \\n, cut with a mark where a cell ends."""
    clean = _FORBIDDEN.sub("", _LINE_BREAK.sub("\n", text))
    if len(clean) * 2 <= MAX_CELL_LENGTH:
        return clean
    units = clean.encode("utf-16-le")  # a cell's length is counted in these: an emoji is two
    if len(units) <= 2 * MAX_CELL_LENGTH:
        return clean
    return units[: 2 * (MAX_CELL_LENGTH - len(CUT_MARK))].decode("utf-16-le", errors="ignore") + CUT_MARK


def csv_text(text: str) -> str:
    """`text` on one line, with an apostrophe before whatever a spreadsheet would run."""
    risky = text.startswith(_FORMULA)
    clean = _FORBIDDEN.sub("", _WHITE.sub(" ", text))
    return f"'{clean}" if risky or clean.startswith(_FORMULA) else clean
