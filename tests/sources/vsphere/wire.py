"""Writes property answers as servers do, so that both readers can be asked about the same bytes."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from itops.inventory.entities import Value
from itops.sources.vsphere.schema import Field, load_schema

XSD = {"s": "string", "i": "int", "f": "double", "b": "boolean", "d": "dateTime", "y": "byte"}


def answer(managed: str, ref: str, properties: Mapping[str, Value], prefix: str = "xsi") -> str:
    """One `<objects>` element without its opening tag, as the collector hands it to the readers."""
    paths = load_schema().paths[managed]
    body = "".join(
        f"<propSet><name>{path}</name>{_val(paths[path].field, paths[path].item_tag, value, prefix)}</propSet>"
        for path, value in properties.items()
    )
    return f'<obj type="{managed}">{ref}</obj>{body}</objects>'


def _val(field: Field, item_tag: str, value: Value, prefix: str) -> str:
    if field.is_list:
        assert isinstance(value, list)
        inner = "".join(_element(item_tag, field, item, prefix) for item in value)
        return f'<val {prefix}:type="ArrayOf{item_tag}">{inner}</val>'
    return _element("val", field, value, prefix)


def _element(tag: str, field: Field, value: Value, prefix: str) -> str:
    if isinstance(value, dict):
        type_name = str(value.get("_type", field.type_name))
        attribute = f' {prefix}:type="{type_name}"' if field.is_polymorphic else ""
        fields = load_schema().fields_of(type_name, field)
        inner = "".join(_child(name, fields[name], item, prefix) for name, item in value.items() if name != "_type")
        return f"<{tag}{attribute}>{inner}</{tag}>"
    if field.type_name == "r":
        return f'<{tag} type="Thing" {prefix}:type="ManagedObjectReference">{escape(str(value))}</{tag}>'
    written = str(value).lower() if isinstance(value, bool) else escape(str(value))
    return f'<{tag} {prefix}:type="xsd:{XSD.get(field.type_name, "string")}">{written}</{tag}>'


def _child(tag: str, field: Field, value: Value, prefix: str) -> str:
    if field.is_list:
        assert isinstance(value, list)
        return "".join(_element(tag, field, item, prefix) for item in value)
    return _element(tag, field, value, prefix)
