"""The target `https`: the hub of headquarters itself. A cut upload goes on where it ended; receipts come back at once.

The protocol is that of itops/bundles/targets.py. Every question may be asked again: an address is a content's SHA-256.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO, ClassVar

from itops.bundles.targets import RECEIPT_MAX_BYTES, BundleOnDisk, HeartbeatFile, Part, Progress, Put
from itops.delivery.parts import blocks, opened
from itops.delivery.sealing import Way, WaySettings
from itops.errors import DeliveryRefused, SourceUnavailable
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import address_of, header_safe
from itops.wire.limits import seconds_for, within
from itops.wire.web import Reply, Web

PIECE_BYTES = 4 << 20
"""Of one question: what was acknowledged needs not travel again, whatever the hub does with a question cut short."""
_MOST_CORRECTIONS = 8  # of one part: the hub may say that it has more or less than we thought, not for ever
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsSettings(WaySettings):
    """A hub, and the token it gave this office."""

    url: str
    """`https://HOST/PATH`, as headquarters tells it."""
    token: Secret
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 3_600)})  # for one answer

    def __post_init__(self) -> None:
        try:
            address_of(self.url)
        except ValueError as wrong:
            raise ValueError(f"url {wrong}") from None


class HttpsTarget(Way[HttpsSettings]):
    """The hub."""

    Settings: ClassVar[type] = HttpsSettings

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See `Target`."""
        with _opened(self._settings, bundle.size_bytes) as web:
            return _Sending(web, bundle, progress).put()

    def receipts(self, sha256s: Collection[str]) -> tuple[bytes, ...]:
        """See `Target`: the newest one of each bundle."""
        with _opened(self._settings, len(sha256s) * RECEIPT_MAX_BYTES) as web:
            found = (_receipt(web, sha256) for sha256 in sha256s)
            return tuple(receipt for receipt in found if receipt is not None)

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """See `Target`."""
        content = heartbeat.content
        with _opened(self._settings, len(content)) as web:
            path, told = f"/heartbeats/{heartbeat.office}", {"Content-Type": "application/octet-stream"}
            reply = web.ask("PUT", path, told, blocks=(content,), length=len(content))
        if reply.status not in _TAKEN:
            raise _beat_refused(reply, web)


@contextmanager
def _opened(settings: HttpsSettings, size_bytes: int) -> Iterator[Web]:
    token = header_safe(settings.token, "token")
    address = address_of(settings.url)
    web = Web(address, settings.tls, settings.timeout_seconds, {"Authorization": f"Bearer {token}"})
    try:
        with within(seconds_for(size_bytes), address.place, web.break_off):
            yield web
    finally:
        web.close()


def _receipt(web: Web, sha256: str) -> bytes | None:
    reply = web.ask("GET", f"/receipts/{sha256}", most_bytes=RECEIPT_MAX_BYTES)
    if reply.status == HTTPStatus.OK:
        return reply.body or None
    if reply.status == HTTPStatus.NOT_FOUND:
        return None
    raise _refused(reply, web, "the receipts")


class _Sending:
    """One bundle on its way."""

    def __init__(self, web: Web, bundle: BundleOnDisk, progress: Progress) -> None:
        self._web = web
        self._bundle = bundle
        self._progress = progress
        self._there = 0  # of the parts before this one
        self._sent = 0

    def put(self) -> Put:
        """All parts in their order."""
        self._tell(0)
        receipt: bytes | None = None
        for part in self._bundle.parts:
            receipt = self._put_part(part, is_last=part is self._bundle.parts[-1])
            self._there += part.size_bytes
            self._tell(0)
        resumed = max(0, self._bundle.size_bytes - self._sent)
        return Put(sent_bytes=self._sent, resumed_bytes=resumed, receipts=(receipt,) if receipt else ())

    def _tell(self, offset: int) -> None:
        self._progress(self._there + offset, self._bundle.size_bytes)

    def _put_part(self, part: Part, *, is_last: bool) -> bytes | None:
        """The receipt, which the hub gives for the last part; that one is put even where it is whole, to be given it.

        409 and 422 correct us a few times; more often is no correction.
        """
        offset, is_whole = self._state(part)
        corrections = 0
        with opened(part) as file:
            while is_last or not is_whole:
                self._tell(offset)
                length = min(PIECE_BYTES, part.size_bytes - offset)
                reply = self._send(part, file, offset, length)
                if reply.status == HTTPStatus.OK:
                    self._sent += length
                    return reply.body or None
                if reply.status != HTTPStatus.NO_CONTENT:
                    corrections += 1
                    offset = self._corrected(reply, part, corrections)
                    continue
                self._sent += length
                offset = self._advanced(reply, part, offset, length)
                if is_last and length == 0:
                    raise self._strange("has the whole bundle and gives no receipt")
                is_whole = offset == part.size_bytes
        return None

    def _state(self, part: Part) -> tuple[int, bool]:
        reply = self._web.ask("HEAD", self._path(part))
        if reply.status != HTTPStatus.OK:
            raise _refused(reply, self._web, part.name)
        return self._offset(reply, part), reply.headers.get("Upload-Complete") == "?1"

    def _send(self, part: Part, file: BinaryIO, offset: int, length: int) -> Reply:
        headers = {
            "Upload-Offset": str(offset),
            "Upload-Length": str(part.size_bytes),
            "Content-Type": "application/octet-stream",
        }
        sending = blocks(file, part, offset, offset + length, self._tell)
        return self._web.ask(
            "PUT", self._path(part), headers, blocks=sending, length=length, most_bytes=RECEIPT_MAX_BYTES
        )

    def _advanced(self, reply: Reply, part: Part, offset: int, length: int) -> int:
        told = self._offset(reply, part)
        if told != offset + length:
            raise self._strange(f"took {length:,} bytes from {offset:,} on and says that it has {told:,}")
        return told

    def _corrected(self, reply: Reply, part: Part, corrections: int) -> int:
        """Where to go on after 409 and 422; anything else, and too many of them, is an error."""
        if reply.status == HTTPStatus.CONFLICT and corrections <= _MOST_CORRECTIONS:
            return self._offset(reply, part)
        if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY and corrections == 1:
            return 0  # it threw away what a cut try had left there
        if reply.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise DeliveryRefused(
                f"{self._web.address.place} received {part.name} whole and computes another SHA-256 than ours",
                remedy="the file in the outbox may be damaged: check the disk, then build the bundle anew",
            )
        raise _refused(reply, self._web, part.name)

    def _offset(self, reply: Reply, part: Part) -> int:
        told = reply.headers.get("Upload-Offset", "")
        if not _NUMBER.fullmatch(told) or int(told) > part.size_bytes:
            raise self._strange("does not say how many bytes it has")
        return int(told)

    def _strange(self, what: str) -> SourceUnavailable:
        return SourceUnavailable(
            f"{self._web.address.place} {what}", remedy="check that `url` is that of the hub, and its version"
        )

    def _path(self, part: Part) -> str:
        return f"/bundles/{self._bundle.sha256}/{part.role.value}/{part.sha256}"


_UNAVAILABLE = {
    HTTPStatus.UNAUTHORIZED: ("does not know our token", "ask headquarters for a new token, and check `token`"),
    HTTPStatus.FORBIDDEN: ("does not let this token do that", "ask headquarters what this office may send"),
    HTTPStatus.NOT_FOUND: ("has nothing there", "check `url`: that of the hub, with its path"),
    HTTPStatus.CONFLICT: ("keeps correcting where we should go on", "see whether two itops send at once"),
    HTTPStatus.FAILED_DEPENDENCY: ("lacks other parts of the bundle", "send again; they will be sent first"),
    HTTPStatus.INSUFFICIENT_STORAGE: ("has no room left", "tell headquarters; the next try goes on"),
}
_REFUSED = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("takes nothing so long", "ask headquarters for its limit"),
    HTTPStatus.BAD_REQUEST: ("does not take it so", "compare the versions of itops here and at headquarters"),
}


_TAKEN = (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
_NO_HEARTBEATS = {
    HTTPStatus.NOT_FOUND: ("cannot carry heartbeats", "have the hub brought up to date, and check `url`"),
    HTTPStatus.FORBIDDEN: (
        "takes no heartbeat of this office from this token",
        "compare office.id in itops.yaml with the office that headquarters gave the token",
    ),
}
_NOT_THIS_HEARTBEAT = {
    HTTPStatus.CONFLICT: (
        "has a newer heartbeat of this office",
        "check the clock of this machine, and whether another one reports under the same office.id",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "does not believe that the heartbeat is this office's word",
        "check the clock of this machine, and that headquarters knows its key: itops report key",
    ),
}


def _beat_refused(reply: Reply, web: Web) -> SourceUnavailable | DeliveryRefused:
    """What a status means to a heartbeat, where it means more than to anything else."""
    begun = f"{web.address.place} answers {reply.status} for the heartbeat: it "
    if reply.status in _NO_HEARTBEATS:
        problem, remedy = _NO_HEARTBEATS[HTTPStatus(reply.status)]
        return SourceUnavailable(begun + problem, remedy=remedy)
    if reply.status in _NOT_THIS_HEARTBEAT:
        problem, remedy = _NOT_THIS_HEARTBEAT[HTTPStatus(reply.status)]
        return DeliveryRefused(begun + problem, remedy=remedy)
    return _refused(reply, web, "the heartbeat")


def _refused(reply: Reply, web: Web, what: str) -> SourceUnavailable | DeliveryRefused:
    """What a status means. What the hub writes beside it is not shown: it may repeat the token."""
    begun = f"{web.address.place} answers {reply.status} for {what}"
    if reply.status in _REFUSED:
        problem, remedy = _REFUSED[HTTPStatus(reply.status)]
        return DeliveryRefused(f"{begun}: it {problem}", remedy=remedy)
    if reply.status in _UNAVAILABLE:
        problem, remedy = _UNAVAILABLE[HTTPStatus(reply.status)]
        return SourceUnavailable(f"{begun}: it {problem}", remedy=remedy)
    if 300 <= reply.status < 400:
        return SourceUnavailable(
            f"{begun}: a redirect, which is not followed", remedy="write the last address as `url`"
        )
    return SourceUnavailable(begun, remedy="try again later; ask headquarters what ails the hub")
