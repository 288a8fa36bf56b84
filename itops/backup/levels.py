"""The proof levels L0 to L7: how far a copy was shown to be worth something; printed by name, never as a tick."""

from enum import IntEnum
from pathlib import Path


class Level(IntEnum):
    """How far a copy is proven; a higher one is stronger evidence."""

    SEEN = 0  # there, of plausible size, and no longer growing
    IDENTIFIED = 1  # its header says which object, server, type and time
    COMPLETE = 2  # its structure was walked to the end, every stripe is there
    INTACT = 3  # every byte stood under the format's own checksums
    SAME = 4  # its hash equals the one taken when it was made
    READABLE_ELSEWHERE = 5  # read from the off-site medium, on another drive
    RESTORED = 6
    ANSWERED = 7  # restored, and the application's question was answered

    @property
    def title(self) -> str:
        """As it is printed: "L3 intact"."""
        return f"L{self.value} {self.name.lower().replace('_', ' ')}"

    @classmethod
    def from_setting(cls, value: object, folder: Path | None = None) -> "Level":
        """`L3` or `intact`; raises ValueError."""
        text = str(value).strip().casefold()
        for level in cls:
            if text in {f"l{level.value}", level.name.lower(), level.name.lower().replace("_", "-")}:
                return level
        choices = ", ".join(level.title for level in cls)
        raise ValueError(f"{value!r} is not a proof level; one of {choices}")
