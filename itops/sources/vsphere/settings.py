"""What itops.yaml may say about a vSphere source."""

from dataclasses import dataclass, field

from itops.secrets import Secret
from itops.tls import Trust

_TIMEOUT = (1, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class VsphereSettings:
    """The keys of one source of type vsphere."""

    host: str
    username: str
    password: Secret
    port: int = field(default=443, metadata={"range": (1, 65_535)})
    tls: Trust = field(default_factory=Trust)
    connect_timeout_seconds: float = field(default=10.0, metadata={"range": _TIMEOUT})
    read_timeout_seconds: float = field(
        default=120.0, metadata={"range": _TIMEOUT}
    )  # between two bytes; a big vCenter thinks long before the first one
    answer_timeout_seconds: float = field(default=1800.0, metadata={"range": _TIMEOUT})  # for one whole answer
    tags: bool = True
    browse_datastores: bool = False  # lists every file; slow, and needs Datastore.Browse
    browse_timeout_seconds: float = field(default=900.0, metadata={"range": _TIMEOUT})
