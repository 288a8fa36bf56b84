"""Domain controllers: the rootDSE, read by an anonymous search without any bind. Source: RFC 4511 4.5, RFC 4512 5.1.

What the answer means is [MS-ADTS] 3.1.1.3.2: a domain controller announces the capability 1.2.840.113556.1.4.800.
"""

from collections.abc import Iterator, Mapping, Sequence

from itops.sources.probes.ber import (
    BOOLEAN,
    ENUMERATED,
    INTEGER,
    OCTETS,
    SEQUENCE,
    SET,
    Element,
    element_at,
    elements,
    encode,
)
from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport
from itops.text import plain

SEARCH_REQUEST, SEARCH_ENTRY, SEARCH_DONE = 0x63, 0x64, 0x65
_PRESENT = 0x87
_ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"
_READ_ONLY_DC = b"1.2.840.113556.1.4.1920"
_ATTRIBUTES = (
    b"defaultNamingContext",
    b"dnsHostName",
    b"isGlobalCatalogReady",
    b"namingContexts",
    b"supportedCapabilities",
    b"vendorName",
)
_LONGEST_REPLY = 64 * 1024
_TIME_LIMIT_SECONDS = 2
_LONGEST_VALUE = 120

Attributes = Mapping[str, tuple[bytes, ...]]


def search(search_filter: bytes, attributes: Sequence[bytes]) -> bytes:
    """A search of the rootDSE: base object "", scope base, one entry at most, a time limit of two seconds."""
    return encode(
        SEQUENCE,
        encode(INTEGER, b"\x01"),
        encode(
            SEARCH_REQUEST,
            encode(OCTETS),
            encode(ENUMERATED, b"\x00"),
            encode(ENUMERATED, b"\x00"),
            encode(INTEGER, b"\x01"),
            encode(INTEGER, bytes([_TIME_LIMIT_SECONDS])),
            encode(BOOLEAN, b"\x00"),
            search_filter,
            encode(SEQUENCE, *(encode(OCTETS, name) for name in attributes)),
        ),
    )


def request(_address: str) -> bytes:
    """Ask the rootDSE for the attributes that tell a domain controller."""
    return search(encode(_PRESENT, b"objectClass"), _ATTRIBUTES)


def is_complete(reply: bytes) -> bool:
    """Has the end of the search arrived?"""
    try:
        return any(operation.tag == SEARCH_DONE for operation in _operations(reply))
    except NotRecognised:
        return False


def root_attributes(reply: bytes) -> Attributes:
    """The attributes of the one entry, by their names in small letters; NotRecognised when there is none."""
    for operation in _operations(reply):
        if operation.tag == SEARCH_ENTRY:
            return _attributes(operation.content)
        if operation.tag == SEARCH_DONE:
            break
    raise NotRecognised("an LDAP server that shows no rootDSE to strangers")


def parse(reply: bytes) -> Recognised:
    """A domain controller, or another LDAP server without a role."""
    found = root_attributes(reply)
    capabilities = found.get("supportedcapabilities", ())
    context = shown(found.get("defaultnamingcontext") or found.get("namingcontexts") or (b"an unnamed directory",))
    if _ACTIVE_DIRECTORY not in capabilities:
        return Recognised((), f"an LDAP server of {context} that is no Active Directory")
    kind = "read-only domain controller" if _READ_ONLY_DC in capabilities else "domain controller"
    catalogue = " and global catalogue" if found.get("isglobalcatalogready") == (b"TRUE",) else ""
    name = shown(found.get("dnshostname") or (b"a server",))
    return Recognised(("dc",), f"{name} is a {kind}{catalogue} of {context}")


def shown(values: Sequence[bytes]) -> str:
    """The first value as text for people."""
    return plain(values[0].decode("utf-8", "replace"))[:_LONGEST_VALUE] if values else ""


def _operations(reply: bytes) -> Iterator[Element]:
    """The operation of each LDAP message: SEQUENCE {messageID, operation, ...}."""
    for message in elements(reply):
        if message.tag != SEQUENCE:
            raise NotRecognised("the reply is no LDAP message")
        cursor = Cursor(message.content)
        if element_at(cursor).tag != INTEGER:
            raise NotRecognised("the reply is no LDAP message")
        yield element_at(cursor)


def _attributes(entry: bytes) -> Attributes:
    cursor = Cursor(entry)
    element_at(cursor)  # the name of the entry
    found: dict[str, tuple[bytes, ...]] = {}
    for attribute in elements(element_at(cursor).content):
        inside = Cursor(attribute.content)
        name = element_at(inside).content.decode("ascii", "replace").lower()
        values = element_at(inside)
        if values.tag != SET:
            raise NotRecognised("an LDAP attribute without a set of values")
        found[name] = tuple(value.content for value in elements(values.content))
    return found


LDAP = Probe(
    name="ldap",
    roles=("dc",),
    transport=Transport.TCP,
    port=389,
    request=request,
    parse=parse,
    is_complete=is_complete,
    limit_bytes=_LONGEST_REPLY,
)
