"""`itops backup scan`: look at every repository and remember which copies are there."""

from collections.abc import Sequence

import click

from itops import clock
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.tasks.look_at_repositories import RepositoryLook
from itops.text import counted, plain

_FIELDS = (
    "repository", "state", "looked_at", "copies", "files", "unclaimed", "databases", "gap_count", "seconds",
    "problem", "remedy",
)  # fmt: skip


@click.command()
@click.argument("names", metavar="[REPOSITORY]...", nargs=-1)
@output_options
@pass_backups
def scan(backups: BackupOffice, names: tuple[str, ...], output: Output) -> None:
    """Look at every repository, or at those named, and remember which copies are there.

    Names, sizes and times only; `itops backup verify` reads what is in the copies. A repository that cannot be looked
    at is recorded as such and leaves the others whole; the exit code is then 69.
    """
    with backups.open_store() as store:
        looks = backups.look(store.ledger, names, on_look=lambda look: tell_look(look, output))
        backups.remember_verdicts(store)
    output.show(_listing(backups, looks), clock.now())
    explain_looks(looks, output)
    failures = [look for look in looks if look.error]
    click.get_current_context().exit(failures[0].error.exit_code if failures and failures[0].error else 0)


def tell_look(look: RepositoryLook, output: Output) -> None:
    """One line as each look ends."""
    counts = look.record.counts
    told = "failed"
    if not look.error:
        told = f"{counted('copy', 'copies', counts['copies'])} in {counted('file', 'files', counts['files'])}"
    click.echo(plain(f"{look.repository}: {told}"), file=output.stderr)


def explain_looks(looks: Sequence[RepositoryLook], output: Output) -> None:
    """On stderr: each failure and each gap with its remedy, and files that no job claims."""
    for look in looks:
        if look.error:
            click.echo(f"error:  {plain(look.repository)}: {plain(look.error.problem)}", file=output.stderr)
            click.echo(f"remedy: {plain(look.error.remedy)}", file=output.stderr)
        for gap in look.record.gaps:
            output.note(f"{look.repository}: {gap.subject}: {gap.problem}; {gap.remedy}")
        if look.claims.unclaimed:
            some = ", ".join(look.claims.examples) + (
                " ..." if look.claims.unclaimed > len(look.claims.examples) else ""
            )
            output.note(f"{look.repository}: {counted('file', 'files', look.claims.unclaimed)} of no job: {some}")


def _listing(backups: BackupOffice, looks: Sequence[RepositoryLook]) -> Listing:
    columns = (
        Column(field="repository", title="repository"),
        Column(field="state", title="state"),
        Column(field="looked_at", title="as of", show=backups.when),
        *(Column(field=name, title=name, is_number=True) for name in ("copies", "files", "unclaimed", "databases")),
        Column(field="gap_count", title="gaps", is_number=True),
    )
    rows = [_row(look) for look in looks]
    return Listing(schema="itops.backup.scan/1", rows=rows, columns=columns, csv_fields=_FIELDS)


def _row(look: RepositoryLook) -> Row:
    record = look.record
    return {
        "repository": look.repository,
        "state": "complete" if record.is_complete else "failed",
        "looked_at": jsonable(record.looked_at),
        **{name: record.counts.get(name) for name in ("copies", "files", "unclaimed", "databases")},
        "gap_count": len(record.gaps),
        "seconds": round((record.ended_at - record.looked_at).total_seconds(), 3),
        "problem": record.problem,
        "remedy": record.remedy,
    }
