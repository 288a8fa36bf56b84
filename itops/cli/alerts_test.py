"""`itops alerts test`: a message through each channel, now; the exit code is the verdict."""

import click

from itops.cli.alerts_evaluate import WatchOffice, pass_watch
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.errors import UsageWrong
from itops.tasks.alerting.trial import Trial, trial_of, try_channels
from itops.verdict import State

_FIELDS = ("channel", "state", "reaches", "receipt", "problem", "remedy")
_DRY_FIELDS = ("channel", "reaches", "title", "text", "summary")


@click.command()
@click.argument("channels", metavar="[CHANNEL]...", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Show the message as it would go out, and send nothing.")
@output_options
@pass_watch
def test(watch: WatchOffice, channels: tuple[str, ...], *, dry_run: bool, output: Output) -> int:
    """Send a test message through the channels of itops.yaml, or through those that are named.

    Nothing is written down. Exits 0 when all went out, 2 when one did not, 3 where there is no channel.
    """
    office, known = watch.office, watch.channels
    for name in channels:
        if name not in known:
            raise UsageWrong(
                f"there is no channel {name!r}",
                remedy=f"use one of: {', '.join(known) or '(none yet)'}; see itops.yaml",
            )
    wanted = [channel for name, channel in known.items() if not channels or name in channels]
    pairs = [(channel, trial_of(office.settings, channel.name, office.now)) for channel in wanted]
    if not wanted:
        output.note("itops.yaml has no alerts.channels: nobody is told of anything")
    if dry_run:
        rows: list[Row] = [
            {
                "channel": channel.name,
                "reaches": _reaches(stays_inside=channel.stays_inside),
                "title": message.title if channel.stays_inside else None,
                "text": message.lines[0].text if channel.stays_inside else None,
                "summary": message.summary,
            }
            for channel, message in pairs
        ]
        output.show(_listing(rows, _DRY_FIELDS), office.now)
        return (State.OK if wanted else State.UNKNOWN).value
    trials = try_channels(pairs)
    output.show(_listing([_row(one) for one in trials], _FIELDS), office.now)
    verdict = State.UNKNOWN if not trials else State.CRITICAL if any(one.problem for one in trials) else State.OK
    output.note(f"verdict: {verdict.name}")
    return verdict.value


def _reaches(*, stays_inside: bool) -> str:
    """How far a message goes: `outside` gets its summary alone."""
    return "inside" if stays_inside else "outside"


def _row(one: Trial) -> Row:
    return {
        "channel": one.channel,
        "state": "failed" if one.problem else "sent",
        "reaches": _reaches(stays_inside=one.stays_inside),
        "receipt": one.receipt or None,
        "problem": one.problem or None,
        "remedy": one.remedy or None,
    }


def _listing(rows: list[Row], fields: tuple[str, ...]) -> Listing:
    columns = tuple(Column(field=name, title=name) for name in fields)
    return Listing(schema="itops.alerts.test/1", rows=rows, columns=columns, csv_fields=fields)
