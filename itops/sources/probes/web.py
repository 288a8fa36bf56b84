"""One HTTP GET and the head of its answer: WSUS and the vSphere API. Never a POST.

WSUS: CVE-2025-59287 was a flaw in what its web services do with what is posted to them; the file that its clients
fetch to update themselves answers the question just as well. vSphere: the list of API versions is public by design.
"""

import re
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_HEAD_ENDS = b"\r\n\r\n"
_WSUS_PATH = "/selfupdate/iuident.cab"
_VSPHERE_PATH = "/sdk/vimServiceVersions.xml"
_CABINET = b"MSCF"
_VIM = re.compile(rb"<name>\s*urn:vim25\s*</name>\s*<version>\s*([0-9.]{1,20})\s*</version>")
_LONGEST_REPLY = 32 * 1024


class _Answer(NamedTuple):
    status: int
    body: bytes


def get(path: str, address: str) -> bytes:
    """A GET that asks for nothing to be kept: no cookies, no credentials, the connection closed after it."""
    host = f"[{address}]" if ":" in address else address
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: itops\r\nConnection: close\r\n\r\n".encode("ascii")


def is_complete(reply: bytes) -> bool:
    """Has everything arrived that the server promised? Without a promise it closes the connection."""
    head, separator, body = reply.partition(_HEAD_ENDS)
    length = _LENGTH.search(head + b"\r\n")
    return bool(separator and length and len(body) >= int(length[1]))


def parse_wsus(reply: bytes) -> Recognised:
    """A cabinet file where the clients of WSUS fetch theirs; a page that says "not found" with status 200 is none."""
    answer = _answer(reply)
    if answer.status != 200 or not answer.body.startswith(_CABINET):
        raise NotRecognised(f"a web server without the files of WSUS (status {answer.status})")
    return Recognised(("wsus",), "it serves the self-update cabinet of WSUS")


def parse_vsphere(reply: bytes) -> Recognised:
    """The vSphere API and its version. Both vCenter and ESXi answer so; a VM that does is nearly always vCenter."""
    answer = _answer(reply)
    found = _VIM.search(answer.body)
    if answer.status != 200 or not found:
        raise NotRecognised(f"a web server without the vSphere API (status {answer.status})")
    return Recognised(("vcsa",), f"it serves the vSphere API, version {found[1].decode('ascii')}")


def _answer(reply: bytes) -> _Answer:
    status = _STATUS.match(reply)
    head, separator, body = reply.partition(_HEAD_ENDS)
    if not status or not separator:
        raise NotRecognised("the reply is none of a web server")
    if _CHUNKED.search(head + b"\r\n"):
        body = body.partition(b"\r\n")[2]  # the size of the first chunk; what we look for begins right after it
    return _Answer(int(status[1]), body)


_WEB = partial(Probe, is_complete=is_complete, limit_bytes=_LONGEST_REPLY)
WSUS = _WEB(
    name="wsus",
    roles=("wsus",),
    transport=Transport.TCP,
    port=8530,
    request=partial(get, _WSUS_PATH),
    parse=parse_wsus,
)
WSUS_TLS = replace(WSUS, name="wsus-tls", transport=Transport.TLS, port=8531)
VSPHERE = _WEB(
    name="vsphere",
    roles=("vcsa",),
    transport=Transport.TLS,
    port=443,
    request=partial(get, _VSPHERE_PATH),
    parse=parse_vsphere,
)
