"""The ways in which a meeting fails; each carries the code of its gap."""

import struct
from typing import ClassVar

from itops.errors import SourceUnavailable

# What paramiko's thread stumbles over in packets that no SSH server sends; it is raised again in ours.
_STUMBLES = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error)


class SshSilent(SourceUnavailable):
    """Nothing listens there."""

    code: ClassVar[str] = "device.silent"


class SshNameUnknown(SourceUnavailable):
    """DNS does not know the name."""

    code: ClassVar[str] = "dns.unknown"


class SshUnreadable(SourceUnavailable):
    """Something listens and does not speak SSH, or breaks off."""

    code: ClassVar[str] = "device.unreadable"


class SshTooOld(SourceUnavailable):
    """It speaks only algorithms that have to be allowed for it."""

    code: ClassVar[str] = "device.legacy-ssh"


class SshHostKey(SourceUnavailable):
    """It shows a host key that nothing vouches for. Nothing secret was sent."""

    code: ClassVar[str] = "device.host-key"


class SshRefused(SourceUnavailable):
    """It does not let the account in."""

    code: ClassVar[str] = "device.refused"


def failures() -> tuple[type[Exception], ...]:
    """All that paramiko raises where a server misbehaves."""
    import paramiko  # noqa: PLC0415  110 ms that only SSH needs

    return (OSError, EOFError, paramiko.SSHException, *_STUMBLES)


def reason(failure: Exception) -> str:
    """What a failure says, on one line and short: part of it came from the other side."""
    if isinstance(failure, TimeoutError):
        return "no answer in time"
    text = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
    return "".join(letter for letter in text[:200] if letter.isprintable()) or type(failure).__name__
