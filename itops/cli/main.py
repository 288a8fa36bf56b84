"""The `itops` command. Sub-commands are loaded only when called: `itops --help` imports click and nothing else."""

import atexit
import errno
import gc
import os
import sys

import click

from itops import __version__
from itops.cli.lazy import LazyGroup
from itops.cli.unknown import answered, asked_by_monitoring, let_go_of_stdout
from itops.errors import ItopsError, StoreUnavailable

COMMANDS = {
    "init": ("itops.cli.init:init", "Write a commented itops.yaml, an inventory.yaml and the state folder."),
    "doctor": ("itops.cli.doctor:doctor", "Check files, clock, network, logins, rights and the store."),
    "trust": ("itops.cli.trust:trust", "Show a server's certificate and pin it in itops.yaml."),
    "inventory": (
        "itops.cli.inventory:inventory",
        "Virtual servers: scan, list, changes, roles, health, export.",
    ),
    "backup": ("itops.cli.backup:backup", "Backups: plan, coverage, verify, status, inspect, restore tests, controls."),
    "media": ("itops.cli.media:media", "Off-site media: what lies in which box, under which seal, handed by whom."),
    "assets": ("itops.cli.assets:assets", "The hardware register: list, show, change, scan, check, labels, budget."),
    "changes": ("itops.cli.changes_log:changes", "The change log: what no API shows, beside what was observed."),
    "report": ("itops.cli.report:report", "The monthly report: build, explain, deliver; documents, services."),
    "schedule": ("itops.cli.schedule:schedule", "What runs by itself: run it, list it, tell what became of it."),
    "tick": ("itops.cli.tick:tick", "Start what is due, once: for cron and timers."),
    "service": ("itops.cli.service:service", "Install what runs by itself: systemd, cron, Windows."),
    "alerts": (
        "itops.cli.alerts:alerts",
        "Incidents: what is open, who looks after it, what people were told; silences.",
    ),
    "heartbeat": (
        "itops.cli.heartbeat:heartbeat",
        "Tell headquarters that itops lives; there: which offices are silent.",
    ),
    "status": ("itops.cli.status:status", "Everything at a glance, what is not well first."),
    "check": ("itops.cli.check:check", "One line and an exit code for Nagios, Checkmk, Prometheus, Zabbix."),
    "metrics": ("itops.cli.metrics:metrics", "The same as gauges, for Prometheus."),
    "demo": ("itops.cli.demo:demo", "Play a month of the demo office, from the first scan to the report."),
}
_FULL = (errno.ENOSPC, errno.EDQUOT)
COLLECT_SELDOM = (1_000_000, 50, 1_000)
"""A command builds up to hundreds of thousands of records that all live until it ends: looking for garbage among them
every 700 objects, as Python does by itself, was a quarter of its time."""
_NOBODY_READS = 141  # 128 + SIGPIPE, as other tools end


@click.group(cls=LazyGroup, commands_table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="itops")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    envvar="ITOPS_CONFIG",
    default="itops.yaml",
    show_default=True,
    help="The settings file.",
)
@click.pass_context
def cli(context: click.Context, config_path: str) -> None:
    """See the virtual servers and hardware of an office, prove its backups, write its monthly report."""
    context.obj = config_path


def main() -> None:
    """Run the command line; turn each known failure into two lines on stderr and its exit code."""
    gc.set_threshold(*COLLECT_SELDOM)
    atexit.register(gc.freeze)  # nor one last time among all of them at the very end: 0.3 s of a verify
    if (asked := asked_by_monitoring(sys.argv[1:])) is not None:
        sys.exit(answered(asked, lambda: cli.main(standalone_mode=False)))
    if sys.stdout is None:  # closed: `>&-`, some services
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  for the whole run
    screen = sys.stdout
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.exceptions.Exit as exit_request:
        sys.exit(exit_request.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(64)  # click's own 2 would read as CRITICAL
    except ItopsError as failure:
        click.echo(f"error:  {failure.problem}\nremedy: {failure.remedy}", err=True)
        sys.exit(failure.exit_code)
    except SystemExit as end:
        # Where nobody reads on (`| head`) click swaps stdout and ends with 1, which would read as WARNING.
        sys.exit(end.code if sys.stdout is screen else _NOBODY_READS)
    except Exception as failure:  # noqa: BLE001  a bug: Python's own 1 would read as WARNING
        if isinstance(failure, OSError) and failure.errno in _FULL:
            click.echo("error:  a disk is full: the output was not written\nremedy: make room, run it again", err=True)
            let_go_of_stdout()
            sys.exit(StoreUnavailable.exit_code)
        from traceback import print_exc  # noqa: PLC0415  nearly every run ends without

        print_exc()
        sys.exit(ItopsError.exit_code)
