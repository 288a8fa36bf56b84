"""The few ways itops fails on purpose; each names what to do next and has its own exit code.

Verdict commands use 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; our own failures start at 64, so that a typing
mistake can never be read as a verdict. Whatever is not an ItopsError is a bug and shows its traceback (70).
"""

from typing import ClassVar


class ItopsError(Exception):
    """Something went wrong that we can explain to the person on duty."""

    exit_code: ClassVar[int] = 70

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class UsageWrong(ItopsError):
    """The command line asks for something that cannot be: fix the command."""

    exit_code = 64


class InputInvalid(ItopsError):
    """A file somebody gave us cannot be read as what it claims to be: fix or replace the file."""

    exit_code = 65


class SourceUnavailable(ItopsError):
    """A source could not be seen at all: try the next run, or follow the remedy."""

    exit_code = 69


class StoreUnavailable(ItopsError):
    """The store cannot be opened or written: nothing was lost, nothing was recorded."""

    exit_code = 74


class StoreEmpty(StoreUnavailable):
    """Nobody has scanned yet: that is not an empty inventory."""


class StoreLocked(ItopsError):
    """Another itops is writing: wait for it."""

    exit_code = 75


class DeliveryRefused(ItopsError):
    """Headquarters does not take it: ask there, do not retry."""

    exit_code = 76


class ConfigInvalid(ItopsError):
    """itops.yaml, inventory.yaml or a secret is wrong: fix the file. `problem` may hold many lines, one a mistake."""

    exit_code = 78
