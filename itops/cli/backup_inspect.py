"""`itops backup inspect`: judge any file or folder on the spot, configured or not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from itops import clock
from itops.backup.levels import Level
from itops.cli.columns import moments_in
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.proofs import LevelChoice, examination_row, installed_formats, level_text, why
from itops.cli.setting import read_setting
from itops.reports.backups import fault_text
from itops.reports.words import Words, load_words
from itops.tasks.examine_things import Examiner
from itops.tasks.inspect_paths import Inspected, inspect_paths
from itops.verdict import State, worst

_FIELDS = (
    "path", "state", "format", "level", "level_name", "object", "server", "type", "started_at", "finished_at",
    "faults", "limits", "size_bytes", "files", "sha256", "made_by", "problem", "remedy",
)  # fmt: skip


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--level", type=LevelChoice(), default="L3", show_default=True, help="How far to prove: L1 L2 L3 L4.")
@output_options
@click.pass_context
def inspect(context: click.Context, paths: tuple[Path, ...], level: Level, output: Output) -> int:
    """Judge files and folders, configured or not: the disk that came back from the bank.

    One line for each thing that can be restored: a file, the stripes of one set, a folder that is one backup. Nothing
    is written and nothing is remembered. Exits 0 OK, 1 WARNING less was proven than asked, 2 CRITICAL damaged, 3
    UNKNOWN unreadable or of no known format.
    """
    calendar, zone = _office(context)
    words = load_words("en", calendar=calendar, marks=False, zone=zone)
    examiner = Examiner(formats=installed_formats(), zone=zone)
    found = list(_told(inspect_paths(paths, level, examiner), output))
    output.show(_listing([inspected_row(one, words) for one in found], moments_in(calendar, zone), words), clock.now())
    state = worst(one.state for one in found) if found else State.UNKNOWN
    for one in found:
        if one.problem:
            output.note(f"{one.path}: {one.problem}; {one.remedy}")
    if not found:
        output.note("there is nothing in it that could be restored")
    output.note(f"verdict: {state.name}")
    return state.value


def _told(things: Iterator[Inspected], output: Output) -> Iterator[Inspected]:
    """As they come; on a terminal with a count, for a full disk takes hours."""
    is_watched = output.stderr.isatty()
    for done, one in enumerate(things, 1):
        if is_watched:
            click.echo(f"\r{done:,} examined", file=output.stderr, nl=False)
        yield one
    if is_watched:
        click.echo("\r\033[K", file=output.stderr, nl=False)


def _office(context: click.Context) -> tuple[str, ZoneInfo]:
    """The office's calendar and zone where there is an itops.yaml; a disk can be inspected without any."""
    given = context.obj
    if not isinstance(given, str):
        return given.calendar, given.zone
    if not Path(given).exists():
        return "jalali", ZoneInfo("Asia/Tehran")
    setting = read_setting(Path(given))
    return setting.calendar, setting.zone


def inspected_row(one: Inspected, words: Words) -> Row:
    """One thing with everything found."""
    problem = one.problem
    if one.bad_list:
        problem = f"a list of hashes: {problem or fault_text(one.bad_list.faults[0], words)}"
    return {
        "path": one.path,
        "state": one.state.name,
        **examination_row(one.examination, words),
        "size_bytes": one.size_bytes,
        "files": one.files,
        "problem": problem,
        "remedy": one.remedy,
    }


def _listing(rows: list[Row], when: Callable[[Any], str], words: Words) -> Listing:
    shown = [{**row, "_level": level_text(row), "_why": why(row)} for row in rows]
    columns = (
        Column(field="path", title="path"),
        Column(field="state", title="state"),
        Column(field="format", title="format", spare=1),
        Column(field="_level", title="proven"),
        Column(field="object", title="object"),
        Column(field="server", title="server", spare=3),
        Column(field="type", title="type", spare=4),
        Column(field="started_at", title="made", show=when, spare=2),
        Column(
            field="size_bytes",
            title="size",
            show=lambda size: words.value("size_bytes", size) if size else "",
            is_number=True,
            spare=5,
        ),
        Column(field="_why", title="why"),
    )
    return Listing(schema="itops.backup.inspect/1", rows=shown, data=rows, columns=columns, csv_fields=_FIELDS)
