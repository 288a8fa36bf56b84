"""The ways in which a device fails to tell; each carries the code of its gap. Those of SSH are in `itops.ssh`."""

from typing import ClassVar

from itops.errors import SourceUnavailable


class Refusal(SourceUnavailable):
    """One address gave nothing of use."""

    code: ClassVar[str]


class Silent(Refusal):
    """Nothing answers there in time."""

    code = "device.silent"


class NameUnknown(Refusal):
    """Its name leads nowhere."""

    code = "dns.unknown"


class Refused(Refusal):
    """It answers, and does not let the account in."""

    code = "device.refused"


class Untrusted(Refusal):
    """It answers, but is not the server that itops.yaml trusts; no login was tried."""

    code = "device.untrusted"


class Unreadable(Refusal):
    """It answers, and not with what was asked for, or with more of it than anybody needs."""

    code = "device.unreadable"
