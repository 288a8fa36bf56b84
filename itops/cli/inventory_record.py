"""`itops inventory record`: save one look at a source as a file that scans like it."""

import secrets
from pathlib import Path

import click

from itops import __version__
from itops.cli.office import Office, pass_office
from itops.dates import show_moment
from itops.errors import UsageWrong
from itops.inventory.redaction import Redactor
from itops.tasks.record_source import Recorded, record_source

_KEY_BYTES = 32


@click.command()
@click.argument("source")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--redact", is_flag=True, help="Replace names, addresses, notes, keys and serial numbers consistently.")
@click.option("--keep-role-words", is_flag=True, help="With --redact: leave words such as sql or wsus in names.")
@pass_office
def record(office: Office, source: str, out: Path, redact: bool, keep_role_words: bool) -> None:  # noqa: FBT001  flags
    """Look at SOURCE once and save what it shows; nothing goes into the store.

    The file scans like the source when itops.yaml names it as one of type recording. It can be read by its owner only;
    before you give it away, use --redact.
    """
    if keep_role_words and not redact:
        raise UsageWrong("--keep-role-words needs --redact", remedy="add --redact, or leave it out")
    configured = {settings.name: settings for settings in office.settings.sources}
    if source not in configured:
        known = ", ".join(configured) or "(none yet)"
        raise UsageWrong(f"there is no source {source!r}", remedy=f"use one of: {known}")
    # The key of the replacements dies with this process: nobody can guess back with it.
    redactor = Redactor(secrets.token_bytes(_KEY_BYTES), keeps_roles=keep_role_words) if redact else None
    recorded = record_source(
        configured[source].build(), out, now=office.now, itops_version=__version__, redaction=redactor
    )
    _tell(office, recorded)


def _tell(office: Office, recorded: Recorded) -> None:
    written = recorded.written
    counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(written.entity_counts.items()))
    when = show_moment(recorded.observed_at, office.calendar, office.zone)
    click.echo(f"{written.path}: {counts or 'nothing'}, as of {when}, {written.size_bytes:,} bytes", err=True)
    if written.gap_count:
        gaps = "gap is" if written.gap_count == 1 else "gaps are"
        click.echo(f"note: {written.gap_count} {gaps} in it: not all was seen", err=True)
    if recorded.observation_count > 1:
        click.echo(f"note: it is the newest of {recorded.observation_count} observations of this source", err=True)
