"""The target `smtp`: a bundle by mail, in pieces. The last resort: nothing can be resumed, and no receipt is read here.

It is off unless somebody writes it into itops.yaml, and then the archive is encrypted to headquarters, as mail passes
through servers that keep copies; who wants it plain says so. The connection is encrypted or not used. A piece names its
bundle, its part and its place in it; headquarters puts the pieces together and throws away what comes twice by
`Message-ID`, which is the same in every try.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from typing import ClassVar

from itops.bundles.manifest import moment_text
from itops.bundles.targets import BundleOnDisk, HeartbeatFile, Part, Progress, Put
from itops.delivery.parts import opened, read
from itops.delivery.sealing import Way, WaySettings
from itops.errors import DeliveryRefused
from itops.secrets import Secret
from itops.tls import Trust
from itops.wire.addresses import Security, is_mailbox
from itops.wire.limits import seconds_for
from itops.wire.mail import MailLine, MailServer, mail_line

MOST_MESSAGE_BYTES = 8_000_000
"""Of one mail. What is longer many servers do not take."""
_HEADERS_BYTES = 4_000
_SMALLEST_MESSAGE = 200_000
_ENCODED = 78 / 57
"""Bytes of Base64, line ends included, for one byte of a file."""
_LONGEST_LINE = 998  # nothing is folded


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings(WaySettings):
    """A mail server that takes mail from this account, and who gets it."""

    host: str
    sender: str
    recipient: str
    username: str
    password: Secret
    security: Security = "starttls"
    """`tls`: encrypted from the first byte, as on port 465."""
    port: int = field(default=587, metadata={"range": (1, 65535)})
    tls: Trust = field(default_factory=Trust)
    most_message_bytes: int = field(
        default=MOST_MESSAGE_BYTES, metadata={"range": (_SMALLEST_MESSAGE, MOST_MESSAGE_BYTES)}
    )
    timeout_seconds: float = field(default=60.0, metadata={"range": (1, 3_600)})  # for one answer
    unencrypted: bool = False
    """Send the archive as it is: every mail server on the way can read it, and may keep it."""

    def __post_init__(self) -> None:
        if self.encrypt_to is None and not self.unencrypted:
            raise ValueError(
                "encrypt_to is missing: mail servers keep copies, and a bundle maps the whole network; "
                "write the age public key of headquarters, age1..., or unencrypted: true"
            )
        if self.encrypt_to is not None and self.unencrypted:
            raise ValueError("encrypt_to and unencrypted: true contradict each other: take one away")
        for key in ("sender", "recipient"):
            if not is_mailbox(getattr(self, key)):
                raise ValueError(f"{key} should be an address, NAME@DOMAIN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What one mail carries."""

    part: Part
    offset: int
    length: int


class SmtpTarget(Way[SmtpSettings]):
    """A mailbox at headquarters."""

    Settings: ClassVar[type] = SmtpSettings

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        """See `Target`. Asked twice it sends twice: nobody here can see what arrived."""
        progress(0, bundle.size_bytes)
        settings = self._settings
        with mail_line(_server(settings), seconds_for(bundle.size_bytes * 2)) as line:
            sent = 0
            pieces = split(bundle, _longest(settings, line.most_bytes))
            for number, piece in enumerate(pieces, 1):
                _send(settings, line, bundle, piece, f"{number}/{len(pieces)}")
                sent += piece.length
                progress(sent, bundle.size_bytes)
        return Put(sent_bytes=bundle.size_bytes)

    def receipts(self, sha256s: Collection[str]) -> tuple[bytes, ...]:
        """None: a mailbox is not read here. They are imported by hand."""
        return ()

    def beat(self, heartbeat: HeartbeatFile) -> None:
        """See `Target`: a mail of its own, for nothing can be replaced in a mailbox. Headquarters keeps the newest."""
        settings = self._settings
        mail = heartbeat_message(settings, heartbeat).as_bytes()
        with mail_line(_server(settings), seconds_for(len(mail))) as line:
            line.post(settings.sender, [settings.recipient], mail, "the heartbeat")


def split(bundle: BundleOnDisk, most_message_bytes: int) -> tuple[Piece, ...]:
    """The mails to send, in order; none longer than so many bytes. A part of no bytes is a mail, too."""
    most = int((most_message_bytes - _HEADERS_BYTES) / _ENCODED)
    return tuple(
        Piece(part=part, offset=offset, length=min(most, part.size_bytes - offset))
        for part in bundle.parts
        for offset in range(0, max(part.size_bytes, 1), most)
    )


def message(settings: SmtpSettings, bundle: BundleOnDisk, piece: Piece, numbered: str, content: bytes) -> EmailMessage:
    """One mail. It has no date, so that it is the same in every try: the server that takes it writes one."""
    part = piece.part
    content_id = f"{bundle.sha256}.{part.role.value}.{part.sha256[:12]}"  # encrypted anew, it is another mail
    mail = _mail(settings, f"[itops] {bundle.name} {numbered}", f"{content_id}.{piece.offset}.{piece.length}")
    mail["X-Itops-Bundle"] = bundle.sha256
    mail["X-Itops-Part"] = f"{part.role.value}; name={part.name}; size={part.size_bytes}; offset={piece.offset}"
    mail["X-Itops-Sha256"] = part.sha256
    mail.set_content(f"Mail {numbered} of the bundle {bundle.name}. It is read by itops at headquarters.\n")
    name = part.name if piece.length == part.size_bytes else f"{part.name}.{piece.offset:012d}"
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail


def heartbeat_message(settings: SmtpSettings, heartbeat: HeartbeatFile) -> EmailMessage:
    """The mail of a heartbeat. Its subject and X-Itops-Heartbeat are for filters; it has no date, as above."""
    moment = moment_text(heartbeat.made_at)
    digest = sha256(heartbeat.content).hexdigest()
    mail = _mail(settings, f"[itops] heartbeat {heartbeat.office} {moment}", f"{digest}.heartbeat")
    mail["X-Itops-Heartbeat"] = heartbeat.office
    mail.set_content(f"The heartbeat of {heartbeat.office} of {moment}. It is read by itops at headquarters.\n")
    mail.add_attachment(heartbeat.content, maintype="application", subtype="octet-stream", filename=heartbeat.name)
    return mail


def _mail(settings: SmtpSettings, subject: str, content_id: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(max_line_length=_LONGEST_LINE))
    mail["From"], mail["To"], mail["Subject"] = settings.sender, settings.recipient, subject
    mail["Message-ID"] = f"<{content_id}@{settings.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _server(settings: SmtpSettings) -> MailServer:
    return MailServer(
        host=settings.host,
        port=settings.port,
        security=settings.security,
        tls=settings.tls,
        timeout_seconds=settings.timeout_seconds,
        username=settings.username,
        password=settings.password,
    )


def _longest(settings: SmtpSettings, told: int | None) -> int:
    """Bytes of one mail, as far as the server takes it. Raises DeliveryRefused."""
    if told is not None and told < _SMALLEST_MESSAGE:
        raise DeliveryRefused(
            f"{settings.host} takes mails of {told:,} bytes at most",
            remedy="have the limit raised for this account, or deliver another way",
        )
    return min(settings.most_message_bytes, told or MOST_MESSAGE_BYTES)


def _send(settings: SmtpSettings, line: MailLine, bundle: BundleOnDisk, piece: Piece, numbered: str) -> None:
    """One mail. Raises SourceUnavailable, DeliveryRefused."""
    with opened(piece.part) as file:
        file.seek(piece.offset)
        content = read(file, piece.part, piece.length)
    mail = message(settings, bundle, piece, numbered, content).as_bytes()
    line.post(settings.sender, [settings.recipient], mail, f"mail {numbered}")
