"""The port of a named instance, from SQL Server Browser. Source: [MC-SQLR] 2.2.3 (CLNT_UCAST_INST) and 2.2.5."""

import socket

from itops.errors import SourceUnavailable

_ASK_ONE, _REPLY = 0x04, 0x05
_LONGEST_NAME = 32
_LONGEST_REPLY = 65_507


def port_of(host: str, instance: str, *, seconds: float, browser_port: int = 1434) -> int:
    """The TCP port of the instance. Raises SourceUnavailable when nobody tells it."""
    question = bytes([_ASK_ONE]) + instance[:_LONGEST_NAME].encode("utf-8", "replace") + b"\0"
    remedy = "start the service SQL Server Browser and open UDP 1434, or give the instance's own port: as `port:`"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(seconds)
            asking.connect((host, browser_port))
            asking.send(question)
            reply = asking.recv(_LONGEST_REPLY)
    except (OSError, UnicodeError) as failure:
        raise SourceUnavailable(
            f"SQL Server Browser of {host} does not tell the port of {instance}: {failure}", remedy=remedy
        ) from failure
    port = parse(reply, instance)
    if port is None:
        raise SourceUnavailable(f"{host} names no TCP port for the instance {instance}", remedy=remedy)
    return port


def parse(reply: bytes, instance: str) -> int | None:
    """The `tcp` of the instance in a reply of any content; None when it is not there."""
    if len(reply) < 3 or reply[0] != _REPLY:
        return None
    for part in reply[3:].decode("utf-8", "replace").split(";;"):
        pieces = part.split(";")
        fields = {key.lower(): value for key, value in zip(pieces[::2], pieces[1::2], strict=False)}
        told = fields.get("tcp", "")
        if fields.get("instancename", "").casefold() == instance.casefold() and told.isascii() and told.isdigit():
            return int(told[:6]) if 0 < int(told[:6]) < 65_536 else None
    return None
