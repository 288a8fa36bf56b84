"""A command that fails as it is told to, to be put into the table of commands."""

import signal

import click

from itops import errors


@click.command()
@click.argument("how")
def failing(how: str) -> None:
    """Fail."""
    if how == "interrupt":
        signal.raise_signal(signal.SIGINT)
    if how == "bug":
        raise ZeroDivisionError("a bug")
    raise getattr(errors, how)(f"problem of {how}", remedy="do this")
