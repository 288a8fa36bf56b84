"""The target `smb`: a folder of a Windows or Samba share. A cut upload goes on where it ended.

SMB 3 with encryption or nothing. The server proves no identity of its own as TLS and SSH do: it proves that it knows
the account (NTLM) or is known to the domain (Kerberos). Measured with Samba 4.17: a rename onto a name that is taken is
refused unless asked otherwise.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, ClassVar, Literal

from itops.delivery.drop import DropWay
from itops.delivery.sealing import WaySettings
from itops.errors import SourceUnavailable
from itops.secrets import Secret
from itops.wire.limits import seconds_for, within

if TYPE_CHECKING:
    from itops.delivery.smb_share import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class SmbSettings(WaySettings):
    """A folder of a share, and an account that may write there."""

    host: str
    share: str
    username: str
    """`DOMAIN\\USER`, `USER@DOMAIN`, or an account of the server itself."""
    password: Secret
    path: str = ""
    """The folder in the share; empty for the share itself."""
    port: int = field(default=445, metadata={"range": (1, 65535)})
    auth: Literal["negotiate", "ntlm", "kerberos"] = "negotiate"
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 3_600)})  # for one answer

    def __post_init__(self) -> None:
        if any(mark in self.share for mark in "\\/"):
            raise ValueError("share is the name of a share alone; folders below it go into path")
        if ".." in self.path.replace("\\", "/").split("/"):
            raise ValueError("path may not hold `..`")


class SmbTarget(DropWay[SmbSettings]):
    """A drop in a share."""

    Settings: ClassVar[type] = SmbSettings

    def _opened(self, size_bytes: int) -> "AbstractContextManager[_SmbDrop]":
        return _opened(self._settings, size_bytes)


@contextmanager
def _opened(settings: SmbSettings, size_bytes: int) -> Iterator["_SmbDrop"]:
    if find_spec("smbprotocol") is None:
        raise SourceUnavailable("smbprotocol is not installed", remedy="pip install 'itops[smb]'")
    from itops.delivery.smb_share import Share  # noqa: PLC0415  120 ms, and may not be installed

    share = Share(settings.host, settings.port, settings.share, settings.timeout_seconds)
    try:
        with within(seconds_for(size_bytes), share.place, share.break_off):
            share.connect(settings.username, settings.password.reveal(), settings.auth)
            yield _SmbDrop(share, settings.path)
    finally:
        share.close()


class _SmbDrop:
    can_resume = True

    def __init__(self, share: "Share", folder: str) -> None:
        self.place = share.place
        self._share = share
        self._folder = [step for step in folder.replace("\\", "/").split("/") if step]

    def _path(self, name: str) -> str:
        return "\\".join([*self._folder, *name.split("/")])

    def size(self, name: str) -> int | None:
        """See `Drop`."""
        return self._share.size(self._path(name))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """See `Drop`."""
        return self._share.read(self._path(name), offset, length)

    def write(self, name: str, offset: int, length: int, blocks: Iterator[bytes]) -> None:
        """See `Drop`."""
        self._share.write(self._path(name), offset, blocks)

    def rename(self, old: str, new: str) -> bool:
        """See `Drop`."""
        return self._share.rename(self._path(old), self._path(new))

    def replace(self, old: str, new: str) -> None:
        """See `Drop`."""
        self._share.rename(self._path(old), self._path(new), is_replacing=True)
