"""The channel `command`: a program of the office's own gets the message as JSON on its standard input.

No shell is between: what a name holds is never read as a command. The program has so many seconds; then it is ended,
with all that it began. Exit codes follow sysexits.h: 0 done, 64 to 68 and 76 to 78 refused for good, others try again.
What it writes on its error output is not repeated: it may hold what it should not.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from itops.alerts.channels import ChannelFailed, Message
from itops.notify.failures import told
from itops.notify.json_text import json_bytes
from itops.notify.plain_text import bare

if TYPE_CHECKING:
    from itops.programs import Outcome

_MOST_OUTPUT = 64 * 1024
_MOST_ID = 200
_FOR_GOOD = frozenset({*range(64, 69), *range(76, 79)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSettings:
    """A program and its arguments."""

    program: tuple[str, ...]
    """`[/usr/local/bin/to-the-pager, --quiet]`."""
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})

    def __post_init__(self) -> None:
        if not self.program:
            raise ValueError("program is empty: write [PROGRAM, ARGUMENT...]")
        if any("\0" in part for part in self.program):
            raise ValueError("program holds a zero character")


class CommandChannel:
    """A program."""

    Settings: ClassVar[type] = CommandSettings
    stays_inside: ClassVar[bool] = True

    def __init__(self, name: str, settings: CommandSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: the first line that the program printed."""
        import tempfile  # noqa: PLC0415  settings alone are read far more often

        from itops.notify.documents import document  # noqa: PLC0415
        from itops.programs import run_program  # noqa: PLC0415

        with told(), tempfile.TemporaryDirectory(prefix="itops-command-") as folder:
            given = Path(folder) / "message.json"  # in a folder that nobody else may enter
            given.write_bytes(json_bytes(document(message)) + b"\n")
            outcome = run_program(
                self._settings.program,
                seconds=self._settings.timeout_seconds,
                stdin=given,
                most_output=_MOST_OUTPUT,
            )
        return self._judged(outcome)

    def _judged(self, outcome: "Outcome") -> str:
        program = bare(self._settings.program[0])
        if outcome.is_timeout:
            raise ChannelFailed(
                f"{program} did not end within {self._settings.timeout_seconds:g} seconds and was ended",
                "see what it waits for; run it by hand with a message on its input",
            )
        if outcome.code:
            raise ChannelFailed(
                f"{program} ended with {outcome.code}",
                "run it by hand with a message on its input: its own words are on its error output",
                is_final=outcome.code in _FOR_GOOD,
            )
        first, *_ = outcome.text.splitlines() or [""]
        return bare(first)[:_MOST_ID]
