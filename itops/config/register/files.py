"""The files of a register: the root and what its `include:` names, each read once, all mistakes gathered."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path, PureWindowsPath
from typing import TypeAlias

from itops.config.mistakes import Mistake, dotted, quoted
from itops.config.yaml import Document, Limits, Place, examine
from itops.config.yaml import load as load_yaml
from itops.errors import ConfigInvalid

LIMITS = Limits(size_bytes=20_000_000, node_count=2_000_000)
_MOST_FILES = 1_000

Found: TypeAlias = dict[str, list[Mistake]]
"""Mistakes by the name of their file, in the order of the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFile:
    """One file; the document's name is its path from the root's folder, as messages show it."""

    path: Path
    document: Document

    def mistake(self, place: Place, problem: str) -> Mistake:
        """A mistake of this file, with its line."""
        return Mistake(self.document.line(place), dotted(place), problem)


def read_files(root: Path) -> tuple[tuple[RegisterFile, ...], Found]:
    """The root first, then the included ones in the order of the patterns, each pattern's sorted by name.

    Raises ConfigInvalid when the root cannot be read; an included file that is not YAML is missing from the files.
    """
    root = root.absolute()
    first = RegisterFile(path=root, document=load_yaml(root, LIMITS))
    found: Found = {first.document.name: []}
    files = [first]
    for path in _included(first, found[first.document.name]):
        name = path.relative_to(root.parent).as_posix()
        try:
            document, mistakes = examine(path, name, LIMITS)
        except ConfigInvalid as failure:
            document, mistakes = None, [Mistake(0, "", failure.problem)]
        found[name] = mistakes
        if document is not None:
            files.append(RegisterFile(path=path, document=document))
    return tuple(files), found


def _included(root: RegisterFile, mistakes: list[Mistake]) -> Iterator[Path]:
    folder = root.path.parent
    texts = root.document.texts
    patterns = texts.get("include") if isinstance(texts, dict) else None
    seen = {root.path.resolve()}
    for position, pattern in enumerate(patterns if isinstance(patterns, list) else []):
        place = ("include", position)
        if not isinstance(pattern, str) or not pattern:
            continue  # told where the section is built
        problem = _forbidden(pattern)
        matched = [] if problem else sorted(Path(folder, name) for name in glob(pattern, root_dir=folder))
        files = [path for path in matched if not path.is_dir()]
        if not problem and not files:
            problem = f"{quoted(pattern)} names no file in {folder.name or folder}"
        if problem:
            mistakes.append(root.mistake(place, problem))
        for path in files:
            real = path.resolve()
            if not real.is_relative_to(folder.resolve()):
                mistakes.append(root.mistake(place, f"{quoted(path.name)} leads out of the register's folder"))
            elif real not in seen and len(seen) <= _MOST_FILES:
                seen.add(real)
                yield path
            elif real not in seen:
                mistakes.append(root.mistake(("include",), f"names more than {_MOST_FILES:,} files"))
                return


def _forbidden(pattern: str) -> str | None:
    """Why a pattern may not be; None when it may."""
    parts = PureWindowsPath(pattern).parts if os.name == "nt" else Path(pattern).parts
    if Path(pattern).is_absolute() or PureWindowsPath(pattern).anchor:
        return f"{quoted(pattern)} is not relative; write inventory/*.yaml"
    if ".." in parts or "\\" in pattern:
        return f"{quoted(pattern)} may not lead out of the register's folder; write inventory/*.yaml"
    if "**" in pattern:
        return f"{quoted(pattern)}: ** is not known; name each folder: inventory/*.yaml"
    return None
