"""From instructions to a changed register: planned purely, judged before anything is written.

A plan says for each file what it will hold and shows the difference. A register that these edits would make invalid is
never written: the plan is refused with the reasons, as the loader would give them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itops.assets.edits import AddAsset, AddEntry, Edit, SetField, SetList
from itops.assets.records import Register
from itops.config.mistakes import did_you_mean, listed, quoted
from itops.config.register.fields import item_type, made_of, resolve, with_value
from itops.config.register.files import LIMITS, Found, RegisterFile
from itops.config.register.loading import LoadedRegister, assemble
from itops.config.surgery.splices import Patched, patched
from itops.config.yaml import Document
from itops.errors import ConfigInvalid, UsageWrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """One file before and after."""

    path: Path
    name: str  # from the root's folder
    patch: Patched

    @property
    def old(self) -> Document:
        """As it was read."""
        return self.patch.old

    @property
    def new(self) -> Document:
        """As it is to be."""
        return self.patch.new

    def diff(self) -> str:
        """As `diff -u` shows it."""
        return self.patch.diff()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What edits make of a register. `files` are those that change; none: everything stands there already."""

    files: tuple[ChangedFile, ...]
    loaded: LoadedRegister  # the register with the edits in it

    @property
    def register(self) -> Register:
        """The register with the edits in it."""
        return self.loaded.register

    def diff(self) -> str:
        """Of all files, as `diff -u` shows it; empty when nothing changes."""
        return "".join(file.diff() for file in self.files)


def plan_edits(loaded: LoadedRegister, edits: Sequence[Edit]) -> Changed:
    """What the edits, one after the other, make of the register.

    Raises UsageWrong for an asset or field that is not there, ConfigInvalid when the register would be invalid.
    """
    draft = _Draft(loaded)
    for edit in edits:
        draft.apply(edit)
    changed = tuple(
        ChangedFile(path=file.path, name=file.document.name, patch=patched(file.document, wanted, LIMITS))
        for file, wanted in zip(loaded.files, draft.wanted(), strict=True)
        if wanted != file.document.texts
    )
    if not changed:
        return Changed(files=(), loaded=loaded)
    return Changed(files=changed, loaded=_judged(loaded, changed))


def _judged(loaded: LoadedRegister, changed: Iterable[ChangedFile]) -> LoadedRegister:
    new = {file.path: file.new for file in changed}
    files = [RegisterFile(path=file.path, document=new.get(file.path, file.document)) for file in loaded.files]
    found: Found = {}
    judged = assemble(files, found)
    if judged is None:
        raise ConfigInvalid(
            f"nothing was written, for the register would be invalid (lines as they would be):\n{listed(found)}",
            remedy="change what you asked for, or correct the register first",
        )
    return judged


class _Draft:
    """The texts of all files while edits are applied; what the loaded register holds is not touched."""

    def __init__(self, loaded: LoadedRegister) -> None:
        self.loaded = loaded
        self.trees = [file.document.texts for file in loaded.files]
        self.assets: list[list[Any]] = [list((tree or {}).get("assets") or []) for tree in self.trees]
        self.homes = {asset["id"]: number for number, assets in enumerate(self.assets) for asset in assets}

    def wanted(self) -> list[Any]:
        """What each file is to say."""
        return [
            {**(tree or {}), "assets": assets} if assets else tree
            for tree, assets in zip(self.trees, self.assets, strict=True)
        ]

    def apply(self, edit: Edit) -> None:
        """Change the draft; raises UsageWrong."""
        if isinstance(edit, AddAsset):
            self._add(edit)
        elif isinstance(edit, AddEntry):
            item = made_of(edit.fields, item_type(edit.field))
            self._change(edit.asset_id, edit.field, lambda texts: [*(texts or []), item])
        elif isinstance(edit, SetList):
            values = list(edit.values)
            self._change(edit.asset_id, edit.field, lambda texts: values)
        elif isinstance(edit, SetField):
            value = edit.value
            self._change(edit.asset_id, edit.field, lambda texts: value)

    def _change(self, asset_id: str, field: str, change: Callable[[Any], Any]) -> None:
        if asset_id not in self.homes:
            problem = f"there is no asset {quoted(asset_id)}{did_you_mean(asset_id, self.homes)}"
            raise UsageWrong(problem, remedy="use an id of the register")
        if field == "id":
            raise UsageWrong(f"{asset_id}: an id never changes", remedy="retire it and add another")
        steps = resolve(field)
        assets = self.assets[self.homes[asset_id]]
        position = next(at for at, asset in enumerate(assets) if asset["id"] == asset_id)
        texts = assets[position]
        assets[position] = with_value(texts, steps, change(_held(texts, [step.key for step in steps])))

    def _add(self, edit: AddAsset) -> None:
        if edit.asset_id in self.homes:
            path, line = self._place(edit.asset_id)
            problem = f"{quoted(edit.asset_id)} is in the register already{f' ({path}:{line})' if path else ''}"
            raise UsageWrong(problem, remedy="choose another id")
        texts = made_of({**edit.fields, "id": edit.asset_id})
        home = self._home(texts.get("site"))
        self.homes[edit.asset_id] = home
        assets = self.assets[home]
        assets.insert(_sorted_position([asset["id"] for asset in assets], edit.asset_id), texts)

    def _place(self, asset_id: str) -> tuple[str, int]:
        entry = self.loaded.entries.get(asset_id)
        return (entry.file.document.name, entry.line()) if entry else ("", 0)

    def _home(self, site: object) -> int:
        """The file with most of the site's assets; without any the included one that names the site, else the root."""
        counts = [sum(asset.get("site") == site for asset in assets) for assets in self.assets]
        if any(counts):
            return counts.index(max(counts))
        named = [number for number, tree in enumerate(self.trees) if site in ((tree or {}).get("sites") or {})]
        return named[0] if named else 0


def _held(texts: Any, keys: Sequence[str | int]) -> Any:
    for key in keys:
        if isinstance(texts, Mapping):
            texts = texts.get(str(key))
        elif isinstance(texts, list) and isinstance(key, int) and key < len(texts):
            texts = texts[key]
        else:
            return None
    return texts


def _sorted_position(ids: Sequence[str], new: str) -> int:
    """Right after the greatest smaller id, wherever an unsorted file has it; else right before the smallest."""
    smaller = [one for one in ids if one < new]
    if smaller:
        return ids.index(max(smaller)) + 1
    return ids.index(min(ids)) if ids else 0
