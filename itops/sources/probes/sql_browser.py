"""SQL Server Browser: which instances a machine has. Source: [MC-SQLR] 2.2.3 (CLNT_UCAST_EX) and 2.2.5 (SVR_RESP)."""

from itops.sources.probes.cursor import Cursor
from itops.sources.probes.probe import NotRecognised, Probe, Recognised, Transport
from itops.sources.probes.tds import release_name
from itops.text import plain

_ASK_ALL, _REPLY = 0x03, 0x05
_LONGEST_REPLY = 65_507
_MOST_INSTANCES = 50
_LONGEST_VALUE = 64


def request(_address: str) -> bytes:
    """One byte: list your instances."""
    return bytes([_ASK_ALL])


def parse(reply: bytes) -> Recognised:
    """The instances by name, with their base release and TCP port."""
    cursor = Cursor(reply)
    if cursor.little(1) != _REPLY:
        raise NotRecognised("the reply is none of SQL Server Browser")
    cursor.take(2)  # the size it claims; a datagram ends where it ends
    found = [_fields(part) for part in reply[3:].decode("utf-8", "replace").split(";;")[:_MOST_INSTANCES]]
    instances = [_shown(fields) for fields in found if "InstanceName" in fields]
    if not instances:
        raise NotRecognised("a SQL Server Browser without instances")
    return Recognised(("sql",), f"SQL Server Browser lists {', '.join(instances)}")


def _fields(part: str) -> dict[str, str]:
    """`key;value;key;value` as a table."""
    pieces = [plain(piece)[:_LONGEST_VALUE] for piece in part.split(";")]
    return dict(zip(pieces[::2], pieces[1::2], strict=False))


def _shown(fields: dict[str, str]) -> str:
    version = fields.get("Version", "")
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    is_number = (major + minor).isascii() and major.isdigit() and minor.isdigit()
    release = f" ({release_name(int(major), int(minor))})" if is_number else ""
    port = f" on port {fields['tcp']}" if fields.get("tcp") else ""
    return f"{fields['InstanceName']}{release}{port}"


SQL_BROWSER = Probe(
    name="sql-browser",
    roles=("sql",),
    transport=Transport.UDP,
    port=1434,
    request=request,
    parse=parse,
    is_complete=bool,
    limit_bytes=_LONGEST_REPLY,
)
