"""The plainest SOAP client: what the tests of the simulator and of the proxy ask with, knowing nothing of itops."""

import gzip
import http.client
import re
import ssl
from dataclasses import dataclass, field
from typing import Protocol

_ENVELOPE = (
    '<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><{0} xmlns="urn:vim25">{1}</{0}>'
    "</soapenv:Body></soapenv:Envelope>"
)


class Endpoint(Protocol):
    """The simulator or the proxy."""

    host: str
    port: int
    certificate: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str

    def value(self, element: str) -> str | None:
        """The text of the first such element."""
        found = re.search(rf"<{element}(?: [^>]*)?>([^<]*)</{element}>", self.text)
        return found.group(1) if found else None

    @property
    def objects(self) -> list[str]:
        """The morefs of the objects in it."""
        return re.findall(r"<objects><obj [^>]*>([^<]+)</obj>", self.text)

    @property
    def fault(self) -> str | None:
        found = re.search(r"<detail><(\w+)Fault ", self.text)
        return found.group(1) if found else None


@dataclass(slots=True)
class PlainClient:
    endpoint: Endpoint
    accept: str = "identity"
    timeout_seconds: float = 20.0
    headers: dict[str, str] = field(default_factory=dict)
    received_bytes: int = 0
    _managers: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, inside: str) -> Answer:
        """One request on a connection of its own."""
        context = ssl.create_default_context(cadata=self.endpoint.certificate)
        connection = http.client.HTTPSConnection(
            self.endpoint.host, self.endpoint.port, context=context, timeout=self.timeout_seconds
        )
        try:
            headers = {"Content-Type": "text/xml", "Accept-Encoding": self.accept, **self.headers}
            connection.request("POST", "/sdk", _ENVELOPE.format(method, inside).encode(), headers)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        self.received_bytes += len(body)
        if cookie := response.getheader("Set-Cookie"):
            self.headers["Cookie"] = cookie.partition(";")[0]
        if response.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return Answer(response.status, body.decode("utf-8", "replace"))

    def content(self) -> Answer:
        return self.call("RetrieveServiceContent", '<_this type="ServiceInstance">ServiceInstance</_this>')

    def _manager(self, element: str) -> str:
        """The moref of one of the server's managers; asked for once."""
        if not self._managers:
            self._managers.update(re.findall(r'<(\w+) type="\w+">([^<]+)</', self.content().text))
        return self._managers[element]

    def login(self, username: str, password: str) -> Answer:
        manager = self._manager("sessionManager")
        credentials = f"<userName>{username}</userName><password>{password}</password>"
        return self.call("Login", f'<_this type="SessionManager">{manager}</_this>{credentials}')

    def logout(self) -> Answer:
        return self.call("Logout", f'<_this type="SessionManager">{self._manager("sessionManager")}</_this>')

    def view(self, managed: str) -> str:
        """A container view over everything of this type."""
        root = self._manager("rootFolder")
        inside = f'<_this type="ViewManager">ViewManager</_this><container type="Folder">{root}</container>'
        answer = self.call("CreateContainerView", f"{inside}<type>{managed}</type><recursive>true</recursive>")
        return answer.value("returnval") or ""

    def destroy(self, view: str) -> Answer:
        return self.call("DestroyView", f'<_this type="ContainerView">{view}</_this>')

    def retrieve(self, managed: str, *paths: str, view: str | None = None, most: int | None = None) -> Answer:
        """RetrievePropertiesEx over a view."""
        limit = "" if most is None else f"<maxObjects>{most}</maxObjects>"
        selected = (
            f'<obj type="ContainerView">{view or self.view(managed)}</obj><skip>true</skip>'
            '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path><skip>false</skip>'
            "</selectSet>"
        )
        return self._retrieve(managed, paths, selected, limit)

    def look_at(self, managed: str, ref: str, *paths: str) -> Answer:
        """RetrievePropertiesEx of one object by its moref."""
        return self._retrieve(managed, paths, f'<obj type="{managed}">{ref}</obj>', "")

    def _retrieve(self, managed: str, paths: tuple[str, ...], selected: str, limit: str) -> Answer:
        names = "".join(f"<pathSet>{path}</pathSet>" for path in paths)
        return self.call(
            "RetrievePropertiesEx",
            f"{self._collector()}<specSet><propSet><type>{managed}</type>{names}</propSet>"
            f"<objectSet>{selected}</objectSet></specSet><options>{limit}</options>",
        )

    def more(self, token: str) -> Answer:
        return self.call("ContinueRetrievePropertiesEx", f"{self._collector()}<token>{token}</token>")

    def cancel(self, token: str) -> Answer:
        return self.call("CancelRetrievePropertiesEx", f"{self._collector()}<token>{token}</token>")

    def _collector(self) -> str:
        return f'<_this type="PropertyCollector">{self._manager("propertyCollector")}</_this>'
