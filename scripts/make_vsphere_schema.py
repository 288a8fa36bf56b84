"""Write itops/sources/vsphere/schema.json from properties.yaml and pyVmomi's type metadata.

The schema says for each path and each kept field its type, whether it is a list, and the first API version that has it.
Codes: s text, i integer, f float, b boolean, d moment, a any (the answer names the type), r managed object reference,
x bytes, y one signed byte; anything else is the name of a structured type under "types".
A list is marked by a trailing "*".
"polymorphic" names the types that may arrive as a subclass, "ignored" those of list items that nobody reads.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pyVmomi import VmomiSupport

FOLDER = Path(__file__).resolve().parent.parent / "itops" / "sources" / "vsphere"
SCALARS = {
    "str": "s", "short": "i", "int": "i", "long": "i", "byte": "y", "float": "f", "double": "f", "bool": "b",
    "datetime": "d", "binary": "x", "type": "s", "ManagedMethod": "s", "PropertyPath": "s", "URI": "s", "Link": "s",
}  # fmt: skip
NAMELESS = {
    "Description",
    "ElementDescription",
    "TypeDescription",
    "OptionValue",
    "CustomFieldValue",
    "HostDnsConfig",
    "HostIpConfig",
    "HostIpRouteConfig",
    "HostMultipathInfoLogicalUnitPolicy",
    "HostHardwareElementInfo",
}  # fmt: skip  which subclass came says nothing about these
SEALED = {"Event"}  # its hundreds of subclasses add nothing that is kept


def wire_name(cls: type) -> str:
    """The name a type has on the wire: VirtualDisk, not vim.vm.device.VirtualDisk."""
    return str(VmomiSupport.GetWsdlTypeName(cls))


class Schema:
    """Collects the structured types that are reachable from the asked paths."""

    def __init__(self, keep: dict[str, list[str]]) -> None:
        self.keep = keep
        self.types: dict[str, dict[str, str]] = {}
        self.polymorphic: set[str] = set()

    def code(self, cls: type) -> str:
        """The code of a type; structured types are collected with all their subclasses."""
        if issubclass(cls, VmomiSupport.Array):
            return self.code(cls.Item) + "*"
        if issubclass(cls, VmomiSupport.ManagedObject):
            return "r"
        if cls is object:
            return "a"
        if issubclass(cls, VmomiSupport.Enum):
            return "s"
        if not issubclass(cls, VmomiSupport.DataObject):
            return SCALARS[cls.__name__]
        name = wire_name(cls)
        if name not in self.types:
            self.collect(cls)
        return name

    def collect(self, cls: type) -> None:
        """Note the kept fields of a type, then of every type that may stand in its place."""
        self.types[wire_name(cls)] = fields = {}
        for info in kept(cls, self.keep):
            fields[info.name] = self.code(info.type)
        if wire_name(cls) in SEALED:
            return
        children = subclasses(cls)
        if children and wire_name(cls) not in NAMELESS:
            self.polymorphic.add(wire_name(cls))
        for child in children:
            if wire_name(child) not in self.types:
                self.collect(child)


def kept(cls: type, keep: dict[str, list[str]]) -> Iterator[Any]:
    """The properties of a type that its own or inherited keep lists name; all of them when there is no list."""
    lists = [keep[wire_name(base)] for base in cls.__mro__ if hasattr(base, "_version") and wire_name(base) in keep]
    lists = [names for names in lists if names is not keep["DynamicData"]]
    wanted = {name for names in lists for name in names} if lists else None
    for info in cls._GetPropertyList():
        if info.name not in ("dynamicType", "dynamicProperty") and (wanted is None or info.name in wanted):
            yield info


def subclasses(cls: type) -> list[type]:
    """Every type the API may send where `cls` is declared."""
    children = _CHILDREN.get(cls, [])
    return [*children, *(below for child in children for below in subclasses(child))]


def all_types() -> dict[type, list[type]]:
    """Parent to children, over every data object that pyVmomi knows."""
    tree: dict[type, list[type]] = {}
    for name in VmomiSupport.ListDataTypes():
        if name.startswith("vim."):
            loaded = VmomiSupport.GetVmodlType(name)
            tree.setdefault(loaded.__bases__[0], []).append(loaded)
    return tree


def resolve(cls: type, path: str) -> tuple[type, str]:
    """The type at the end of a property path and the newest version that any step of it needs."""
    newest = ""
    for step in path.split("."):
        for candidate in [cls, *subclasses(cls)]:
            try:
                info = candidate._GetPropertyInfo(step)
                break
            except AttributeError:
                continue
        else:
            raise SystemExit(f"{wire_name(cls)} has no property {step} (in {path})")
        newest = max(newest, api_version(info.version), key=version_key)
        cls = info.type
    return cls, newest


def api_version(version: str) -> str:
    """The dotted API version of an internal version name: "8.0.1.0"; empty when it is older than 5.5."""
    text = VmomiSupport.versionIdMap.get(version, "")
    return text if version_key(text) > version_key("5.5") else ""


def version_key(text: str) -> tuple[int, ...]:
    """Dotted versions in numeric order."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def main() -> None:
    """Write the schema beside properties.yaml."""
    source = yaml.safe_load((FOLDER / "properties.yaml").read_text(encoding="utf-8"))
    schema = Schema(source["keep"])
    paths: dict[str, dict[str, list[str]]] = {}
    for type_name, names in source["paths"].items():
        cls = VmomiSupport.GetVmodlType(MODULES.get(type_name, "vim.") + type_name)
        paths[type_name] = {}
        for path in names:
            found, since = resolve(cls, path)
            paths[type_name][path] = [schema.code(found), since] if since else [schema.code(found)]
    schema.collect(VmomiSupport.GetVmodlType("vim.KeyValue"))  # stands inside "any" values of licences
    tables = {
        "paths": paths,
        "types": schema.types,
        "polymorphic": sorted(schema.polymorphic),
        "ignored": source["ignored"],
    }
    text = json.dumps(tables, sort_keys=True, separators=(",", ":"))
    (FOLDER / "schema.json").write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")


MODULES = {"DistributedVirtualPortgroup": "vim.dvs.", "Alarm": "vim.alarm."}
_CHILDREN = all_types()

if __name__ == "__main__":
    main()
