"""`itops check`: how it stands, for monitoring systems, from the stored evaluations alone. Called every minute.

Whatever goes wrong is UNKNOWN, exit code 3: see itops/cli/unknown.py, where every failure of this command ends.
"""

import sys
from pathlib import Path
from typing import Any

import click

from itops import clock
from itops.alerts.checking import HEARTBEAT
from itops.cli.glance import Glance, read_glance
from itops.reports.checked import FORMATS, page_in
from itops.reports.checked.checked import Checked
from itops.reports.checked.few_words import few_words
from itops.store.opening import open_watch
from itops.tasks.read_checks import CHECKS, Wanted, read_checks

_ALL = "all"


@click.command()
@click.argument("name", metavar=f"[{'|'.join((*CHECKS, _ALL))}]", type=click.Choice([*CHECKS, _ALL]), required=False)
@click.option(
    "--object",
    "objects",
    metavar="PATTERN",
    default="",
    help="Only what has such a name; * stands for any text.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="nagios",
    show_default=True,
    help="Which monitoring system reads it.",
)
@click.option("--heartbeat", "with_heartbeat", is_flag=True, help="Whether the scheduler ticks: alone, or besides.")
@click.option(
    "--lang", type=click.Choice(["en", "fa"]), default="en", show_default=True, help="The language of the texts."
)
@click.pass_obj
def check(given: Any, *, name: str | None, objects: str, form: str, with_heartbeat: bool, lang: str) -> int:
    """Tell in one line how everything stands, or one part of it; reads the store only, never the network.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: never judged, judged too long ago, or not to be told at all. What was
    judged is stored by `itops alerts evaluate`, which the schedule runs.
    """
    checks = (name,) if name not in (None, _ALL) else (HEARTBEAT,) if with_heartbeat and name is None else ()
    told = checked_of(given, lang, checks=checks, objects=objects, with_heartbeat=with_heartbeat)
    write(page_in(form, told))
    return told.exit_code


def checked_of(given: Any, language: str, **asked: Any) -> Checked:
    """What is asked for, of the office of `--config`; raises ConfigInvalid, StoreUnavailable, StoreLocked, UsageWrong.

    `given`: the path of itops.yaml, or an Office, which brings its own clock.
    """
    setting = read_glance(Path(given)) if isinstance(given, str) else given.setting
    now = clock.now() if isinstance(given, str) else given.now
    wanted = wanted_of(setting, **asked)
    with open_watch(setting.location) as watch:
        standing = read_checks(watch, wanted, now)
    words = few_words(language, calendar=setting.calendar, zone=setting.zone)
    return Checked(results=standing.results, now=now, words=words, beat_at=standing.beat_at, has_beat=wanted.has_beat)


def wanted_of(setting: Glance, **asked: Any) -> Wanted:
    """With what this office must have judged: its sources, its backups."""
    expected = [*(["backup"] if setting.has_backups else []), *(["inventory"] if setting.sources else [])]
    return Wanted(expected=expected, beat_within=setting.beat_within, **asked)


def write(page: str) -> None:
    """As UTF-8, which all of them read, whatever the locale of a service is; and at once, or not at all."""
    sys.stdout.buffer.write(page.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
