"""A message as a mail: its head, and its body as plain text and as HTML. The same message has the same bytes."""

from collections.abc import Iterator, Sequence
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from itops.alerts.channels import Message
from itops.notify.mail_page import as_html
from itops.notify.plain_text import one_line
from itops.notify.wording import as_text, words_of

_MOST_REFERENCES = 20
"""The first of a conversation and its newest: enough for every mail program, and no header without end."""
_MOST_TITLE = 400
_ID_LETTERS = 32


def mail(sender: str, recipients: Sequence[str], message: Message) -> bytes:
    """The mail, ASCII. Its head is written here: email's own folding tears long `References` apart."""
    head = "\r\n".join(f"{name}: {value}" for name, value in _headers(sender, recipients, message))
    return head.encode("ascii") + b"\r\n" + _body(message).as_bytes(policy=SMTP)


def _headers(sender: str, recipients: Sequence[str], message: Message) -> Iterator[tuple[str, str]]:
    """No value holds a line end but those of folding: all is checked, hashed, an enum, or encoded."""
    domain = sender.rpartition("@")[2]
    earlier = [message_id(id_, domain) for id_ in message.references]
    yield "From", sender
    yield "To", ",\r\n ".join(recipients)
    yield "Subject", _subject(message.title)
    yield "Date", format_datetime(message.made_at)
    yield "Message-ID", message_id(message.id, domain)
    if earlier:
        yield "In-Reply-To", earlier[-1]
    # A conversation has a first mail that nobody got: so it holds together whichever of its mails was lost.
    yield "References", "\r\n ".join([message_id(f"thread {message.thread}", domain), *earlier[-_MOST_REFERENCES:]])
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"  # Exchange heeds this one
    yield "X-Itops-Kind", message.kind.value
    yield "X-Itops-State", message.state.name
    yield "Content-Language", message.language


def message_id(id_: str, domain: str) -> str:
    """As mail wants it; a digest, as ids may hold names and letters that no header can carry."""
    return f"<{sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()[:_ID_LETTERS]}.itops@{domain}>"


def _subject(title: str) -> str:
    return Header(one_line(title)[:_MOST_TITLE], "utf-8", header_name="Subject", maxlinelen=76).encode(linesep="\r\n")


def _body(message: Message) -> MIMEMultipart:
    words = words_of(message)
    # A boundary of our own: the same message has the same bytes. It cannot occur in Base64.
    body = MIMEMultipart("alternative", boundary=f"=_{message_id(message.id, '')[1:17]}")
    body.attach(MIMEText(as_text(message, words), "plain", "utf-8"))
    body.attach(MIMEText(as_html(message, words), "html", "utf-8"))
    return body
