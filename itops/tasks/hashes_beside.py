"""What hash lists say of the files beside and below them, wherever on this machine those lie."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from itops.backup.contents import Thing
from itops.backup.hash_lists import Hash, is_hash_list, parse_hash_list
from itops.repositories.paths import shown_path
from itops.tasks.listed_hashes import LONGEST_LIST, BadList, bad_list, whole_lines


class HashesBeside:
    """Each list is read once; one that cannot be read, or believed, is told in `bad` and takes nothing else with it."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.bad: list[BadList] = []
        self._roots = frozenset(folder for path in paths for folder in (path, path.parent))
        self._folders: dict[Path, Mapping[Path, Hash]] = {}

    def of(self, thing: Thing) -> Mapping[str, Hash]:
        """By the names of the thing's files."""
        found: dict[str, Hash] = {}
        for content in thing.files:
            path = content.local_path
            told = None if path is None else self._told(path)
            if told is not None:
                found[content.name] = told
        return found

    def _told(self, path: Path) -> Hash | None:
        """By the list nearest to the file."""
        for folder in path.parents:
            if (told := self._in(folder).get(path)) is not None:
                return told
            if folder in self._roots:
                return None
        return None

    def _in(self, folder: Path) -> Mapping[Path, Hash]:
        if folder not in self._folders:
            self._folders[folder] = {path: told for name in _lists(folder) for path, told in self._read(folder / name)}
        return self._folders[folder]

    def _read(self, folder_list: Path) -> Iterator[tuple[Path, Hash]]:
        shown = shown_path(str(folder_list))
        try:
            with folder_list.open("rb") as file:
                content = whole_lines(file.read(LONGEST_LIST), folder_list.stat().st_size)
        except OSError as failure:
            self.bad.append(BadList(path=shown, problem=f"cannot be read: {failure.strerror or failure}"))
            return
        found = parse_hash_list(content, folder_list.name)
        if bad := bad_list(shown, found):
            self.bad.append(bad)
        yield from ((folder_list.parent / path, told) for path, told in found.hashes.items())


def _lists(folder: Path) -> list[str]:
    """The names of the lists in a folder; none where it may be walked through but not listed."""
    try:
        return sorted(entry.name for entry in folder.iterdir() if is_hash_list(entry.name) and entry.is_file())
    except OSError:
        return []
