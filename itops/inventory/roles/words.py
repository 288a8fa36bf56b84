"""Words: how names are cut into them, and how a role that somebody typed becomes one role.

`SQL01`, `srv-sql-2`, `SQLServer` hold the word `sql`; `MYSQLITE`, `RDC`, `ABCDC` do not hold `sql` or `dc`. Persian is
folded as staff type it: Arabic yeh and kaf, half-spaces, vowel marks.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from itops.text import plain

_FOLD = str.maketrans("يىكةۀأإ\u200c", "ییکههاا ", "\u200d")
_WORD = re.compile(r"[^\W_]+")
# Digits, a capitalised or small run, a run of capitals that ends before a capitalised word, letters of other scripts.
_PART = re.compile(r"\d+|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W\d_A-Za-z]+")
_BETWEEN = re.compile(r"[\s_]+")
_LONGEST_ROLE = 40
_MOST_PARTS = 6
_SHORT = 5
"""Below this length a word must stand in one piece of the name: `fs` is seen in FS01, not in F-S-1."""


def folded(text: str) -> str:
    """`text` on one line with one spelling for every letter; capitals are kept."""
    marked = unicodedata.normalize("NFKC", plain(text.translate(_FOLD)))
    return "".join(letter for letter in marked if unicodedata.category(letter) != "Mn").translate(_FOLD)


def squeezed(text: str) -> str:
    """Letters and digits only, small: "File Server", "file-server" and "FileServer" are all "fileserver"."""
    return "".join(_WORD.findall(folded(text))).casefold()


class _Part(NamedTuple):
    text: str
    word: int  # which unbroken word of the name it is a part of


def words_in(name: str) -> Iterator[str]:
    """Every word that `name` holds: its parts, and neighbouring parts joined (File + Server, v + Center)."""
    parts = [
        _Part(part.casefold(), number)
        for number, word in enumerate(_WORD.findall(folded(name)))
        for part in _PART.findall(word)
    ]
    for begin in range(len(parts)):
        joined = ""
        for part in parts[begin : begin + _MOST_PARTS]:
            joined += part.text
            if part.word == parts[begin].word or len(joined) >= _SHORT:
                yield joined


def role_word(text: str) -> str | None:
    """A role as typed, as the one word it is kept under; None for what is no word: nothing, or a whole sentence.

    Small letters, dashes for blanks: "Print Server" is `print-server`.
    """
    word = _BETWEEN.sub("-", folded(text).strip(" \t\"'«».:")).casefold()
    has_letters = any(letter.isalpha() for letter in word)
    return word if has_letters and len(word) <= _LONGEST_ROLE else None
