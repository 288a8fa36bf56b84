"""The fast reader says exactly what the strict one says, and what was sent."""

import contextlib
from typing import Any
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.inventory.entities import Value
from itops.sources.vsphere.describe import certificate_fields
from itops.sources.vsphere.reader import _read, _Unusual, cut, read_object, strict_object, token_of, unescaped
from itops.sources.vsphere.schema import Field, convert_scalar, load_schema, moment_text, version_key
from itops.sources.vsphere.strict import parse
from tests.sources.vsphere.wire import answer

SCHEMA = load_schema()
TYPES = ("VirtualMachine", "HostSystem", "Datastore", "ClusterComputeResource", "DistributedVirtualSwitch")
# What XML can carry and parsers leave alone: no controls, no lone surrogates, no carriage return.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "s": TEXT,
    "r": st.sampled_from(["vm-1", "host-21", "ha-host"]),
    "i": st.integers(-(2**40), 2**40),
    "y": st.integers(-128, 127),
    "f": st.floats(allow_nan=False, allow_infinity=False),
    "b": st.booleans(),
    "d": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    "a": TEXT,
    "x": st.just("QUJD"),
}


@st.composite
def values(draw: st.DrawFn, field: Field, depth: int = 0) -> Value:
    """A value such as the schema allows at this field."""
    if field.type_name in SCALARS:
        return draw(SCALARS[field.type_name])
    names = [field.type_name]
    if field.is_polymorphic:
        names = [name for name in SCHEMA.types if set(field.fields) <= set(SCHEMA.types[name])][:40] or names
    type_name = draw(st.sampled_from(names))
    inner = SCHEMA.types[type_name]
    kept = draw(st.lists(st.sampled_from(sorted(inner)), unique=True, max_size=6)) if inner and depth < 4 else []
    found: dict[str, Value] = {"_type": type_name} if field.is_polymorphic else {}
    for name in kept:
        child = values(inner[name], depth + 1)
        found[name] = draw(st.lists(child, min_size=1, max_size=3)) if inner[name].is_list else draw(child)
    return found


@st.composite
def objects(draw: st.DrawFn) -> tuple[str, dict[str, Value]]:
    managed = draw(st.sampled_from(TYPES))
    paths = SCHEMA.paths[managed]
    chosen = draw(st.lists(st.sampled_from(sorted(paths)), unique=True, max_size=8))
    found: dict[str, Value] = {}
    for path in chosen:
        field = paths[path].field
        found[path] = draw(st.lists(values(field), max_size=3)) if field.is_list else draw(values(field))
    return managed, found


def kept(value: Value) -> Value:
    """What was sent without the devices that are not even read."""
    if not isinstance(value, list):
        return value
    return [item for item in value if not (isinstance(item, dict) and item.get("_type") in SCHEMA.ignored)]


def normal(value: Value, field: Field) -> Value:
    """What was sent, as a reader must give it: moments in UTC with a Z, structures by their own fields."""
    if isinstance(value, list):
        return [normal(item, field) for item in value]
    if isinstance(value, dict):
        fields = SCHEMA.fields_of(str(value.get("_type", field.type_name)), field)
        return {name: item if name == "_type" else normal(item, fields[name]) for name, item in value.items()}
    return moment_text(str(value)) if field.type_name == "d" else value


@given(objects(), st.sampled_from(["xsi", "XMLSchema-instance", "_XMLSchema-instance"]))
@settings(max_examples=300)
def test_both_readers_give_back_what_was_sent(sent: tuple[str, dict[str, Value]], prefix: str) -> None:
    managed, properties = sent
    xml = answer(managed, "thing-1", properties, prefix)
    fast, strict = read_object(xml, managed, SCHEMA), strict_object(xml, managed, SCHEMA)
    assert fast == strict
    paths = SCHEMA.paths[managed]
    assert fast.properties == {path: normal(kept(value), paths[path].field) for path, value in properties.items()}
    assert fast.ref == "thing-1"


@given(st.binary(max_size=300), st.integers(1, 7))
def test_cutting_a_stream_loses_nothing(data: bytes, size: int) -> None:
    stream = data + b"<objects>1</objects>" + data
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    pieces = list(cut(chunks))
    assert b"".join(pieces) == stream
    assert all(piece.endswith(b"</objects>") for piece in pieces[:-1])


@given(st.text(max_size=200))
def test_no_text_makes_the_fast_reader_fail_otherwise_than_by_asking_the_strict_one(text: str) -> None:
    with contextlib.suppress(_Unusual, ValueError, IndexError):
        _read(f'<obj type="VirtualMachine">vm-1</obj>{text}</objects>', "VirtualMachine", SCHEMA)


def device(body: str) -> str:
    return (
        '<obj type="VirtualMachine">vm-1</obj><propSet><name>config.hardware.device</name>'
        f'<val xsi:type="ArrayOfVirtualDevice">{body}</val></propSet></objects>'
    )


def test_the_file_of_a_disk_is_not_the_file_of_its_parent() -> None:
    xml = device(
        '<VirtualDevice xsi:type="VirtualDisk"><key>2000</key><backing xsi:type="VirtualDiskFlatVer2BackingInfo">'
        "<fileName>[a] vm-000001.vmdk</fileName><parent><fileName>[a] vm.vmdk</fileName></parent></backing>"
        "<capacityInKB>1024</capacityInKB></VirtualDevice>"
    )
    disk = read_object(xml, "VirtualMachine", SCHEMA).properties["config.hardware.device"]
    assert disk == [
        {
            "_type": "VirtualDisk",
            "key": 2000,
            "backing": {
                "_type": "VirtualDiskFlatVer2BackingInfo",
                "fileName": "[a] vm-000001.vmdk",
                "parent": {"fileName": "[a] vm.vmdk"},
            },
            "capacityInKB": 1024,
        }
    ]


def test_the_device_numbers_inside_a_controller_are_not_devices() -> None:
    xml = device(
        '<VirtualDevice xsi:type="ParaVirtualSCSIController"><key>1000</key><busNumber>0</busNumber>'
        "<device>2000</device><device>2001</device></VirtualDevice>"
    )
    found = read_object(xml, "VirtualMachine", SCHEMA).properties["config.hardware.device"]
    assert found == [{"_type": "ParaVirtualSCSIController", "key": 1000, "busNumber": 0}]


@pytest.mark.parametrize(
    "unusual",
    [
        pytest.param("<![CDATA[a < b]]>", id="CDATA"),
        pytest.param("a &lt; <!-- note -->b", id="a comment"),
        pytest.param("a &lt;\r b", id="a raw carriage return"),
    ],
)
def test_what_is_unusual_goes_to_the_strict_reader_and_comes_back_right(unusual: str) -> None:
    value = f"<propSet><name>config.annotation</name><val>{unusual}</val></propSet>"
    xml = f'<obj type="VirtualMachine">vm-1</obj>{value}</objects>'
    with pytest.raises(_Unusual):
        _read(xml, "VirtualMachine", SCHEMA)
    assert "a <" in str(read_object(xml, "VirtualMachine", SCHEMA).properties["config.annotation"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('<val xsi:type="xsd:string"/>', {"name": ""}, id="self-closing"),
        pytest.param("", {}, id="no value, as on later pages"),
        pytest.param('<val xsi:type="xsd:string">  </val>', {"name": "  "}, id="blanks only"),
        pytest.param('<val xsi:type="xsd:string">&#150;&amp;lt;</val>', {"name": "\x96&lt;"}, id="XML is not HTML"),
    ],
)
def test_odd_values_are_read_as_xml_says(value: str, expected: dict[str, str]) -> None:
    xml = f'<obj type="VirtualMachine">vm-1</obj><propSet><name>name</name>{value}</propSet></objects>'
    assert read_object(xml, "VirtualMachine", SCHEMA).properties == expected
    assert strict_object(xml, "VirtualMachine", SCHEMA).properties == expected


def test_what_is_missing_is_kept_with_the_reason() -> None:
    xml = (
        '<obj type="VirtualMachine">vm-1</obj><propSet><name>name</name><val>a</val></propSet><missingSet>'
        '<path>config.annotation</path><fault><fault xsi:type="NoPermission"><privilegeId>System.Read</privilegeId>'
        "</fault><localizedMessage/></fault></missingSet></objects>"
    )
    found = read_object(xml, "VirtualMachine", SCHEMA)
    assert found.properties == {"name": "a"}
    assert [(hole.path, hole.fault, hole.privilege) for hole in found.missing] == [
        ("config.annotation", "NoPermission", "System.Read")
    ]
    assert found == strict_object(xml, "VirtualMachine", SCHEMA)


def test_a_subclass_newer_than_the_schema_is_read_by_its_declared_type() -> None:
    xml = device('<VirtualDevice xsi:type="VirtualFutureThing"><key>7</key><novel>x</novel></VirtualDevice>')
    found = read_object(xml, "VirtualMachine", SCHEMA).properties["config.hardware.device"]
    assert found == [{"_type": "VirtualFutureThing", "key": 7}]


def test_a_token_of_zero_is_a_token() -> None:
    assert token_of("<returnval><token>0</token>") == "0"
    assert token_of("<returnval>") is None


def test_certificate_bytes_come_as_a_list_or_as_base64() -> None:
    head = '<obj type="HostSystem">host-1</obj><propSet><name>config.certificate</name>'
    listed = head + '<val xsi:type="ArrayOfByte"><byte>45</byte><byte>-1</byte></val></propSet></objects>'
    packed = head + '<val xsi:type="xsd:base64Binary">LS0=</val></propSet></objects>'
    assert read_object(listed, "HostSystem", SCHEMA).properties["config.certificate"] == [45, -1]
    assert read_object(packed, "HostSystem", SCHEMA).properties["config.certificate"] == "LS0="


def test_entities_and_versions() -> None:
    assert unescaped("&lt;&#65;&#x42;&quot;&unknown;") == '<AB"&unknown;'
    assert version_key("6.7.3") > version_key("6.7") > version_key("6.5")
    assert moment_text("2026-11-01T10:00:00.123456789+03:30") == "2026-11-01T06:30:00.123456Z"


@pytest.mark.parametrize("wrong", ["yesterday", "0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-03:30"])
def test_a_value_that_cannot_be_read_costs_that_value_and_not_the_object(wrong: str) -> None:
    found = read_object(
        answer("VirtualMachine", "vm-1", {"name": "a", "runtime.bootTime": wrong}), "VirtualMachine", SCHEMA
    )
    assert found.properties == {"name": "a"}
    assert [(hole.path, hole.fault) for hole in found.missing] == [("runtime.bootTime", "InvalidValue")]


@pytest.mark.parametrize("wrong", ["NaN", "INF"])
def test_what_is_no_number_is_not_taken_for_one(wrong: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        convert_scalar("f", wrong)


@pytest.mark.parametrize("unsayable", ["&#0;", "&#27;", "&#xD800;", "&#99999999999;", "\x1b", "\x00"])
def test_what_xml_cannot_hold_does_not_stop_the_strict_reader_and_gives_no_half_characters(unsayable: str) -> None:
    xml = f'<obj type="VirtualMachine">vm-1</obj><propSet><name>name</name><val>a{unsayable}b</val></propSet></objects>'
    assert strict_object(xml, "VirtualMachine", SCHEMA).properties == {"name": "a\ufffdb"}
    fast = read_object(xml, "VirtualMachine", SCHEMA).properties["name"]
    assert isinstance(fast, str)
    fast.encode()


def test_an_answer_that_is_nested_without_end_is_refused_as_no_xml() -> None:
    with pytest.raises(ExpatError, match="nested deeper"):
        parse("<a>" * 5000 + "</a>" * 5000)


@pytest.mark.parametrize("text", ["not base64!", "QUJ", "QUJD"])
def test_a_certificate_that_is_none_is_no_certificate(text: str) -> None:
    assert certificate_fields(text) == {}
