"""What people and machines call things: a name in both languages, a short name for machines, a count."""

from dataclasses import dataclass
from pathlib import Path
from typing import NewType

Identifier = NewType("Identifier", str)
"""A short ASCII name, as itops.yaml and inventory.yaml may hold it: it becomes part of file names and commands."""
Count = NewType("Count", int)
"""A whole number from 0 to 10,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What something is called in both languages of the documents."""

    fa: str
    en: str

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Names":
        """One text for both."""
        if not isinstance(value, str) or not value:
            raise ValueError("should be a text, or {fa: ..., en: ...}")
        return cls.same(value)

    @classmethod
    def same(cls, text: str) -> "Names":
        """One text for both."""
        return cls(fa=text, en=text)

    def of(self, language: str) -> str:
        """The text of "fa" or "en"."""
        return self.fa if language == "fa" else self.en
