"""Cutting and sewing of SOAP answers as text, for the strict proxy. It knows the simulator's output, nothing else."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from xml.sax.saxutils import escape

from pyVmomi import VmomiSupport

_OBJECTS = re.compile(rb"<objects>.*?</objects>", re.DOTALL)
_OBJECT = re.compile(rb'<obj type="([^"]+)">([^<]*)</obj>')
_PROPERTY = re.compile(rb"<propSet><name>([^<]+)</name>.*?</propSet>", re.DOTALL)
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    f'xmlns:xsd="http://www.w3.org/2001/XMLSchema" {_XSI}><soapenv:Body>%s</soapenv:Body></soapenv:Envelope>'
)


def method_of(request: bytes) -> str:
    """The API method a request calls."""
    found = re.search(rb"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)", request)
    return found.group(1).decode() if found else ""


def asked(request: bytes) -> dict[str, list[str]]:
    """The property paths a RetrievePropertiesEx names, for each type."""
    paths: dict[str, list[str]] = {}
    for prop_set in re.findall(rb"<propSet>.*?</propSet>", request, re.DOTALL):
        managed = re.search(rb"<type>([^<]+)</type>", prop_set)
        if managed:
            names = [path.decode() for path in re.findall(rb"<pathSet>([^<]+)</pathSet>", prop_set)]
            paths.setdefault(managed.group(1).decode().rpartition(":")[2], []).extend(names)
    return paths


def named_objects(request: bytes) -> list[str]:
    """The morefs of a RetrievePropertiesEx's object list."""
    return [ref.decode() for ref in re.findall(rb"<obj [^>]*>([^<]+)</obj>", request)]


def number(request: bytes, element: str) -> int | None:
    found = re.search(rf"<{element}>(-?\d+)</{element}>".encode(), request)
    return int(found.group(1)) if found else None


def text(request: bytes, element: str) -> str:
    found = re.search(rf"<(?:\w+:)?{element}[^>]*>([^<]*)<".encode(), request)
    return found.group(1).decode() if found else ""


def objects(answer: bytes) -> list[bytes]:
    """The objects of a retrieve answer, each whole."""
    return _OBJECTS.findall(answer)


def identity(piece: bytes) -> tuple[str, str]:
    """(managed type, moref) of one object."""
    found = _OBJECT.search(piece)
    assert found is not None, piece[:200]
    return found.group(1).decode(), found.group(2).decode()


def with_objects(method: str, token: str | None, pieces: Iterable[bytes]) -> bytes:
    """A retrieve answer; the token stands before the objects, as in the schema."""
    token_element = f"<token>{escape(token)}</token>" if token is not None else ""
    body = b"".join(pieces).decode("utf-8", "surrogateescape")
    inside = f"<returnval>{token_element}{body}</returnval>" if token_element or body else ""
    answer = f'<{method}Response xmlns="urn:vim25">{inside}</{method}Response>'
    return (_ENVELOPE % answer).encode("utf-8", "surrogateescape")


def fault(type_name: str, inside: str = "", message: str = "") -> bytes:
    """A SOAP fault with its type in the detail, where alone it can be trusted."""
    detail = f'<{type_name}Fault xmlns="urn:vim25" xsi:type="{type_name}">{inside}</{type_name}Fault>'
    body = (
        f"<soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>{escape(message)}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )
    return (_ENVELOPE % body).encode()


def withhold(piece: bytes, fault_type: str, is_withheld: Callable[[str], bool]) -> bytes:
    """Move properties from what was given to what is missing, with this fault (NoPermission, NotAuthenticated)."""
    managed, ref = identity(piece)
    hidden: list[str] = []

    def take(found: re.Match[bytes]) -> bytes:
        path = found.group(1).decode()
        if not is_withheld(path):
            return found.group(0)
        hidden.append(path)
        return b""

    kept = _PROPERTY.sub(take, piece)
    missing = "".join(
        f'<missingSet><path>{path}</path><fault><fault {_XSI} xsi:type="{fault_type}">'
        f'<object type="{managed}">{ref}</object><privilegeId>System.Read</privilegeId></fault>'
        "<localizedMessage></localizedMessage></fault></missingSet>"
        for path in hidden
    )
    return kept.replace(b"</objects>", missing.encode() + b"</objects>")


def name_unset(piece: bytes, paths: Iterable[str]) -> bytes:
    """Name every unset property without a `<val>`, as newer servers do on continued pages."""
    present = {found.decode() for found in _PROPERTY.findall(piece)}
    bare = "".join(f"<propSet><name>{path}</name></propSet>" for path in paths if path not in present)
    first = piece.find(b"<missingSet>")
    end = first if first >= 0 else piece.rfind(b"</objects>")
    return piece[:end] + bare.encode() + piece[end:]


def compact(answer: bytes) -> bytes:
    """Types written `xsi:type="..."` as a vCenter does, not with a namespace declared on every value."""
    answer = re.sub(rb' xmlns:_?XMLSchema-instance="[^"]*"', b"", answer)
    return re.sub(rb" _?XMLSchema-instance:type=", b" xsi:type=", answer)


def claim_version(answer: bytes, api_version: str) -> bytes:
    """Make content.about say that the server is older."""

    def older(about: re.Match[bytes]) -> bytes:
        claimed = re.sub(rb"<apiVersion>[^<]*<", b"<apiVersion>%s<" % api_version.encode(), about.group(0))
        return re.sub(rb"<version>[^<]*<", b"<version>%s<" % api_version.encode(), claimed)

    return re.sub(rb"<about>.*?</about>", older, answer, flags=re.DOTALL)


@cache
def is_known(managed: str, path: str, api_version: str) -> bool:
    """Whether a server of this API version has the property, by pyVmomi's own type metadata.

    Below a list nothing is known: a path into one is refused like a wrong one, a keyed one (`list["key"]`) is not.
    """
    version = VmomiSupport.versionMap[f"vim25/{api_version}"]
    kind = VmomiSupport.GetWsdlType(VmomiSupport.XMLNS_VMODL_BASE, managed) or VmomiSupport.GetWsdlType(
        "urn:vim25", managed
    )
    for step in path.split("."):
        if issubclass(kind, list):
            return False
        try:
            info = kind._GetPropertyInfo(step.partition("[")[0])
        except AttributeError:
            return False
        if not VmomiSupport.IsChildVersion(version, info.version):
            return False
        kind = info.type
    return True
