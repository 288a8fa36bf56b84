"""The ways in which a management controller fails to tell; each carries the code of its gap."""

from typing import ClassVar

from itops.errors import SourceUnavailable


class Silent(SourceUnavailable):
    """Nothing answers there in time."""

    code: ClassVar = "device.silent"


class NameUnknown(SourceUnavailable):
    """Its name leads nowhere."""

    code: ClassVar = "dns.unknown"


class Refused(SourceUnavailable):
    """It answers, and does not let the account in."""

    code: ClassVar = "device.refused"


class Untrusted(SourceUnavailable):
    """It answers, but is not the server that itops.yaml trusts; no login was tried."""

    code: ClassVar = "device.untrusted"


class Rubbish(SourceUnavailable):
    """It answers what is no Redfish, or more of it than anybody needs."""

    code: ClassVar = "device.rubbish"
