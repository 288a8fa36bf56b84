"""Replies as services give them. Those of LDAP, LDAP ping and DCE/RPC were recorded from a Samba 4.17 domain
controller of a made-up domain (example.ir, loopback); the others are built from the protocol's own description.
"""

from itops.sources.probes.ber import INTEGER, OCTETS, SEQUENCE, SET, encode
from itops.sources.probes.ldap import SEARCH_DONE, SEARCH_ENTRY

ROOT_DSE = bytes.fromhex(
    "308201bc020101648201b50400308201af302a041464656661756c744e616d696e67436f6e746578743112041044433d6578616d706c652c"
    "44433d69723081950415737570706f727465644361706162696c6974696573317c0416312e322e3834302e3131333535362e312e342e3830"
    "300417312e322e3834302e3131333535362e312e342e313637300417312e322e3834302e3131333535362e312e342e313739310417312e32"
    "2e3834302e3131333535362e312e342e313933350417312e322e3834302e3131333535362e312e342e323038303032040a76656e646f724e"
    "616d653124042253616d6261205465616d202868747470733a2f2f7777772e73616d62612e6f726729301f040b646e73486f73744e616d65"
    "3110040e6463312e6578616d706c652e69723074040e6e616d696e67436f6e74657874733162041044433d6578616d706c652c44433d6972"
    "0421434e3d436f6e66696775726174696f6e2c44433d6578616d706c652c44433d6972042b434e3d536368656d612c434e3d436f6e666967"
    "75726174696f6e2c44433d6578616d706c652c44433d6972301e04146973476c6f62616c436174616c6f6752656164793106040454525545"
    "300c02010165070a010004000400"
)
PING = bytes.fromhex(
    "307602010164710400306d306b04086e65746c6f676f6e315f045d170000009d1100009483e689855f4948beea899ce057cb5e076578616d"
    "706c6502697200c01803646331c01806414c424f525a000344433100001744656661756c742d46697273742d536974652d4e616d6500c03a"
    "05000000ffffffff300c02010165070a010004000400"
)
BIND_REFUSED = bytes.fromhex(
    "05000c03100000003c00000001000000d016d0169e6c00000400313335000000010000000200010000000000000000000000000000000000"
    "00000000"
)
BIND_ACCEPTED = bytes.fromhex(
    "05000c03100000003c00000001000000d016d0168d4a000004003133350000000100000000000000045d888aeb1cc9119fe808002b104860"
    "02000000"
)


def entry(**attributes: tuple[bytes, ...]) -> bytes:
    """An LDAP answer of one entry and the end of the search."""
    listed = [
        encode(SEQUENCE, encode(OCTETS, name.encode()), encode(SET, *(encode(OCTETS, value) for value in values)))
        for name, values in attributes.items()
    ]
    number = encode(INTEGER, b"\x01")
    found = encode(SEQUENCE, number, encode(SEARCH_ENTRY, encode(OCTETS), encode(SEQUENCE, *listed)))
    return found + encode(SEQUENCE, number, encode(SEARCH_DONE, b"\x0a\x01\x00\x04\x00\x04\x00"))


def prelogin(major: int, minor: int, build: int) -> bytes:
    """A SQL Server's answer to PRELOGIN, [MS-TDS] 4.2: version, encryption, terminator, values."""
    body = bytes([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, major, minor]) + build.to_bytes(2, "big") + bytes([0, 0, 2])
    return bytes([4, 1]) + (8 + len(body)).to_bytes(2, "big") + bytes(4) + body


def browser(*instances: tuple[str, str, str]) -> bytes:
    """SQL Server Browser's list of (instance, version, port)."""
    listed = "".join(
        f"ServerName;SQL01;InstanceName;{name};IsClustered;No;Version;{version};tcp;{port};;"
        for name, version, port in instances
    ).encode()
    return b"\x05" + len(listed).to_bytes(2, "little") + listed


def page(status: int, body: bytes, *headers: str) -> bytes:
    """An HTTP answer."""
    head = "\r\n".join([f"HTTP/1.1 {status} Whatever", "Server: Microsoft-IIS/10.0", *headers])
    return head.encode() + b"\r\n\r\n" + body


VERSIONS = (
    b'<?xml version="1.0" encoding="UTF-8" ?>\n<namespaces version="1.0">\n <namespace>\n  <name>urn:vim25</name>\n'
    b"  <version>8.0.2.0</version>\n </namespace>\n</namespaces>\n"
)
CABINET = b"MSCF\x00\x00\x00\x00" + bytes(64)
