"""A logged-in session: opened before anything is asked, closed whatever happens.

An orphaned session stays up to two hours on the server and counts against its limit, so Logout is sent even when
the scan fails.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from itops.errors import SourceUnavailable
from itops.secrets import Secret
from itops.sources.vsphere.soap import Client, Fault, SessionLost

_SERVICE = ("ServiceInstance", "ServiceInstance")


@dataclass(slots=True)
class Session:
    """A client that is logged in, and what the server said about itself before that."""

    client: Client
    username: str
    password: Secret
    about: Mapping[str, str] = field(default_factory=dict)
    managers: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # element name -> (type, moref)

    @property
    def is_vcenter(self) -> bool:
        """A vCenter, as against a lone ESXi host."""
        return self.about.get("apiType") == "VirtualCenter"

    def greet(self) -> None:
        """Read content.about, which needs no login, and settle on the server's own API version."""
        try:
            content = self.client.call("RetrieveServiceContent", _SERVICE).child("returnval")
        except Fault as fault:
            raise SourceUnavailable(
                f"{self.client.server.host} is not a vSphere server: {fault}", remedy="check host and port"
            ) from fault
        about = content.child("about") if content is not None else None
        if content is None or about is None:
            raise SourceUnavailable(f"{self.client.server.host} is not a vSphere server", remedy="check host and port")
        self.about = {child.tag: child.text for child in about.children}
        self.managers = {
            child.tag: (child.attributes["type"], child.text)
            for child in content.children
            if "type" in child.attributes and child.text
        }
        self.client.api_version = self.about.get("apiVersion") or self.client.api_version

    def login(self) -> None:
        """Log in. Raises SourceUnavailable with the remedy that fits the refusal."""
        user, password = escape(self.username), escape(self.password.reveal())
        self.client.cookie = None
        try:
            self.client.call(
                "Login",
                self.managers["sessionManager"],
                f"<userName>{user}</userName><password>{password}</password>",
            )
        except Fault as fault:
            raise self._refused(fault) from None  # the request, and so the password, is not part of the fault
        finally:
            del password

    def _refused(self, fault: Fault) -> SourceUnavailable:
        host = self.client.server.host
        if fault.type == "InvalidLogin":
            return SourceUnavailable(
                f"{host} refused the login of {self.username}", remedy="check username and password in itops.yaml"
            )
        if fault.type == "NoPermission":
            return SourceUnavailable(
                f"{host} does not let {self.username} log in: {fault.name or 'no permission'}",
                remedy="give the account the Read-only role at the root, propagated; on a host in lockdown mode, "
                "make it an exception user or read the host through its vCenter",
            )
        return SourceUnavailable(f"{host} refused the login of {self.username}: {fault}", remedy="look at its log")

    def again(self) -> None:
        """Log in once more after the session was lost; views and tokens of the old one are dead.

        Only the connection may have broken: the old session is ended first, or it would count against the server's
        limit for two hours.
        """
        self.client.close()
        self.logout()
        self.greet()
        self.login()

    def logout(self) -> None:
        """End the session on the server, then the connection; a session that is gone already needs no ending."""
        try:
            if self.client.cookie:
                self.client.call("Logout", self.managers["sessionManager"])
        except (Fault, SessionLost, SourceUnavailable):  # nothing more can be done about a session we cannot reach
            pass
        finally:
            self.client.cookie = None
            self.client.close()


@contextmanager
def open_session(client: Client, username: str, password: Secret) -> Iterator[Session]:
    """Greet, log in, and log out at the end, also when what stands between fails.

    Faults and lost sessions that nobody below could turn into a gap leave as SourceUnavailable: never as a bug.
    """
    session = Session(client, username, password)
    try:
        session.greet()
        session.login()
        yield session
    except (Fault, SessionLost) as failure:
        raise SourceUnavailable(
            f"{client.server.host} broke off: {failure}", remedy="run it again; if it stays, look at the server's log"
        ) from failure
    finally:
        session.logout()
