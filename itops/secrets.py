"""Secrets: known by reference only, never printed, never in a traceback.

A reference is a text in itops.yaml: `file:PATH`, `env:NAME`, `systemd:NAME`, `keyring:SERVICE/USER`,
`command:PROGRAM ARG...`. `itops.config` resolves it when a source is built.
"""


class Secret:
    """A value that refuses to be shown: repr, str and format give `***`; only `reveal` gives it up."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))
