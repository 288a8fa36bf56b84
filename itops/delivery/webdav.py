"""The target `webdav`: a folder of a web server. Nothing can be resumed there, so bundles have to be short.

Measured with nginx 1.22 and its dav-ext module: PUT with Content-Range is answered 501, MOVE onto a name that is taken
412 where `Overwrite: F` forbids it, PUT onto a full disk or into a missing folder 500.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import ClassVar

from itops.bundles.targets import BundleOnDisk, Progress, Put
from itops.delivery.drop import DropWay
from itops.delivery.sealing import WaySettings
from itops.errors import DeliveryRefused, SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import address_of
from itops.wire.limits import seconds_for, within
from itops.wire.web import Reply, Web

MOST_BYTES = 50_000_000
"""Of a bundle. What takes longer than the line holds would be begun anew for ever."""
_NUMBER = re.compile(r"[0-9]{1,18}")
_DONE = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebdavSettings(WaySettings):
    """A folder of a web server, and an account that may write there."""

    url: str
    """`https://HOST/PATH` of the folder."""
    username: str
    password: Secret
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 3_600)})  # for one answer

    def __post_init__(self) -> None:
        try:
            address_of(self.url)
        except ValueError as wrong:
            raise ValueError(f"url {wrong}") from None
        if ":" in self.username:
            raise ValueError("username may not hold a colon: HTTP ends the name there")


class WebdavTarget(DropWay[WebdavSettings]):
    """A drop behind WebDAV."""

    Settings: ClassVar[type] = WebdavSettings

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See `Target`. Raises DeliveryRefused for a bundle of more than MOST_BYTES."""
        if bundle.size_bytes > MOST_BYTES:
            raise DeliveryRefused(
                f"the bundle has {bundle.size_bytes:,} bytes; over WebDAV at most {MOST_BYTES:,} are sent, "
                "as a cut upload begins anew",
                remedy="send it another way: https, sftp or smb go on where they were cut; or a folder on a stick",
            )
        return super()._carry(bundle, progress)

    def _opened(self, size_bytes: int) -> "AbstractContextManager[_WebdavDrop]":
        return _opened(self._settings, size_bytes)


@contextmanager
def _opened(settings: WebdavSettings, size_bytes: int) -> Iterator["_WebdavDrop"]:
    address = address_of(settings.url)
    login = base64.b64encode(f"{settings.username}:{settings.password.reveal()}".encode()).decode()
    web = Web(address, settings.tls, settings.timeout_seconds, {"Authorization": f"Basic {login}"})
    try:
        with within(seconds_for(size_bytes), address.place, web.break_off):
            yield _WebdavDrop(web)
    finally:
        web.close()


class _WebdavDrop:
    can_resume = False

    def __init__(self, web: Web) -> None:
        self.place = web.address.place
        self._web = web

    def size(self, name: str) -> int | None:
        """See `Drop`."""
        reply = self._web.ask("HEAD", f"/{name}")
        if reply.status == HTTPStatus.NOT_FOUND:
            return None
        told = reply.headers.get("Content-Length", "")
        if reply.status != HTTPStatus.OK:
            raise _refused(reply, self.place, f"a look at {name}")
        if not _NUMBER.fullmatch(told):
            raise SourceUnavailable(
                f"{self.place} does not tell the size of {name}", remedy="check that `url` is a plain WebDAV folder"
            )
        return int(told)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """See `Drop`. A server that knows no ranges sends the file from its beginning."""
        asked = {"Range": f"bytes={offset}-{offset + length - 1}"}
        reply = self._web.ask("GET", f"/{name}", asked, most_bytes=min(offset, MOST_BYTES) + length)
        if reply.status == HTTPStatus.PARTIAL_CONTENT:
            return reply.body[:length]
        if reply.status == HTTPStatus.OK:
            return reply.body[offset : offset + length]
        raise _refused(reply, self.place, f"reading {name}")

    def write(self, name: str, offset: int, length: int, blocks: Iterator[bytes]) -> None:
        """See `Drop`; `offset` is 0."""
        reply = self._web.ask("PUT", f"/{name}", blocks=blocks, length=length)
        if reply.status == HTTPStatus.INTERNAL_SERVER_ERROR:  # nginx says no more
            folder = self._web.ask("HEAD", "/")
            reply = folder if folder.status == HTTPStatus.NOT_FOUND else reply
        if reply.status not in _DONE:
            raise _refused(reply, self.place, f"writing {name}")

    def rename(self, old: str, new: str) -> bool:
        """See `Drop`."""
        reply = self._move(old, new, "F")
        if reply.status == HTTPStatus.PRECONDITION_FAILED:
            return False
        if reply.status not in _DONE:
            raise _refused(reply, self.place, f"renaming {old}")
        return True

    def replace(self, old: str, new: str) -> None:
        """See `Drop`."""
        reply = self._move(old, new, "T")
        if reply.status not in _DONE:
            raise _refused(reply, self.place, f"renaming {old}")

    def _move(self, old: str, new: str, overwrite: str) -> Reply:
        address = self._web.address
        headers = {"Destination": f"{address.origin}{address.path}/{new}", "Overwrite": overwrite}
        return self._web.ask("MOVE", f"/{old}", headers)


_UNAVAILABLE = {
    HTTPStatus.UNAUTHORIZED: ("it refuses the account", "check username and password"),
    HTTPStatus.FORBIDDEN: ("it does not allow that", "let the account write in that folder"),
    HTTPStatus.NOT_FOUND: ("there is no such folder", "make it on the server, or correct `url`"),
    HTTPStatus.CONFLICT: ("there is no such folder", "make it on the server, or correct `url`"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("it does not know that", "enable WebDAV with PUT and MOVE on that folder"),
    HTTPStatus.NOT_IMPLEMENTED: ("it does not know that", "enable WebDAV with PUT and MOVE on that folder"),
    HTTPStatus.LOCKED: ("somebody holds a lock", "wait for it, or remove the lock on the server"),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("something fails there", "look into its log; a full disk is told like that"),
    HTTPStatus.INSUFFICIENT_STORAGE: ("it has no room, or a quota is used up", "make room on the server's disk"),
}


def _refused(reply: Reply, place: str, what: str) -> SourceUnavailable | DeliveryRefused:
    """What a status means. What the server writes beside it is not shown: it may repeat the login."""
    begun = f"{place} answers {reply.status} for {what}"
    if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return DeliveryRefused(
            f"{begun}: that is longer than it takes", remedy="raise the limit there (nginx: client_max_body_size)"
        )
    if reply.status in _UNAVAILABLE:
        problem, remedy = _UNAVAILABLE[HTTPStatus(reply.status)]
        return SourceUnavailable(f"{begun}: {problem}", remedy=remedy)
    if 300 <= reply.status < 400:
        return SourceUnavailable(
            f"{begun}: a redirect, which is not followed", remedy="write the last address as `url`"
        )
    return SourceUnavailable(begun, remedy="try again later; look into the server's log")
