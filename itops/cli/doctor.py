"""`itops doctor`: one line for each thing that was examined, and below it what to do when it is not well."""

from collections.abc import Iterator
from pathlib import Path

import click

from itops.cli.job_commands import wrong_commands
from itops.cli.output import Column, Format, Listing, Output, output_options
from itops.cli.setting import load_settings, setting_of
from itops.clock import now as clock_now
from itops.errors import ItopsError
from itops.inventory.diagnosis import Check
from itops.jsonable import jsonable
from itops.tasks.check_setup import check_setup
from itops.tasks.check_store import check_store
from itops.tasks.check_watch import check_watch
from itops.text import plain
from itops.verdict import State, worst

_GLYPHS = {State.OK: "✔", State.WARNING: "▲", State.CRITICAL: "✘", State.UNKNOWN: "?"}
_COLORS = {State.OK: "green", State.WARNING: "yellow", State.CRITICAL: "red", State.UNKNOWN: "magenta"}
_FIELDS = ("state", "subject", "code", "finding", "remedy")
_STATE_WIDTH = max(len(state.name) for state in State)
_SUBJECT_WIDTH = 24


@click.command()
@output_options
@click.pass_obj
def doctor(config_path: str, *, output: Output) -> None:
    """Examine files, secrets, disk, clock, network, certificates, logins, rights and the store.

    Changes nothing. The exit code is that of the worst check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    """
    states: list[State] = []
    rows = []
    for check in _checks(Path(config_path)):
        states.append(check.state)
        rows.append({**jsonable(check), "state": check.state.name})
        if output.format is Format.TABLE:
            _show(check, output)  # at once: a server that is down takes its time
    if output.format is not Format.TABLE:
        columns = tuple(Column(field=name, title=name) for name in _FIELDS)
        output.show(Listing(schema="itops.doctor/1", rows=rows, columns=columns, csv_fields=_FIELDS), clock_now())
    raise click.exceptions.Exit(worst(states))


def _checks(path: Path) -> Iterator[Check]:
    try:
        settings = load_settings(path)
    except ItopsError as failure:
        remedy = f"{failure.remedy}; the rest is examined once this file is right"
        yield Check(
            state=State.CRITICAL, subject=path.name, code="config.invalid", finding=failure.problem, remedy=remedy
        )
        return
    yield Check(state=State.OK, subject=path.name, code="config.valid", finding=f"{settings.path} has no mistakes")
    now, location = clock_now(), setting_of(settings).location
    yield from check_setup(settings, now, check_store=lambda settings: check_store(location))
    yield from check_watch(settings, location, now)
    for wrong in wrong_commands(settings.schedule.jobs):
        remedy = "`itops --help` names the commands, and each has a --help"
        subject = f"schedule.jobs.{wrong.job}"
        yield Check(
            state=State.CRITICAL, subject=subject, code="schedule.command", finding=wrong.problem, remedy=remedy
        )


def _show(check: Check, output: Output) -> None:
    """A line, and below it the rest of a finding of several lines and the remedy."""
    first, *more = [plain(line) for line in check.finding.splitlines()] or [""]
    word = _writable(f"{_GLYPHS[check.state]} {check.state.name}", f"{check.state.name}", output)
    word = word.ljust(_STATE_WIDTH + 2)
    if output.has_color:
        word = click.style(word, fg=_COLORS[check.state])
    lines = [f"{word}  {plain(check.subject).ljust(_SUBJECT_WIDTH)}  {first}"]
    indent = " " * (_STATE_WIDTH + 2 + 2)
    lines += [f"{indent}{line}" for line in more]
    if check.remedy:
        lines.append(f"{indent}remedy: {plain(check.remedy)}")
    for line in lines:
        encoding = getattr(output.stdout, "encoding", None) or "utf-8"
        click.echo(line.encode(encoding, "replace").decode(encoding), file=output.stdout, color=output.has_color)


def _writable(text: str, instead: str, output: Output) -> str:
    """`text` where the terminal can show it."""
    try:
        text.encode(getattr(output.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return instead
    return text
