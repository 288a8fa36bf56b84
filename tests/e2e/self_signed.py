"""A certificate of our own for a server on loopback."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str
    pin: str  # SHA-256 of the DER form, hex

    def write(self, folder: Path) -> Path:
        """Both in one file, as `ssl.SSLContext.load_cert_chain` takes them."""
        path = folder / f"{self.pin[:16]}.pem"
        path.touch(mode=0o600)
        path.write_text(self.key + self.certificate)
        return path


def self_signed(address: str, *, begin: datetime = _BEGIN, days: int = 9000) -> SelfSigned:
    """For this IP address, valid for as long as these tests will be read unless told otherwise."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return SelfSigned(
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        pin=sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest(),
    )
