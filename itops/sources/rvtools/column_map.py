"""A column map: how to read a sheet of any other tool, in YAML.

    sheet: Report
    kind: vm
    columns:
      VM Name: name
      RAM (GB): {path: config.hardware.memoryMB, unit: GiB}
      State: {path: runtime.powerState, values: {"On": poweredOn, "Off": poweredOff}}

Strict: unknown keys, unknown paths, anchors and double keys are refused, all mistakes at once with file:line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from itops.errors import ConfigInvalid
from itops.inventory.entities import Kind, Place
from itops.inventory.rvtools.catalogue import Derived, catalogue
from itops.inventory.rvtools.paths import Path as CellPath

MAX_BYTES = 256 * 1024
_KEYS = ("sheet", "kind", "columns")
_COLUMN_KEYS = ("path", "unit", "values")
_SIZES = {"bytes": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
          "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}  # fmt: skip
_CLOCKS = {"MHz": 1, "GHz": 1000}
_LISTS = {Place.DATASTORES, Place.HOSTS, Place.LICENSES}
_NOT_FROM_CELLS = {Place.FILES, Place.TAGS, Place.CUSTOM_ATTRIBUTES}
# Paths that rules and lists read but no RVTools column shows plainly: path -> type and unit.
_MORE: dict[Kind, dict[str, tuple[str, str]]] = {
    Kind.VM: {
        "at.disk_capacity_bytes": ("int", "bytes"),
        "config.version": ("str", ""),
        "config.guestId": ("str", ""),
        "summary.config.numEthernetCards": ("int", ""),
        "summary.config.numVirtualDisks": ("int", ""),
        "summary.storage.uncommitted": ("int", "bytes"),
    },
    Kind.HOST: {
        "config.product.version": ("str", ""),
        "config.product.build": ("str", ""),
        "runtime.connectionState": ("str", ""),
        "runtime.powerState": ("str", ""),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """One column of the foreign sheet and the property it fills."""

    header: str
    path: str
    type: str
    factor: float | None  # cell times this is the property; None: the cell as it is
    values: Mapping[str, str]  # the sheet's words, lower case -> the API's


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """How one sheet of another tool is read."""

    sheet: str
    kind: Kind
    columns: tuple[MappedColumn, ...]


def load_column_map(path: Path) -> ColumnMap:
    """Read and check a map. Raises ConfigInvalid with every mistake, one a line."""
    reading = _Reading(path)
    found = reading.column_map(_composed(path))
    if reading.mistakes or found is None:
        raise ConfigInvalid("\n".join(reading.mistakes), remedy=f"correct {path}; docs/how-to/import-old-workbooks.md")
    return found


def _composed(path: Path) -> yaml.Node | None:
    try:
        raw = path.read_bytes()
    except OSError as failure:
        raise ConfigInvalid(f"cannot read {path}: {failure.strerror}", remedy="check `column_map`") from failure
    if len(raw) > MAX_BYTES:
        raise ConfigInvalid(f"{path} is too big for a column map", remedy="check `column_map`")
    loader = yaml.CSafeLoader(raw)
    try:
        for event in iter(loader.get_event, None):
            if getattr(event, "anchor", None) is not None:
                number = event.start_mark.line + 1 if event.start_mark else 1
                raise ConfigInvalid(
                    f"{path}:{number}  anchors and aliases (& and *) are refused", remedy="write it out"
                )
        return yaml.compose(raw, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as broken:
        mark = getattr(broken, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(broken, "problem", None) or "not text"
        raise ConfigInvalid(f"{path}{line}  not YAML: {problem}", remedy="correct the line") from broken
    finally:
        loader.dispose()


class _Reading:
    """Gathers mistakes while a composed document becomes a ColumnMap."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mistakes: list[tuple[int, str]] = []

    @property
    def mistakes(self) -> list[str]:
        """All of them in the order of the file, `file:line  where  what`."""
        return [f"{self._path}:{line}  {text}" for line, text in sorted(self._mistakes)]

    def column_map(self, root: yaml.Node | None) -> ColumnMap | None:
        top = self._mapping(root, "", _KEYS)
        for key in _KEYS:
            if key not in top and (isinstance(root, yaml.MappingNode) or root is None):
                self._mistake(root, key, "is missing")
        kind = self._kind(top["kind"]) if "kind" in top else None
        sheet = self._text(top["sheet"], "sheet") if "sheet" in top else None
        if kind is None or sheet is None or "columns" not in top:
            return None
        columns = tuple(self._columns(top["columns"], kind))
        if not any(column.path == "name" for column in columns):
            self._mistake(top["columns"], "columns", "no column is the `name`")
        return ColumnMap(sheet=sheet, kind=kind, columns=columns)

    def _columns(self, node: yaml.Node, kind: Kind) -> Iterator[MappedColumn]:
        known = known_paths(kind)
        used: dict[str, str] = {}
        for header, child in self._mapping(node, "columns", None).items():
            dotted = f"columns.{header}"
            parts = (
                {"path": child} if isinstance(child, yaml.ScalarNode) else self._mapping(child, dotted, _COLUMN_KEYS)
            )
            if "path" not in parts:
                self._mistake(child, dotted, "has no `path`")
                continue
            path = self._text(parts["path"], f"{dotted}.path")
            if path is None:
                continue
            if path not in known:
                self._mistake(child, dotted, f"{path!r} is not a property of kind {kind}{_did_you_mean(path, known)}")
                continue
            if path in used:
                self._mistake(child, dotted, f"{path} is filled by {used[path]!r}, too")
            used[path] = header
            type_, unit = known[path]
            yield MappedColumn(
                header=header,
                path=path,
                type=type_,
                factor=self._factor(parts.get("unit"), unit, dotted),
                values=self._values(parts.get("values"), dotted),
            )

    def _factor(self, node: yaml.Node | None, unit: str, dotted: str) -> float | None:
        if node is None:
            return None
        said = self._text(node, f"{dotted}.unit")
        for units in (_SIZES, _CLOCKS):
            if said in units and unit in units:
                return units[said] / units[unit]
        choice = _SIZES if unit in _SIZES else _CLOCKS if unit in _CLOCKS else ()
        says = f"one of {', '.join(choice)}" if choice else "none here: the property has no unit that can be converted"
        self._mistake(node, f"{dotted}.unit", f"{said!r} cannot be; write {says}")
        return None

    def _values(self, node: yaml.Node | None, dotted: str) -> dict[str, str]:
        if node is None:
            return {}
        texts = {
            word: self._text(child, dotted) for word, child in self._mapping(node, f"{dotted}.values", None).items()
        }
        return {word.strip().lower(): text for word, text in texts.items() if text is not None}

    def _kind(self, node: yaml.Node) -> Kind | None:
        said = self._text(node, "kind")
        try:
            return Kind(said) if said is not None else None
        except ValueError:
            kinds = [kind.value for kind in Kind]
            self._mistake(node, "kind", f"{said!r} is not a kind{_did_you_mean(str(said), kinds)}")
            return None

    def _mapping(self, node: yaml.Node | None, dotted: str, known: tuple[str, ...] | None) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._mistake(node, dotted, "must be a mapping, `key: value`")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, child in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if key is None:
                self._mistake(key_node, dotted, "a key must be plain text")
            elif key in found:
                self._mistake(key_node, f"{dotted}.{key}".lstrip("."), "is there twice")
            elif known is not None and key not in known:
                self._mistake(key_node, f"{dotted}.{key}".lstrip("."), f"unknown key{_did_you_mean(key, known)}")
            else:
                found[key] = child
        return found

    def _text(self, node: yaml.Node, dotted: str) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.value.strip():
            return str(node.value)
        self._mistake(node, dotted, "must be a text")
        return None

    def _mistake(self, node: yaml.Node | None, dotted: str, problem: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self._mistakes.append((line, f"{dotted or 'the file'}  {problem}"))


def known_paths(kind: Kind) -> dict[str, tuple[str, str]]:
    """Every property of a kind that a cell can fill: path -> type and unit (of the API, not of RVTools)."""
    known: dict[str, tuple[str, str]] = {"name": ("str", "")}
    for sheet in catalogue().sheets:
        if sheet.kind is not kind:
            continue
        for column in sheet.columns:
            source = column.source
            if isinstance(source, CellPath) and not source.is_of_item:
                known.setdefault(source.text, (column.type, column.unit.partition(" ")[0]))
            elif isinstance(source, Derived) and source.function == "mib" and not source.arguments[0].startswith("."):
                known.setdefault(source.arguments[0], ("int", "bytes"))
    places = {value for name, value in vars(Place).items() if name.isupper()} - _NOT_FROM_CELLS
    known.update({place: ("list" if place in _LISTS else "str", "") for place in places})
    return known | _MORE.get(kind, {})


def _did_you_mean(said: str, known: Mapping[str, object] | list[str] | tuple[str, ...]) -> str:
    close = get_close_matches(said, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""
