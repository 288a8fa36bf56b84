"""How a command ends that monitoring systems call when it could not answer: UNKNOWN, in the format that was asked for.

Whatever goes wrong before, in or after such a command ends here: a mistyped option, a broken settings file, a bug,
Ctrl-C, a full disk. Nothing else may go wrong then, so nothing of itops is imported that could, and the words of the
command line are looked at as they were typed.
"""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import click

from itops.errors import ItopsError
from itops.verdict import State

EXIT_CODE = State.UNKNOWN.value
_METRICS = "metrics"
_COMMANDS = ("check", _METRICS)
_TAKES_A_WORD = ("--config",)
_CHECKS = ("backup", "inventory", "delivery", "schedule", "custody", "channel")  # as everywhere; see the head
_PROBLEM, _REMEDY = 250, 150  # letters of each in the first line


class Asked(NamedTuple):
    """What a monitoring system asked for, as far as the command line tells."""

    command: str
    check: str  # "" for all
    format: str


def asked_by_monitoring(words: Sequence[str]) -> Asked | None:
    """What was asked for; None where the command is another one, whose exit codes are no verdicts."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        rest = rest[2 if rest[0] in _TAKES_A_WORD else 1 :]
    if not rest or rest[0] not in _COMMANDS:
        return None
    if rest[0] == _METRICS:
        return Asked(_METRICS, "", "prometheus")
    return Asked(rest[0], _check_of(rest[1:]), _format_of(rest[1:]))


def answered(asked: Asked, run: Callable[[], object]) -> int:
    """The exit code: what `run` returns, or 3 whatever happens to it."""
    if sys.stdout is None:  # closed: an answer that nobody can read is none
        tell_unknown(asked, "there is no output to write to", "open standard output")
        return EXIT_CODE
    try:
        code = run()
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        tell_unknown(asked, "it was stopped before it could answer", "run it again")
    except click.ClickException as wrong:
        tell_unknown(asked, wrong.format_message().rstrip("."), f"run: itops {asked.command} --help")
    except ItopsError as failure:
        tell_unknown(asked, failure.problem, failure.remedy)
    except SystemExit:  # click's way where nobody reads on
        let_go_of_stdout()
    except Exception as failure:  # noqa: BLE001  a bug: Python's own 1 would read as WARNING
        _tell_failure(asked, failure)
    else:
        return code if isinstance(code, int) else 0
    return EXIT_CODE


def _tell_failure(asked: Asked, failure: Exception) -> None:
    if isinstance(failure, OSError) and failure.errno in (errno.ENOSPC, errno.EDQUOT, errno.EPIPE):
        tell_unknown(asked, "the output could not be written: a full disk, or nobody reads on", "run it again")
        let_go_of_stdout()
        return
    from traceback import print_exc  # noqa: PLC0415  nearly every run ends without

    with suppress(OSError, ValueError):
        print_exc()
    kind = type(failure).__name__
    tell_unknown(asked, f"itops itself failed ({kind})", "run the same command by hand: it tells where; report that")


def tell_unknown(asked: Asked, problem: str, remedy: str) -> None:
    """Write that there is no answer: where the format's reader looks, and on stderr for a person."""
    with suppress(OSError, ValueError):
        click.echo(f"error:  {problem}\nremedy: {remedy}", err=True)
    if sys.stdout is None:
        return
    try:
        # Not through the text layer, which may hold half of an answer, or an encoding without these letters.
        sys.stdout.buffer.write(_said(asked, problem, remedy).encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except (OSError, ValueError):
        let_go_of_stdout()


def let_go_of_stdout() -> None:
    """What waits to be written goes nowhere: else Python itself would try once more, and end with 120."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _said(asked: Asked, problem: str, remedy: str) -> str:
    lines = problem.splitlines() or [""]
    first = f"{_line(' '.join(lines), _PROBLEM)}; {_line(remedy, _REMEDY)}"
    name = f"itops {asked.check}".rstrip()
    if asked.format == "prometheus":
        return ""  # a collector takes nothing for nothing; a page of half an answer it would take for the whole
    if asked.format == "checkmk":
        text = first.replace('"', "'").replace("\\", "/")
        return f'{EXIT_CODE} "{name}" - {text}\n'
    if asked.format in ("json", "zabbix"):
        return _json(asked, problem, remedy, first)
    more = "".join(f"{_line(line, _PROBLEM)}\n" for line in lines[1:20])
    return f"{(asked.check or 'itops').upper()} {State.UNKNOWN.name} - {first}\n{more}"


def _json(asked: Asked, problem: str, remedy: str, first: str) -> str:
    import json  # noqa: PLC0415  nearly every run ends without

    if asked.format == "json":
        error = {"problem": problem, "remedy": remedy}
        told = {"schema": "itops.check/1", "state": State.UNKNOWN.name, "error": error, "data": [], "gaps": []}
        return json.dumps(told) + "\n"
    # No "discovery": an empty one would make Zabbix forget every item.
    check = {"state": EXIT_CODE, "text": first}
    return json.dumps({"error": first, "checks": {asked.check or "itops": check}}) + "\n"


def _line(text: str, most: int) -> str:
    from itops.text import plain  # noqa: PLC0415  as above

    shown = plain(text).replace("|", "¦").strip()
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _check_of(words: Sequence[str]) -> str:
    """The first word that is a check, and no option's."""
    after = ""
    for word in words:
        if word in _CHECKS and after not in ("--object", "--format", "--lang"):
            return word
        after = word
    return "heartbeat" if "--heartbeat" in words else ""


def _format_of(words: Sequence[str]) -> str:
    """The last one, as click takes it."""
    found = "nagios"
    for before, word in zip(("", *words), words, strict=False):
        name, sign, value = word.partition("=")
        if before == "--format" or (name == "--format" and sign):
            found = word if before == "--format" else value
    return found
