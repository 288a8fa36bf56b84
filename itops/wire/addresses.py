"""What settings say about lines to others: read before anything is dialled, so without the libraries that dial."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from itops.errors import ConfigInvalid
from itops.secrets import Secret

Security = Literal["starttls", "tls"]
"""Of a line to a mail server. `tls`: encrypted from the first byte, as on port 465."""
_PATH = re.compile(r"[A-Za-z0-9/._~!$&'()*+,;=:@%-]*")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An https address, taken apart. `path` has no `/` at its end."""

    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """As people write it."""
        return f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """What stands before the path."""
        return f"https://[{self.host}]:{self.port}" if ":" in self.host else f"https://{self.place}"


def address_of(url: str) -> Address:
    """Take `url` apart. Raises ValueError saying what it may not hold."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("should be https://HOST/PATH: what is sent there is confidential")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user or a password: give them under their own keys")
    if parts.query or parts.fragment or not _PATH.fullmatch(parts.path):
        raise ValueError("may hold a host, a port and a path of ASCII letters alone")
    return Address(host=parts.hostname, port=parts.port or 443, path=parts.path.rstrip("/"))


def header_safe(secret: Secret, key: str) -> str:
    """The secret, which is to stand in a header. Raises ConfigInvalid; http.client would show it in its own error."""
    value = secret.reveal()
    if not _TOKEN.fullmatch(value):
        raise ConfigInvalid(
            f"{key} has characters that no header can carry",
            remedy=f"give {key} as visible ASCII letters, without spaces",
        )
    return value


def is_mailbox(text: str) -> bool:
    """NAME@DOMAIN, in ASCII."""
    return _MAILBOX.fullmatch(text) is not None
