"""Every format against every damage: what is noticed, and on which rung of the ladder."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.cli.proofs import installed_formats
from itops.repositories.local import file_thing, folder_thing
from itops.tasks.examine_things import Examiner
from tests.makers.damages import DAMAGES

NOT_MAKERS = {"__init__", "damages", "matrix", "servers", "raw_disk", "vhdx_writer"}
MAKERS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_MAKERS)
ANOTHER = "another object's copy under this name"
_PLACES = (0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Cell:
    """One damage to one format, tried in one place or in several."""

    noticed: int
    tried: int
    level: Level | None = None  # the lowest rung on which it was noticed
    weaker: int = 0  # not called damaged, yet proven less far than a good copy

    @property
    def text(self) -> str:
        """As the page has it."""
        if self.tried == 0:
            return "·"
        if self.noticed == 0:
            return "weaker" if self.weaker == self.tried else "**hole**"
        level = f"L{self.level.value}" if self.level is not None else "L1"
        return level if self.noticed == self.tried else f"{level} {self.noticed}/{self.tried}"


def maker(name: str) -> ModuleType:
    """A maker by the name of its module."""
    return import_module(f"tests.makers.{name}")


def examined(path: Path) -> Examination:
    """As far as its format goes."""
    examiner = Examiner(formats=installed_formats(), zone=ZoneInfo("Asia/Tehran"), max_seconds=60)
    return examiner.examine(folder_thing(path) if path.is_dir() else file_thing(path), Level.INTACT)


def good_copy(name: str, folder: Path) -> Path:
    """A good copy, in a folder of its own."""
    place = folder / "good"
    place.mkdir(parents=True)
    made: Path = maker(name).good(place)
    return made


def row(name: str, folder: Path) -> tuple[Examination, dict[str, Cell]]:
    """What is found in a good copy, and a cell for each damage."""
    good = good_copy(name, folder)
    whole = examined(good)
    victim = getattr(maker(name), "VICTIM", "**/*")
    cells = {damage: _cell(good, folder, variants(damage), victim, whole.level) for damage in DAMAGES}
    cells[ANOTHER] = _another(name, folder)
    return whole, cells


def variants(damage: str) -> list[Callable[[bytes], bytes]]:
    """A damage that may meet this or that is done in several places."""
    if damage == "one bit flipped in the middle":
        return [_at(place, lambda byte: byte ^ 0x10, 1) for place in _PLACES]
    if damage == "4 KiB zeroed in the middle":
        return [_at(place, lambda byte: 0, 4096) for place in _PLACES]
    return [DAMAGES[damage]]


def _at(place: float, change: Callable[[int], int], length: int) -> Callable[[bytes], bytes]:
    def done(data: bytes) -> bytes:
        begin = int(len(data) * place)
        return data[:begin] + bytes(map(change, data[begin : begin + length])) + data[begin + length :]

    return done


def _cell(
    good: Path, folder: Path, damages: list[Callable[[bytes], bytes]], victim: str, reached: Level | None
) -> Cell:
    results = [found for damage in damages if (found := _damaged(good, folder, damage, victim)) is not None]
    levels = [rung for found in results if (rung := _rung(found)) is not Level.SEEN]
    weaker = sum(not found.faults and (found.level or 0) < (reached or 0) for found in results)
    return Cell(len(levels), len(results), min(levels, default=None), weaker)


def _damaged(good: Path, folder: Path, damage: Callable[[bytes], bytes], pattern: str) -> Examination | None:
    """What is found in a damaged copy; None when the damage changed nothing."""
    bad = folder / "bad" / good.name
    shutil.rmtree(folder / "bad", ignore_errors=True)
    bad.parent.mkdir()
    shutil.copytree(good, bad) if good.is_dir() else shutil.copy2(good, bad)
    victim = max(_files(bad, pattern), key=lambda path: (path.stat().st_size, path.name))
    before = victim.read_bytes()
    after = damage(before)
    if after == before:
        return None
    victim.write_bytes(after)
    return examined(bad)


def _files(path: Path, pattern: str) -> Iterator[Path]:
    return (below for below in path.glob(pattern) if below.is_file()) if path.is_dir() else iter((path,))


def _rung(found: Examination) -> Level:
    if found.faults:
        reached = Level.SEEN if found.level is None else found.level
        return Level(min(reached + 1, Level.INTACT))
    # Bytes that no format knows any more are noticed, too: they were a backup.
    return Level.IDENTIFIED if found.format is None else Level.SEEN


def _another(name: str, folder: Path) -> Cell:
    made = maker(name)
    if made.OBJECT is None:
        return Cell(0, 1)
    place = folder / "another"
    place.mkdir()
    found = examined(made.another(place)).identity
    is_noticed = found is not None and found.object is not None and found.object.casefold() != made.OBJECT.casefold()
    return Cell(int(is_noticed), 1, Level.IDENTIFIED if is_noticed else None)
