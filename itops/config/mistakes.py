"""Mistakes in a file that people write: gathered first, then shown all at once, each with its line and path."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from itops.errors import ConfigInvalid
from itops.text import counted, plain

_SHOWN_AT_MOST = 50
_NAMED_AT_MOST = 3
_PATH_WIDTH = 40
_QUOTED_LENGTH = 60
_LIKELY = 0.65


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing to correct: the line (from 1; 0 when the file as a whole is meant), the dotted path, what is wrong."""

    line: int
    path: str
    problem: str


def refuse(name: str, mistakes: Iterable[Mistake]) -> NoReturn:
    """Raise ConfigInvalid with every mistake in `name`, in the order of the file."""
    refuse_files({name: tuple(mistakes)})


def refuse_files(found: Mapping[str, Collection[Mistake]]) -> NoReturn:
    """Raise ConfigInvalid with every mistake of several files, by their names, each in the order of its file."""
    names = _together([name for name, mistakes in found.items() if mistakes])
    raise ConfigInvalid(listed(found), remedy=f"correct {names} as said above; docs/reference/configuration.md")


def listed(found: Mapping[str, Collection[Mistake]]) -> str:
    """Every mistake on a line of its own, with file and line; how many there are above them."""
    placed = [(name, mistake) for name, mistakes in found.items() for mistake in sorted(set(mistakes))]
    width = min(max(len(mistake.path) for _, mistake in placed), _PATH_WIDTH)
    lines = [_line(name, mistake, width) for name, mistake in placed[:_SHOWN_AT_MOST]]
    if len(placed) > _SHOWN_AT_MOST:
        lines.append(f"... and {len(placed) - _SHOWN_AT_MOST} more")
    if len(placed) > 1:
        lines.insert(0, f"{len(placed)} mistakes in {_together(list(dict.fromkeys(name for name, _ in placed)))}")
    return "\n".join(lines)


def _together(names: list[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    if more > 0:
        return f"{', '.join(names[:_NAMED_AT_MOST])} and {counted('more file', 'more files', more)}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _line(name: str, mistake: Mistake, width: int) -> str:
    place = f"{name}:{mistake.line}" if mistake.line else name
    path = plain(mistake.path).ljust(width) + "  " if width else ""
    return f"{place}  {path}{plain(mistake.problem)}"


def quoted(text: object) -> str:
    """Outside text as an error message shows it: short, on one line, between quotes."""
    shown = plain(str(text))
    return f'"{shown[:_QUOTED_LENGTH]}..."' if len(shown) > _QUOTED_LENGTH else f'"{shown}"'


def dotted(path: Iterable[str | int]) -> str:
    """A path into the file as people say it: sources.vc01.port, report.formats[2]."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part + 1}]"
        else:
            shown += f".{part}" if shown else part
    return shown


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ "; did you mean timeout_seconds?" when something known resembles `word`, else an empty text.

    A key is compared whole and by its parts, so that `tmeout` finds `timeout_seconds`.
    """
    asked = word.lower().replace("-", "_")[:_QUOTED_LENGTH]
    scored = sorted(((_likeness(asked, name.lower()), name) for name in known), reverse=True)
    likely = [name for likeness, name in scored if likeness >= _LIKELY and likeness >= scored[0][0] - 0.05][:2]
    return f"; did you mean {' or '.join(likely)}?" if likely else ""


def _likeness(asked: str, name: str) -> float:
    import difflib  # noqa: PLC0415  needed only once something is wrong

    parts = {name, *(part for part in name.split("_") if len(part) > 3)}
    return max(difflib.SequenceMatcher(None, asked, part).ratio() for part in parts)
