"""Being let in: by a session, which is ended afterwards, else by name and password with every question.

A session first: a controller checks a password slowly, and has room for a few sessions only, so none is left behind.
A password that was refused is not tried a second way: two wrong ones a scan lock the account within hours.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from itops.errors import SourceUnavailable
from itops.secrets import Secret
from itops.sources.redfish.https import Https, Reply
from itops.sources.refusals import Refused, Unreadable

ROOT = "/redfish/v1/"
_SESSIONS = "/redfish/v1/SessionService/Sessions"
_LINK = re.compile(r"/redfish/v1/[!-\"$-~]{0,400}")
_TOKEN = re.compile(r"[!-~]{1,2048}")
_WRONG_LOGIN = re.compile(r"unauthori[sz]ed|credential|password", re.IGNORECASE)
_CHECK_ACCOUNT = "check username and password in itops.yaml; the role ReadOnly is enough"


def link_of(value: Any) -> str | None:
    """Where a link (`{"@odata.id": ...}`) leads, as long as that is on the same server and in the same tree."""
    target = value.get("@odata.id") if isinstance(value, dict) else None
    return target if isinstance(target, str) and _LINK.fullmatch(target) else None


@contextmanager
def logged_in(https: Https, username: str, password: Secret) -> Iterator[dict[str, Any]]:
    """The root of the service, with `https` let in; raises a Refusal."""
    root = _root(https)
    ended_at = _open_session(https, root, username, password)
    try:
        yield root
    finally:
        if ended_at is not None:
            https.ends_at = monotonic() + https.timeout_seconds  # also where the visit took all its time
            with suppress(SourceUnavailable):  # it ends by itself after some minutes
                https.ask("DELETE", ended_at)
        https.headers.clear()
        https.close()


def _root(https: Https) -> dict[str, Any]:
    reply = https.ask("GET", ROOT)
    if reply.status in {401, 403}:
        return {}  # not as the standard has it, but what needs no login at others needs one here
    if reply.status != 200 or not isinstance(reply.body, dict) or "RedfishVersion" not in reply.body:
        raise Unreadable(
            f"{https.server} answers, but not with a Redfish service (status {reply.status} at {ROOT})",
            remedy="check that this is a management controller and that its Redfish service is enabled",
        )
    return reply.body


def _open_session(https: Https, root: dict[str, Any], username: str, password: Secret) -> str | None:
    """Where the session is to be ended; None where name and password go with every question instead."""
    links = root.get("Links")
    place = link_of(links.get("Sessions") if isinstance(links, dict) else None) or _SESSIONS
    reply = https.ask("POST", place, {"UserName": username, "Password": password.reveal()})
    token = reply.headers.get("X-Auth-Token", "")
    if reply.status in {200, 201} and _TOKEN.fullmatch(token):
        https.headers["X-Auth-Token"] = token
        return _session_place(reply)
    if reply.status in {401, 403} or (reply.status == 400 and _WRONG_LOGIN.search(str(reply.body)[:4096])):
        raise Refused(f"{https.server} refused the login of {username}", remedy=_CHECK_ACCOUNT)
    https.headers["Authorization"] = _basic(username, password)
    return None


def _session_place(reply: Reply) -> str | None:
    location = reply.headers.get("Location", "")
    try:
        path = urlsplit(location).path
    except ValueError:
        path = ""
    return path if _LINK.fullmatch(path) else link_of(reply.body)


def _basic(username: str, password: Secret) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password.reveal()}".encode()).decode("ascii")
