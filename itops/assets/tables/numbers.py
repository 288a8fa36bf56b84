"""Numbers as people type them: Persian digits, three signs for thousands, a slash for either; never a guess."""

import re

from itops.assets.tables.grid import shown
from itops.text import comparable

_PLAIN = re.compile(r"[0-9]{1,18}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([,،/. '])[0-9]{3})(?:\1[0-9]{3})*")
_DECIMAL = re.compile(r"[0-9]{1,15}[./][0-9]{1,15}")
_SIGN = re.compile(r"([-+\u2212])?(.*?)(-)?")


class NotANumber(ValueError):
    """Why a text is no number, or could be two."""


def whole(text: str) -> int:
    """A whole number; one sign before three digits parts thousands. Raises NotANumber."""
    sign, digits = _signed(text)
    if _PLAIN.fullmatch(digits):
        return sign * int(digits)
    grouped = _GROUPED.fullmatch(digits)
    if grouped and not (grouped[1] == "." and digits.count(".") == 1):
        return sign * int(re.sub(r"\D", "", digits))
    if _DECIMAL.fullmatch(digits):
        before, after = re.split(r"[./]", digits)
        if not after.strip("0") and len(after) != 3:
            return sign * int(before)
    raise NotANumber(_why(text, digits, "a whole number"))


def decimal(text: str) -> float:
    """A number with a fraction; `56/500` could be two numbers and is none. Raises NotANumber."""
    sign, digits = _signed(text)
    if _PLAIN.fullmatch(digits) and len(digits) <= 15:
        return sign * float(digits)
    grouped = _GROUPED.fullmatch(digits)
    if grouped and (grouped[1] not in "./" or digits.count(grouped[1]) > 1 or digits.endswith("/000")):
        return sign * float(re.sub(r"\D", "", digits))
    if _DECIMAL.fullmatch(digits) and not (grouped and "/" in digits):
        return sign * float(digits.replace("/", "."))
    raise NotANumber(_why(text, digits, "a number"))


def _signed(text: str) -> tuple[int, str]:
    """Sign and digits; people write the sign before or after."""
    folded = comparable(text)
    found = _SIGN.fullmatch(folded)
    assert found is not None
    is_negative = found[1] in {"-", "\u2212"} or found[3] == "-"
    return (-1 if is_negative else 1), found[2].strip()


def _why(text: str, digits: str, wanted: str) -> str:
    if _GROUPED.fullmatch(digits) or _DECIMAL.fullmatch(digits):
        return f"{shown(text)} can be read in two ways, or is not {wanted}; write it without separators"
    return f"{shown(text)} is not {wanted}"
