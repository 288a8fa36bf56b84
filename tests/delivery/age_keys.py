"""Keys of headquarters that nobody else ever had: made by the library that also opens."""

from pathlib import Path
from typing import NamedTuple

import pyrage

from itops.bundles.recipients import Recipients
from itops.delivery.age import Identities

KNOWN_TEXT = b"CANARY-of-the-inventory-4417 "
"""Stands in every report here, so that it can be looked for where it must not be."""


class AgeKey(NamedTuple):
    """A key pair."""

    secret: str
    public: str

    @property
    def identities(self) -> Identities:
        return Identities((self.secret,))

    @property
    def recipients(self) -> Recipients:
        return recipients(self.public)

    def write(self, path: Path) -> Path:
        """As age-keygen writes it."""
        path.write_text(f"# public key: {self.public}\n{self.secret}\n")
        path.chmod(0o600)
        return path


def new_key() -> AgeKey:
    made = pyrage.x25519.Identity.generate()
    return AgeKey(secret=str(made), public=str(made.to_public()))


def recipients(*keys: str) -> Recipients:
    return Recipients.from_setting(list(keys), Path())
