"""The channel `smtp`: mail over the office's own server, one conversation for each incident, right to left in Persian.

The connection is encrypted or not used. The same message tried again is the same mail, byte for byte, under the same
`Message-ID`: mail servers throw away what comes twice. Where a server takes it for some recipients alone, the others
are told of as the failure.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from itops.alerts.channels import Message
from itops.notify.failures import told
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import Security, is_mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """A mail server that takes mail from here, and who gets it."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    username: str | None = None
    password: Secret | None = None
    security: Security = "starttls"
    """`tls`: encrypted from the first byte, as on port 465."""
    port: int = field(default=587, metadata={"range": (1, 65535)})
    tls: Trust = field(default_factory=Trust)
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        if not self.recipients:
            raise ValueError("recipients is empty: who gets the mail?")
        for address in (self.sender, *self.recipients):
            if not is_mailbox(address):
                raise ValueError("sender and recipients should be addresses, NAME@DOMAIN")
        if (self.username is None) is not (self.password is None):
            raise ValueError("username and password belong together: give both, or none for a server that asks nobody")


class SmtpChannel:
    """Mail."""

    Settings: ClassVar[type] = SmtpSettings
    stays_inside: ClassVar[bool] = True

    def __init__(self, name: str, settings: SmtpSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: what the server called it, `2.0.0 Ok: queued as ...`."""
        from itops.notify.mail_text import mail  # noqa: PLC0415  settings alone are read far more often
        from itops.wire.mail import MailServer, mail_line  # noqa: PLC0415

        settings = self._settings
        server = MailServer(
            host=settings.host,
            port=settings.port,
            security=settings.security,
            tls=settings.tls,
            timeout_seconds=settings.timeout_seconds,
            username=settings.username,
            password=settings.password,
        )
        written = mail(settings.sender, settings.recipients, message)
        with told(), mail_line(server, settings.timeout_seconds) as line:
            return line.post(settings.sender, settings.recipients, written, "the mail")
