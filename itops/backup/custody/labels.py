"""The ids on the labels of media: capital letters, a number, and a check digit, `M0001-3`.

The check digit is Damm's: one wrong digit, and any two neighbours that traded places, are always noticed.
"""

import re

from itops.dates import latin_digits

_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_LABEL = re.compile(r"([A-Z]{1,8})-?([0-9]{4,9})-?([0-9])")
_FEWEST_DIGITS = 4


def check_digit(digits: str) -> int:
    """Of a number written in Latin digits."""
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return interim


def label_of(prefix: str, number: int) -> str:
    """The id of the medium of that number."""
    digits = f"{number:0{_FEWEST_DIGITS}d}"
    return f"{prefix}{digits}-{check_digit(digits)}"


def parse_label(text: str) -> str | None:
    """An id as typed, in any case, with Persian digits, with or without its hyphen; None when the digit is wrong."""
    found = _LABEL.fullmatch(latin_digits(text).strip().upper())
    if found is None or check_digit(found[2]) != int(found[3]):
        return None
    return label_of(found[1], int(found[2]))


def number_of(label: str) -> int:
    """The number in a good id."""
    found = _LABEL.fullmatch(label)
    return int(found[2]) if found else 0
