"""What a person sees while sources are scanned: a bar for each on a terminal, else a line when each has ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

import click

from itops.tasks.collect_inventory import Look, LookState, Progress
from itops.text import plain

Listener = Callable[[Progress], None]


@contextmanager
def progress_on(stream: IO[str], sources: Sequence[str], totals: Mapping[str, int]) -> Iterator[Listener]:
    """A listener for `collect` that shows on `stream` how far each source has come.

    `totals`: how many things a source showed the last time, where that is known. Called from several threads.
    """
    if not stream.isatty():
        yield lambda progress: _tell(stream, progress)
        return
    from rich.console import Console  # noqa: PLC0415  only on a terminal: 70 ms
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415  as above
    from rich.progress import Progress as Bars  # noqa: PLC0415  as above

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
        console=Console(file=stream),
    )
    tasks = {name: bars.add_task(plain(name), total=totals.get(name), state="waiting") for name in sources}
    done = dict.fromkeys(sources, 0)

    def show(progress: Progress) -> None:
        name = progress.source
        count = done[name] + progress.entity_count
        if progress.look is None:
            bars.update(tasks[name], completed=count, state=f"{count:,} seen")
            return
        done[name] = count  # a folder of files is one source with many looks
        bars.update(tasks[name], completed=count, total=max(count, 1), state=_ended(progress.look, count))

    with bars:
        yield show


def _tell(stream: IO[str], progress: Progress) -> None:
    look = progress.look
    if look is not None:
        time = "" if look.state is LookState.SKIPPED else f" in {look.seconds:.1f} s"
        click.echo(plain(f"{look.source}: {_ended(look, progress.entity_count)}{time}"), file=stream)


def _ended(look: Look, count: int) -> str:
    if look.state is LookState.SKIPPED:
        return "skipped, it was loaded before"
    if look.state is LookState.FAILED:
        return "failed"
    gaps = f", {len(look.gaps)} {'gap' if len(look.gaps) == 1 else 'gaps'}" if look.gaps else ""
    return f"{count:,} seen{gaps}"
