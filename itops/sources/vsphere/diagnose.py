"""What `itops doctor` wants to know of a vSphere source: does the login work, and what may the account do."""

from collections.abc import Iterable, Iterator

from itops.inventory.diagnosis import Check
from itops.sources.vsphere.rare import Rare
from itops.sources.vsphere.session import Session, open_session
from itops.sources.vsphere.settings import VsphereSettings
from itops.sources.vsphere.soap import Client
from itops.verdict import State

# What the Read-only role has, and what we ask for beyond it; anything else is more than reading needs.
_READING = frozenset(
    {
        "System.Anonymous",
        "System.Read",
        "System.View",
        "Global.Licenses",
        "Datastore.Browse",
        "StorageViews.View",
        "StorageProfile.View",
        "Sessions.TerminateSession",  # the only right that shows the list of sessions; itops never ends one
    }
)
_SHOWN = 5


def diagnose(source: str, client: Client, settings: VsphereSettings) -> Iterator[Check]:
    """One login, two checks. Raises SourceUnavailable when it does not come to that."""
    with open_session(client, settings.username, settings.password) as session:
        about = session.about
        yield Check(
            state=State.OK,
            subject=f"source {source}",
            code="login.accepted",
            finding=f"logged in to {about.get('fullName', 'vSphere')} as {settings.username}",
        )
        yield _rights(source, session)


def _rights(source: str, session: Session) -> Check:
    rare = Rare(session)
    try:
        held = rare.privileges(session.username)
    except rare.failures as fault:
        return Check(
            state=State.UNKNOWN,
            subject=f"source {source}",
            code="rights.unknown",
            finding=f"the server does not tell what the account may do: {type(fault).__name__.rpartition('.')[2]}",
            remedy="see in vCenter that the account has the Read-only role at the root, propagated, and nothing more",
        )
    return judged_rights(source, session.username, held)


def judged_rights(source: str, username: str, held: Iterable[str]) -> Check:
    """Too little to read, just enough, or more than reading needs."""
    held = set(held)
    if "System.Read" not in held:
        return Check(
            state=State.CRITICAL,
            subject=f"source {source}",
            code="rights.too-few",
            finding=f"{username} may not read at the root",
            remedy="give the account the Read-only role at the root, propagated",
        )
    beyond = sorted(held - _READING)
    if beyond:
        more = f" and {len(beyond) - _SHOWN} more" if len(beyond) > _SHOWN else ""
        return Check(
            state=State.WARNING,
            subject=f"source {source}",
            code="rights.too-many",
            finding=f"{username} may do more than read: {', '.join(beyond[:_SHOWN])}{more}",
            remedy="give itops an account of its own with the Read-only role; it never needs more",
        )
    return Check(
        state=State.OK,
        subject=f"source {source}",
        code="rights.reading",
        finding=f"{username} may read and nothing else",
    )
