"""`itops service install`: the files that start itops by itself on this machine, printed or written."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

import itops
from itops.cli.job_commands import refuse_wrong_commands
from itops.cli.office import Office, pass_office
from itops.errors import UsageWrong
from itops.reports.rvtools.replacing import replacing
from itops.reports.service_files import KINDS, Installation, Kind, ServiceFile, service_files

if TYPE_CHECKING:
    from itops.config.settings import Settings

_WRITING_OPTIONS = ("--out", "--textfile")
"""Of any command: what stands behind it is written."""
_WRITING_PRODUCTS = ("restic", "borg")
"""They put a lock into the repository even to read it."""


@click.group()
def service() -> None:
    """What starts itops by itself: systemd, the Task Scheduler of Windows, cron."""


@service.command("install")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="The service (systemd), or a tick every minute: systemd-timer, windows, cron. Default: what this system has.",
)
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIRECTORY",
    help="Write the files there; without it they are printed.",
)
@click.option("--user", default="itops", show_default=True, help="The account that itops runs as.")
@pass_office
def install(office: Office, *, kind: Kind | None, folder: Path | None, user: str) -> None:
    """Print or write what lets this itops run by itself with this itops.yaml. Nothing is started or enabled.

    What is left to do by hand is told on stderr.
    """
    refuse_wrong_commands(office.settings.schedule.jobs)
    chosen: Kind = kind or ("windows" if sys.platform == "win32" else "systemd")
    installation = replace(installation_of(office.settings), user=user)
    files = service_files(chosen, installation)
    if folder is None:
        _print(files)
    else:
        _write(files, folder)
    for problem in _doubts(installation):
        click.echo(f"note: {problem}", err=True)
    steps = _steps(chosen, installation, files, folder)
    click.echo(
        "\nnext:\n" + "".join(f"  {number}. {step}\n" for number, step in enumerate(steps, 1)), nl=False, err=True
    )


def installation_of(settings: "Settings") -> Installation:
    """This itops and this office."""
    return Installation(
        python=Path(sys.executable),
        config=settings.path,
        state=settings.state.absolute(),
        reads=(Path(sys.prefix), Path(sys.base_prefix), Path(itops.__file__).parent),
        writes=tuple(dict.fromkeys(_writes(settings))),
        tick=settings.schedule.tick,
        longest_job=max((job.timeout for job in settings.schedule.jobs.values()), default=timedelta(hours=4)),
    )


def _writes(settings: "Settings") -> Iterator[Path]:
    """What jobs write outside the state folder, as far as itops.yaml tells."""
    for target in settings.delivery.targets.values() if settings.delivery else ():
        if target.type == "folder":
            yield settings.folder / target.settings.path
    for repository in settings.backup.repositories.values() if settings.backup else ():
        if repository.type in _WRITING_PRODUCTS:
            told = (getattr(repository.settings, name, None) for name in ("path", "base_folder"))
            yield from (settings.folder / path for path in told if path is not None)
    for job in settings.schedule.jobs.values():
        for name in _written_by(job.run.split()):
            place = _folder_of(settings.folder / Path(name).expanduser())
            if not place.is_relative_to(settings.state.absolute()):
                yield place


def _written_by(words: Sequence[str]) -> Iterator[str]:
    for word, following in zip(words, (*words[1:], ""), strict=True):
        option, equals, value = word.partition("=")
        if option in _WRITING_OPTIONS and (value if equals else following):
            yield value if equals else following


def _folder_of(path: Path) -> Path:
    """The folder that must be writable for `path`, up to the first name that is made of the period."""
    if path.is_dir():
        return path
    parts = path.parent.parts
    fixed = next((place for place, part in enumerate(parts) if "{" in part), len(parts))
    return Path(*parts[:fixed])


def _print(files: Sequence[ServiceFile]) -> None:
    for file in files:
        head = f"# {file.name}\n" if len(files) > 1 else ""
        click.echo(head + file.text, nl=len(files) > 1)


def _write(files: Sequence[ServiceFile], folder: Path) -> None:
    """All of them, or none where one is there with other content."""
    if not folder.is_dir():
        raise UsageWrong(f"there is no folder {folder}", remedy="make the folder, or write somewhere else")
    others = [str(folder / file.name) for file in files if _is_another(folder / file.name, file.content)]
    if others:
        raise UsageWrong(
            f"{', '.join(others)} {'is' if len(others) == 1 else 'are'} there with other content; nothing was written",
            remedy="compare with what is printed without --write; move the old one away, then run it again",
        )
    for file in files:
        with replacing(folder / file.name) as partial:
            partial.write_bytes(file.content)
            partial.chmod(0o644)
        click.echo(str(folder / file.name))


def _is_another(path: Path, content: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(content) + 1) != content
    except FileNotFoundError:
        return False
    except OSError as failure:
        raise UsageWrong(
            f"{path} cannot be read: {failure.strerror or failure}", remedy="look at it, or write somewhere else"
        ) from failure


def _doubts(installation: Installation) -> Iterator[str]:
    """What may keep the account from running it at all."""
    if installation.lies_below("/root"):
        yield f"a part of this itops lies below /root, where {installation.user} cannot go: install it elsewhere"
    if installation.lies_below("/tmp", "/var/tmp"):  # noqa: S108  that is the doubt
        yield "a part of it lies in a folder for temporary files: move it before it is cleaned away"
    if Path("/") in installation.writes:
        yield "a job writes into the topmost folder: let it write elsewhere, or nothing is fenced in"


def _steps(kind: Kind, installation: Installation, files: Sequence[ServiceFile], folder: Path | None) -> Iterator[str]:
    from shlex import quote  # noqa: PLC0415  only for what is left to do

    user, state = installation.user, quote(str(installation.state))
    names = " ".join(file.name for file in files)
    if kind == "windows":
        place = f"{folder}\\{names}" if folder else names
        yield from () if folder else (f"write the file: --write DIRECTORY makes {names} as Windows wants it",)
        yield f'schtasks /Create /TN itops /XML "{place}" /RU {user} /RP *      asks for the password of {user}'
        yield f"let {user} log on as a batch job (secpol.msc), read {installation.folder}, write {installation.state}"
    else:
        yield f"getent passwd {user} || useradd --system --home-dir {state} --shell /usr/sbin/nologin {user}"
        yield f"install -d -m 0700 -o {user} {state} && chown -R {user}: {state}"
        yield f"let {user} read {installation.config} and the files with passwords that it names"
        place = "/etc/cron.d" if kind == "cron" else "/etc/systemd/system"
        if folder is None or folder.absolute() != Path(place):
            yield f"as root put {names} into {place}, mode 0644"
    if kind.startswith("systemd"):
        unit = files[0].name
        yield f"systemctl daemon-reload && systemctl enable --now {unit}"
        yield f"systemctl status {unit}"
    yield "after two minutes look whether it ticks: itops schedule list"
