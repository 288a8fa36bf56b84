"""Nothing from outside is trusted as text: a VM's name reaches a terminal, a spreadsheet, a web page.

`plain` is applied to every outside string on its way to a screen; spreadsheet and HTML writers add their own
escaping on top (a formula is harmless on a terminal, an escape sequence is harmless in a cell).
"""

import re
import unicodedata
from urllib.parse import unquote

# C0 and C1 controls (tab and newline become a space), bidi overrides, embeddings and isolates.
_WHITE = re.compile(r"[\t\r\n\x0b\x0c\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# vSphere escapes exactly these three characters in names; anything else that looks escaped is literal.
_NAME_ESCAPE = re.compile(r"%(?:2[fF]|5[cC]|25)")


# What one Persian letter is typed as, on Arabic keyboards and in Windows-1256, which has no Persian yeh.
_LETTERS = str.maketrans(
    {
        "ي": "ی",
        "ى": "ی",
        "ئ": "ی",
        "ك": "ک",
        "ة": "ه",
        "ۀ": "ه",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "٬": None,
        "٫": ".",
    }
    | {chr(0x0660 + digit): str(digit) for digit in range(10)}
    | {chr(0x06F0 + digit): str(digit) for digit in range(10)}
)
# Tatweel, harakat, joiners and direction marks: seen by nobody, typed by some.
_UNSEEN = re.compile("[\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")


def comparable(text: str) -> str:
    """`text` in the form in which two people's spellings of one word are equal; for comparing, never for showing.

    NFKC alone is not enough: it leaves Arabic letters, all digits, ZWNJ and tatweel as they are.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    folded = unicodedata.normalize("NFC", _UNSEEN.sub("", folded)).translate(_LETTERS)
    return " ".join(folded.casefold().split())


def plain(text: str) -> str:
    """`text` on one line, without anything that could steer a terminal or reorder what stands beside it."""
    return _CONTROL.sub("", _WHITE.sub(" ", text))


def counted(one: str, many: str, count: int) -> str:
    """ "1 copy", "2,000 copies"."""
    return f"{count:,} {one if count == 1 else many}"


def decoded_name(name: str) -> str:
    """A vSphere name with its `%2f`, `%5c` and `%25` turned back into `/`, `\\` and `%`, in one pass."""
    return _NAME_ESCAPE.sub(lambda found: unquote(found.group()), name) if "%" in name else name
