"""What codes are told with: plain values that JSON has, which the words of a language fill into a sentence."""

from typing import TypeAlias

Fact: TypeAlias = str | int | float | bool | None
