"""The PDC: a domain controller states its flags in answer to an LDAP ping, which needs no credentials.

Source: [MS-ADTS] 6.3.3 (the search), 6.3.1.9 (the answer), 6.3.1.2 (the flags). Without DnsDomain in the filter the
server speaks of its own default domain, which is just what we want to know.
"""

from itops.sources.probes.ber import OCTETS, encode
from itops.sources.probes.cursor import Cursor
from itops.sources.probes.ldap import is_complete, root_attributes, search
from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport
from itops.text import plain

_AND, _EQUALITY = 0xA0, 0xA3
_NETLOGON = b"netlogon"
_NT_VERSION_5_AND_5EX = (0x06).to_bytes(4, "little")
_ANSWERS = frozenset({23, 24, 25})  # SAM_LOGON_RESPONSE_EX, ..._PAUSE_..., USER_UNKNOWN_EX: all carry the flags
_PDC, _DS, _WRITABLE = 0x1, 0x10, 0x100
_GUID_BYTES = 16
_POINTER = 0xC0
_MOST_LABELS = 64
_LONGEST_REPLY = 8192


def request(_address: str) -> bytes:
    """(NtVer=6) for the rootDSE's netlogon attribute."""
    version = encode(_EQUALITY, encode(OCTETS, b"NtVer"), encode(OCTETS, _NT_VERSION_5_AND_5EX))
    return search(encode(_AND, version), (_NETLOGON,))


def parse(reply: bytes) -> Recognised:
    """A domain controller, and the PDC emulator when it says so."""
    values = root_attributes(reply).get("netlogon", ())
    cursor = Cursor(values[0] if values else b"")
    if cursor.little(2) not in _ANSWERS:
        raise NotRecognised("an LDAP server without an answer to the ping")
    cursor.take(2)
    flags = cursor.little(4)
    cursor.take(_GUID_BYTES)
    _forest, domain, host = (_name(cursor) for _ in range(3))
    if not flags & _DS:
        raise NotRecognised("the answer is none of a domain controller")
    roles = ("dc", "pdc") if flags & _PDC else ("dc",)
    kind = (
        "the PDC" if flags & _PDC else "a domain controller" if flags & _WRITABLE else "a read-only domain controller"
    )
    return Recognised(roles, f"{host or 'it'} says that it is {kind} of {domain or 'its domain'}")


def _name(cursor: Cursor) -> str:
    """A DNS name, its labels counted and perhaps a pointer to earlier ones (RFC 1035 4.1.4). Pointers may only lead
    backwards and labels are counted, so no reply can send us in circles."""
    labels: list[str] = []
    reading = cursor
    for _ in range(_MOST_LABELS):
        length = reading.big(1)
        if length == 0:
            return ".".join(labels)
        if length & _POINTER == _POINTER:
            target = (length & ~_POINTER) << 8 | reading.big(1)
            if target >= reading.at - 2:
                raise NotRecognised("a name that points forward")
            reading = Cursor(reading.data, target)
        else:
            labels.append(plain(reading.take(length).decode("utf-8", "replace")))
    raise NotRecognised("a name without an end")


LDAP_PING = Probe(
    name="ldap-ping",
    roles=("dc", "pdc"),
    transport=Transport.UDP,
    port=389,
    request=request,
    parse=parse,
    is_complete=is_complete,
    limit_bytes=_LONGEST_REPLY,
)
