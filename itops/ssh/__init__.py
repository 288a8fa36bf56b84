"""SSH to devices and servers: the host key is judged before anything secret is sent; what comes is bounded; old
algorithms only where they are allowed, and known afterwards.

The order of every meeting: TCP, algorithms, host key, login. Each way to fail has an error of its own, whose `code` is
that of the gap it becomes. For collectors and repositories alike.
"""

from itops.ssh.connection import Connection, Said
from itops.ssh.host_keys import HostKeys, fingerprint, fingerprint_in, key_type, merged, pinned
from itops.ssh.keys import load_key
from itops.ssh.meeting import connected
from itops.ssh.refusals import SshHostKey, SshNameUnknown, SshRefused, SshSilent, SshTooOld, SshUnreadable
from itops.ssh.server import Account, Advice, Server

__all__ = [
    "Account",
    "Advice",
    "Connection",
    "HostKeys",
    "Said",
    "Server",
    "SshHostKey",
    "SshNameUnknown",
    "SshRefused",
    "SshSilent",
    "SshTooOld",
    "SshUnreadable",
    "connected",
    "fingerprint",
    "fingerprint_in",
    "key_type",
    "load_key",
    "merged",
    "pinned",
]
