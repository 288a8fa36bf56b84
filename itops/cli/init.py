"""`itops init`: from a bare folder to settings that load."""

from pathlib import Path

import click

from itops.tasks.write_setup import write_setup


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where to write; made when it is not there. Default: here.",
)
def init(folder: Path) -> None:
    """Write a commented itops.yaml, an inventory.yaml and the private folders state and secrets.

    Nothing that exists is overwritten.
    """
    for path in write_setup(folder):
        click.echo(str(path))
    option = "" if folder == Path() else f" --config {folder / 'itops.yaml'}"
    click.echo(
        "\nnext:\n"
        f"  1. edit {folder / 'itops.yaml'}: the office, and a source under sources:\n"
        f"  2. put the source's password, alone, into a file in {folder / 'secrets'} and chmod it 600\n"
        f"  3. itops{option} trust HOST    look at the server's certificate and pin it\n"
        f"  4. itops{option} doctor        examine everything\n"
        f"  5. itops{option} inventory scan",
        err=True,
    )
