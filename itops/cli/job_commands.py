"""Whether the commands of a schedule are commands at all: told when itops.yaml is read, not when a job is due."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import click

from itops.config.mistakes import did_you_mean
from itops.errors import ConfigInvalid
from itops.schedule.policy import JobPolicy

_NEVER_JOBS = (("tick",), ("schedule", "run"), ("demo",))
"""What ticks itself, and what plays: as jobs they would start jobs, or never end."""
_A_PERIOD = "1405-01"


class WrongCommand(NamedTuple):
    """A job whose command cannot be run, and why."""

    job: str
    problem: str


def wrong_commands(jobs: Mapping[str, JobPolicy]) -> Iterator[WrongCommand]:
    """Each job that names no command of itops, or gives it what it does not take. Nothing is run."""
    for name, job in jobs.items():
        problem = _problem(job.run.replace("{period}", _A_PERIOD).split())
        if problem is not None:
            yield WrongCommand(name, f"run: {job.run}: {problem}")


def refuse_wrong_commands(jobs: Mapping[str, JobPolicy]) -> None:
    """Raise ConfigInvalid naming each of them."""
    wrong = [f"schedule.jobs.{one.job}  {one.problem}" for one in wrong_commands(jobs)]
    if wrong:
        raise ConfigInvalid("\n".join(wrong), remedy="`itops --help` names the commands, and each has a --help")


def _problem(words: list[str]) -> str | None:
    from itops.cli.main import cli  # noqa: PLC0415  which imports this one through its commands

    for never in _NEVER_JOBS:
        if tuple(words[: len(never)]) == never:
            return "is no job: it starts jobs itself" if never != ("demo",) else "is no job"
    command: click.Command = cli
    context = click.Context(cli, info_name="itops", obj="itops.yaml")
    while isinstance(command, click.Group):
        if not words:
            return f"names no command; one of {', '.join(command.list_commands(context))}"
        found = command.get_command(context, words[0])
        if found is None:
            return f"there is no command {words[0]}{did_you_mean(words[0], command.list_commands(context))}"
        context = click.Context(found, info_name=words[0], parent=context)
        command, words = found, words[1:]
    try:
        command.make_context(context.info_name, words, parent=context.parent)
    except click.UsageError as wrong:
        return wrong.format_message().rstrip(".")
    except click.exceptions.Exit:
        return "only prints a help page"
    return None
