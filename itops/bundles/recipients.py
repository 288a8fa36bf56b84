"""For whom a bundle is encrypted: age's X25519 public keys, as itops.yaml has them.

A key is Bech32 (BIP 173) of 32 bytes under the name `age`: it ends in a checksum that notices every slip of up to four
letters, so a mistyped key is found when itops.yaml is read, without any library and before anything is encrypted to it.
"""

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

MOST_RECIPIENTS = 20
_SHAPE = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_IDENTITY = "age-secret-key-"  # how a secret key begins, whatever the case
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_NAME_BITS = [3, 3, 3, 0, 1, 7, 5]  # `age`: the high bits of its letters, a 0, the low ones
_CHECKSUM_LETTERS = 6
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_FIELD = 2**255 - 19
_CURVE = 486_662


class Recipients(NamedTuple):
    """The keys that can open it, each of them alone; in order, none twice, at least one."""

    keys: tuple[str, ...]

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Recipients":
        """One key or a list of them, as itops.yaml has it; raises ValueError."""
        told = value if isinstance(value, list) else [value]
        if not told or len(told) > MOST_RECIPIENTS:
            raise ValueError(f"should be an age public key, age1..., or a list of up to {MOST_RECIPIENTS}")
        return cls(tuple(sorted({_key(one) for one in told})))

    @property
    def mark(self) -> str:
        """Tells one set of keys from another."""
        return hashlib.sha256("\n".join(self.keys).encode()).hexdigest()[:12]


def _key(told: object) -> str:
    """The key as age writes it; raises ValueError. What was told is not repeated: it may be a secret."""
    text = told.strip() if isinstance(told, str) else ""
    if text.lower().startswith(_IDENTITY):
        raise ValueError("is a SECRET age key: take it out; here stands the public one of headquarters, age1...")
    if not _SHAPE.fullmatch(text):
        raise ValueError("should be an age public key as age-keygen shows it: age1 and 58 letters and digits")
    symbols = [_LETTERS.index(letter) for letter in text[len("age1") :]]
    if _checksum([*_NAME_BITS, *symbols]) != 1 or symbols[-_CHECKSUM_LETTERS - 1] & 0b1111:  # padding is zeros
        raise ValueError("is no whole age public key: a letter is wrong; copy it again")
    if _is_weak(_point(symbols[:-_CHECKSUM_LETTERS])):
        raise ValueError("is no age public key that anybody could have made: ask headquarters for theirs")
    return text


def _checksum(symbols: list[int]) -> int:
    """1 where the last six symbols are right."""
    rest = 1
    for symbol in symbols:
        top, rest = rest >> 25, (rest & 0x1FFFFFF) << 5 ^ symbol
        for bit, polynomial in enumerate(_GENERATOR):
            rest ^= polynomial if top >> bit & 1 else 0
    return rest


def _point(symbols: list[int]) -> int:
    """The key as a coordinate on Curve25519: 52 symbols of 5 bits are 32 bytes and 4 bits of padding."""
    bits = 0
    for symbol in symbols:
        bits = bits << 5 | symbol
    return int.from_bytes((bits >> 4).to_bytes(32, "big"), "little") % 2**255 % _FIELD


def _is_weak(x: int) -> bool:
    """Whether the point's order divides 8: everybody can compute what is agreed with such a key. RFC 7748, 6.1.

    Doubled three times it is the point at infinity, whose second coordinate is 0.
    """
    z = 1
    for _ in range(3):
        x, z = (x * x - z * z) ** 2 % _FIELD, 4 * x * z * (x * x + _CURVE * x * z + z * z) % _FIELD
    return z == 0
