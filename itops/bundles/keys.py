"""Keys by name: whose they are, from when until when they count, and how OpenSSH writes them.

Two keys of one signer may overlap: that is how a key is renewed without a day on which nothing is accepted.
"""

import base64
import binascii
import hashlib
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from itops.bundles.sshsig import KEY_TYPE, NotASignature, key_blob, public_key_of

BUNDLE_NAMESPACE = "itops-bundle"
RECEIPT_NAMESPACE = "itops-receipt"
_STAMP = re.compile(r"([0-9]{8})([0-9]{4})?([0-9]{2})?(Z?)")
_MARKS = {"valid-after", "valid-before", "namespaces"}


class PublicKey(NamedTuple):
    """An Ed25519 public key."""

    raw: bytes  # 32 bytes

    @classmethod
    def from_text(cls, text: str) -> "PublicKey":
        """ "ssh-ed25519 AAAA... comment", as in a .pub file; raises ValueError."""
        words = text.split()
        if len(words) < 2 or words[0] != KEY_TYPE.decode():
            raise ValueError(f"should be a public key: {KEY_TYPE.decode()} AAAA...")
        try:
            return cls(public_key_of(base64.b64decode(words[1], validate=True)))
        except (binascii.Error, NotASignature):
            raise ValueError("is no whole ssh-ed25519 key: copy it again") from None

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "PublicKey":
        """As itops.yaml has it; raises ValueError."""
        if not isinstance(value, str):
            raise ValueError("should be a public key: ssh-ed25519 AAAA...")  # noqa: TRY004  pydantic gathers ValueErrors
        return cls.from_text(value)

    @property
    def text(self) -> str:
        """As a .pub file has it, without a comment."""
        return f"{KEY_TYPE.decode()} {base64.b64encode(key_blob(self.raw)).decode()}"

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` shows it: SHA256:..., to be compared over the telephone."""
        digest = hashlib.sha256(key_blob(self.raw)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedKey:
    """A key that counts as somebody's word."""

    signer: str  # an office's id; for receipts the name of headquarters
    key: PublicKey
    valid_from: datetime | None = None
    valid_to: datetime | None = None  # the first moment at which it counts no more
    namespaces: frozenset[str] = frozenset()  # empty: all

    def counts_in(self, namespace: str) -> bool:
        """Whether it may sign such things at all."""
        return not self.namespaces or namespace in self.namespaces


def read_allowed_signers(text: str) -> tuple[AllowedKey, ...]:
    """The keys of a file as `ssh-keygen -Y verify -f` takes it; raises ValueError naming the line.

    Lines of other key types and of certificate authorities are passed over: nothing here signs with them.
    """
    found: list[AllowedKey] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.extend(_allowed(line))
        except ValueError as wrong:
            raise ValueError(f"line {number}: {wrong}") from None
    return tuple(found)


def allowed_signers_text(keys: Iterable[AllowedKey]) -> str:
    """The same keys as such a file, for checking with OpenSSH's own tools."""
    return "".join(f"{_line(key)}\n" for key in keys)


def _allowed(line: str) -> list[AllowedKey]:
    words = shlex.split(line, posix=False)
    place = next((number for number, word in enumerate(words) if word == KEY_TYPE.decode()), None)
    if place is None or place > 2 or len(words) <= place + 1:
        return []
    marks = _marks(words[1]) if place == 2 else {}
    if marks is None:
        return []
    key = PublicKey.from_text(" ".join(words[place:]))
    names = frozenset(filter(None, marks.get("namespaces", "").split(",")))
    begin, end = _stamp(marks.get("valid-after")), _stamp(marks.get("valid-before"))
    return [
        AllowedKey(signer=signer, key=key, valid_from=begin, valid_to=end, namespaces=names)
        for signer in words[0].strip('"').split(",")
    ]


def _marks(text: str) -> dict[str, str] | None:
    """The options of a line; None where it is a certificate authority."""
    found = {}
    for mark in re.findall(r'(?:[^,"]|"[^"]*")+', text):
        name, _, value = mark.partition("=")
        if name == "cert-authority":
            return None
        if name not in _MARKS:
            raise ValueError(f"the option {name!r} is not known")
        found[name] = value.strip('"')
    return found


def _stamp(text: str | None) -> datetime | None:
    """YYYYMMDD[HHMM[SS]][Z]; taken as UTC with or without the Z, for two machines must read it alike."""
    if text is None:
        return None
    found = _STAMP.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a day and hour: 20261122Z")
    day, hour, second, _ = found.groups()
    return datetime.strptime(f"{day}{hour or '0000'}{second or '00'}", "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _line(key: AllowedKey) -> str:
    marks = [
        f'namespaces="{",".join(sorted(key.namespaces))}"' if key.namespaces else "",
        f'valid-after="{key.valid_from.astimezone(UTC):%Y%m%d%H%M%SZ}"' if key.valid_from else "",
        f'valid-before="{key.valid_to.astimezone(UTC):%Y%m%d%H%M%SZ}"' if key.valid_to else "",
    ]
    return " ".join(filter(None, (key.signer, ",".join(filter(None, marks)), key.key.text)))
