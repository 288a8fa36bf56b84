"""Follow the register: what of it changed since it was last read, by whom as far as anybody can tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from itops.assets.history import Flat, RegisterChange, flat
from itops.assets.records import Register

BY_HAND = "by hand"


class RegisterMemory(Protocol):
    """What following needs of the store."""

    def remember(self, entries: Mapping[str, Flat], at: datetime, by: str | None, how: str) -> list[RegisterChange]:
        """Keep what the register says now; what differs from the last time is recorded and returned."""
        ...


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of one register, at one moment."""

    store: RegisterMemory
    now: datetime

    def take(self, register: Register, *, by: str | None, how: str) -> list[RegisterChange]:
        """What is new since it was last read; `by` None: typed into the file by somebody."""
        return self.store.remember({asset.id: flat(asset) for asset in register.assets}, self.now, by, how)
