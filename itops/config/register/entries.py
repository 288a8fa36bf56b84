"""From the files' texts to records: each entry is built by itself, so that one mistake hides no other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itops.assets.records import Asset
from itops.config.mistakes import Mistake, did_you_mean
from itops.config.register.files import Found, RegisterFile
from itops.config.yaml import Place
from itops.names import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An asset and where it stands."""

    asset: Asset
    file: RegisterFile
    position: int

    def place(self, *inner: str | int) -> Place:
        """Of one of its fields, or of itself."""
        return ("assets", self.position, *inner)

    def line(self, *inner: str | int) -> int:
        """Of one of its fields, or of the nearest thing above it."""
        return self.file.document.line(self.place(*inner))

    def mistake(self, *inner: str | int, problem: str) -> tuple[RegisterFile, Mistake]:
        """A mistake in one of its fields."""
        return self.file, self.file.mistake(self.place(*inner), problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """A file without its assets."""

    sites: Mapping[str, Names] = field(default_factory=dict)
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What could be built of the files. `ids` and `site_ids` are as typed, those of wrong entries too."""

    entries: tuple[Entry, ...]
    sites: Mapping[str, Names]
    include: tuple[str, ...]
    ids: frozenset[str]
    site_ids: frozenset[str]


def build_entries(files: Sequence[RegisterFile], found: Found) -> Contents:
    """Every entry that has no mistake; the mistakes of the others go into `found`."""
    sites: dict[str, Names] = {}
    told: dict[str, tuple[RegisterFile, int]] = {}
    entries: list[Entry] = []
    include: tuple[str, ...] = ()
    for file in files:
        mistakes = found.setdefault(file.document.name, [])
        frame = _frame(file, mistakes)
        if file is files[0]:
            include = frame.include
        elif frame.include:
            problem = f"only {files[0].document.name} includes others; name this file's there"
            mistakes.append(file.mistake(("include",), problem))
        mistakes += _repeated_sites(file, frame.sites, told)
        sites |= {key: name for key, name in frame.sites.items() if key not in sites}
        entries += _entries(file, mistakes)
    return Contents(
        entries=tuple(entries),
        sites=sites,
        include=include,
        ids=frozenset(one["id"] for file in files for one in _items(file) if isinstance(one.get("id"), str)),
        site_ids=frozenset(site for file in files for site in _section(file, "sites")),
    )


def _frame(file: RegisterFile, mistakes: list[Mistake]) -> _Frame:
    from itops.config.building import build  # noqa: PLC0415  pydantic: only when there is something to judge

    texts = file.document.texts
    above = {key: held for key, held in texts.items() if key != "assets"} if isinstance(texts, dict) else texts
    noticed: list[Mistake] = []
    frame = build(_Frame, above, file.document, (), file.path.parent, noticed)
    mistakes += [_with_assets_known(mistake) for mistake in noticed]
    return frame or _Frame()


def _with_assets_known(mistake: Mistake) -> Mistake:
    """`assets` is a key too, though it is built apart from the others."""
    if mistake.problem.startswith("unknown key"):
        problem = f"unknown key{did_you_mean(mistake.path, ('assets', 'sites', 'include'))}"
        return Mistake(mistake.line, mistake.path, problem)
    return mistake


def _entries(file: RegisterFile, mistakes: list[Mistake]) -> Iterator[Entry]:
    from itops.config.building import build  # noqa: PLC0415  as above

    texts = file.document.texts
    items = texts.get("assets") if isinstance(texts, dict) else None
    if items is not None and not isinstance(items, list):
        mistakes.append(file.mistake(("assets",), "should be a list: lines that begin with - below it"))
        return
    for position, item in enumerate(items or []):
        asset = build(Asset, item, file.document, ("assets", position), Path(), mistakes)
        if asset is not None:
            yield Entry(asset=asset, file=file, position=position)


def _repeated_sites(
    file: RegisterFile, sites: Mapping[str, Names], told: dict[str, tuple[RegisterFile, int]]
) -> Iterator[Mistake]:
    for site in sites:
        if site in told:
            other, line = told[site]
            yield file.mistake(("sites", site), f"stands in {other.document.name}:{line} already")
        else:
            told[site] = (file, file.document.line(("sites", site)))


def _items(file: RegisterFile) -> list[dict[str, Any]]:
    texts = file.document.texts
    items = texts.get("assets") if isinstance(texts, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _section(file: RegisterFile, key: str) -> dict[str, Any]:
    texts = file.document.texts
    section = texts.get(key) if isinstance(texts, dict) else None
    return section if isinstance(section, dict) else {}
