"""How a text is written into YAML so that it is read back the same, with quotes only where they are needed."""

import re
from typing import Any, Final

from itops.config.yaml import loads
from itops.errors import ConfigInvalid

BREAK: Final = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What YAML takes for the end of a line."""
_ESCAPES: Final = str.maketrans(
    {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\x85": r"\N", "\u2028": r"\L", "\u2029": r"\P"}
)


def spelled(text: str, *, in_flow: bool, is_key: bool = False) -> str:
    """The text as it stands where YAML leaves it alone, else quoted. `in_flow`: between braces or brackets.

    A number or a date needs no quotes: every scalar is kept as typed. What no spelling can carry (a control character)
    is written all the same, and refused when the result is read.
    """
    if not BREAK.search(text):
        for written in (text, "'" + text.replace("'", "''") + "'"):
            if _reads_back(written, text, in_flow=in_flow, is_key=is_key):
                return written
    return f'"{text.translate(_ESCAPES)}"'


def _reads_back(written: str, text: str, *, in_flow: bool, is_key: bool) -> bool:
    """Tried with and without blanks around it: `{a: -}` and `{a: - }` are different things."""
    entry = f"{written}: v" if is_key else f"k: {written}"
    trial = f"[{{{entry}}}, {{ {entry} }}, {{{entry}, }}]" if in_flow else f"- {entry} # c\n-\n  {entry}\n- {entry}\n"
    try:
        read = loads(trial).texts
    except ConfigInvalid:
        return False
    return bool(read == [{text: "v"} if is_key else {"k": text}] * 3)


def flow(value: Any, *, in_flow: bool = False) -> str:
    """A whole value on one line: a text, {a: 1}, [a, b]. Data of ours, a few levels deep."""
    if isinstance(value, dict):
        pairs = (
            f"{spelled(key, in_flow=True, is_key=True)}: {flow(held, in_flow=True)}" for key, held in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(flow(held, in_flow=True) for held in value)}]"
    return "null" if value is None else spelled(value, in_flow=in_flow)
