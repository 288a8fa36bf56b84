"""What itops.yaml may say about management controllers (BMCs) that are asked through IPMI."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from itops.names import Count
from itops.secrets import Secret
from itops.sources.addresses import Addresses, some


@dataclass(frozen=True, slots=True, kw_only=True)
class IpmiSettings:
    """BMCs, all with one account. Only IPMI 2.0 (`lanplus`): 1.5 sends what it says in clear."""

    addresses: tuple[Addresses, ...]
    without: tuple[Addresses, ...] = ()
    site: str | None = None
    username: str
    password: Secret
    port: int = field(default=623, metadata={"range": (1, 65_535)})
    privilege: Literal["user", "operator", "administrator"] = "user"
    """What the session asks for. `user` reads all but, on most BMCs, the BMC's own MAC."""
    ipmitool: str = "ipmitool"
    """The program, or its path."""
    parallel: Count = field(default=Count(32), metadata={"range": (1, 256)})
    timeout: timedelta = field(
        default=timedelta(seconds=10), metadata={"range": (timedelta(seconds=6), timedelta(minutes=10))}
    )
    """After which a silent address is given up; a BMC that answers has three times as long for each question."""

    def __post_init__(self) -> None:
        some(self.addresses, self.without)
