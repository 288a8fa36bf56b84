"""`itops metrics`: how everything stands as gauges, for Prometheus; every failure ends with 3, and writes nothing."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from itops.cli.check import checked_of, write
from itops.errors import InputInvalid
from itops.reports.checked import page_in

_READABLE = 0o644  # the collector runs under an account of its own


@click.command()
@click.option(
    "--textfile",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it there in one step, for node_exporter's textfile collector; the name should end with .prom.",
)
@click.pass_obj
def metrics(given: Any, textfile: Path | None) -> None:
    """Tell how everything stands as gauges in Prometheus' text format; reads the store only, never the network.

    Exits 0 once they are written, whatever they say, else 3: then an older FILE stays as it is, and grows old.
    """
    page = page_in("prometheus", checked_of(given, "en"))
    if textfile is None:
        write(page)
    else:
        _replace(textfile, page.encode("utf-8", "replace"))


def _replace(path: Path, content: bytes) -> None:
    """In one step: a collector that reads meanwhile sees the old page or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")  # not .prom: no collector takes it for a page
    try:
        if path.exists() and not path.is_file():
            raise InputInvalid(f"{path} is not a file", remedy="name a file in the folder of the textfile collector")
        try:
            _write(beside, content)
            os.replace(beside, path)
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()
    except OSError as error:
        raise InputInvalid(
            f"the metrics cannot be written to {path}: {error.strerror}",
            remedy="name a file in a folder that exists and that this account may write",
        ) from error


def _write(path: Path, content: bytes) -> None:
    """A new file: what already has its name is a link that somebody laid there, or left by a process that died."""
    with suppress(FileNotFoundError):
        path.unlink()
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _READABLE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if hasattr(os, "fchmod"):  # whatever the umask left
            os.fchmod(file.fileno(), _READABLE)
