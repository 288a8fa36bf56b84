"""What a certificate says about itself, for people who must decide whether to trust it."""

from dataclasses import dataclass
from datetime import datetime

from itops.errors import SourceUnavailable
from itops.tls import fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's own certificate; all texts come from the server."""

    subject: str
    issuer: str
    names: tuple[str, ...]  # DNS names and addresses
    begins_at: datetime  # aware, UTC
    ends_at: datetime
    fingerprint: str  # SHA-256, 64 hex digits

    @property
    def is_self_signed(self) -> bool:
        """Does it vouch for itself?"""
        return self.subject == self.issuer


def describe(der: bytes) -> Certificate:
    """Read a DER certificate. Raises SourceUnavailable when it is none."""
    from cryptography import x509  # noqa: PLC0415  60 ms that only doctor and trust need

    try:
        found = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=found.subject.rfc4514_string(),
            issuer=found.issuer.rfc4514_string(),
            names=_names(found),
            begins_at=found.not_valid_before_utc,
            ends_at=found.not_valid_after_utc,
            fingerprint=fingerprint(der),
        )
    except ValueError as failure:
        raise SourceUnavailable(
            f"the server's certificate cannot be read: {failure}", remedy="renew the server's certificate"
        ) from failure


def _names(found: object) -> tuple[str, ...]:
    from cryptography import x509  # noqa: PLC0415  as above

    assert isinstance(found, x509.Certificate)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))
