"""The smallest client of the HTTP protocol of itops/bundles/targets.py, for looking at single answers."""

from collections.abc import Collection, Iterator
from http.client import HTTPConnection
from typing import NamedTuple

from itops.bundles.targets import BundleOnDisk, HeartbeatFile, Progress, Put, Role


class Reply(NamedTuple):
    status: int
    offset: int | None
    is_whole: bool
    body: bytes


class HttpTarget:
    name = "hub"

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Authorization": f"Bearer {self._token}", **named})
        answer = connection.getresponse()
        offset = answer.headers.get("Upload-Offset")
        reply = Reply(
            answer.status,
            None if offset is None else int(offset),
            answer.headers.get("Upload-Complete") == "?1",
            answer.read(),
        )
        connection.close()
        return reply

    def send(self, bundle: str, role: Role, sha256: str, data: bytes, offset: int, length: int | None = None) -> Reply:
        path = f"/bundles/{bundle}/{role.value}/{sha256}"
        whole = str(len(data) if length is None else length)
        return self.ask("PUT", path, data[offset:], Upload_Offset=str(offset), Upload_Length=whole)

    def put(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        receipts: list[bytes] = []
        for part in bundle.parts:
            here = self.ask("HEAD", f"/bundles/{bundle.sha256}/{part.role.value}/{part.sha256}")
            assert here.offset is not None
            if here.is_whole:
                continue
            reply = self.send(bundle.sha256, part.role, part.sha256, part.path.read_bytes(), here.offset)
            assert reply.status in (200, 204)
            receipts += [reply.body] if reply.status == 200 else []
        return Put(sent_bytes=bundle.size_bytes, receipts=tuple(receipts))

    def beat(self, heartbeat: HeartbeatFile) -> None:
        assert self.ask("PUT", f"/heartbeats/{heartbeat.office}", heartbeat.content).status == 204

    def receipts(self, sha256s: Collection[str]) -> Iterator[bytes]:
        for sha256 in sha256s:
            reply = self.ask("GET", f"/receipts/{sha256}")
            if reply.status == 200:
                yield reply.body
