"""Stock OpenSSH and itops believe each other's signatures, and disbelieve the same things."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from itops.bundles import sshsig
from itops.bundles.keys import (
    BUNDLE_NAMESPACE,
    RECEIPT_NAMESPACE,
    AllowedKey,
    PublicKey,
    allowed_signers_text,
    read_allowed_signers,
)
from itops.bundles.manifest import manifest_bytes
from itops.bundles.receipts import Receipt, ReceiptState, write_receipt
from itops.bundles.signing import Claim, check_signature
from itops.delivery.keys import KeyFolder
from tests.bundles.made import NOW, later, made

pytestmark = pytest.mark.e2e
MANIFEST, _ = made()
MESSAGE = manifest_bytes(MANIFEST)


class Ssh:
    """ssh-keygen in a folder, with one key of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = KeyFolder(path=folder).current()
        self.allowed = AllowedKey(signer="alborz", key=self.key.public)

    def keygen(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["ssh-keygen", *words], input=given, capture_output=True, cwd=self.folder, check=False)

    def believes(self, message: bytes, signature: str, allowed: AllowedKey, namespace: str = BUNDLE_NAMESPACE) -> bool:
        (self.folder / "allowed").write_text(allowed_signers_text([allowed]))
        (self.folder / "sig").write_text(signature)
        words = ("-Y", "verify", "-f", "allowed", "-I", "alborz", "-n", namespace, "-s", "sig")
        return self.keygen(*words, "-O", f"verify-time={NOW:%Y%m%d%H%M%S}Z", given=message).returncode == 0


@pytest.fixture
def ssh(tmp_path: Path) -> Ssh:
    return Ssh(tmp_path)


def we_believe(message: bytes, signature: str, allowed: AllowedKey, namespace: str = BUNDLE_NAMESPACE) -> bool:
    claim = Claim(noun="bundle", namespace=namespace, signer="alborz")
    return not list(check_signature(message, signature.encode(), claim, (allowed,), NOW))


def test_both_believe_and_disbelieve_the_same(ssh: Ssh) -> None:
    signature = sshsig.sign(MESSAGE, ssh.key.private, BUNDLE_NAMESPACE)
    stranger = KeyFolder(path=ssh.folder / "other").current().public
    in_time = replace(ssh.allowed, valid_from=later(days=-1), valid_to=later(days=1))
    cases = {
        "ours": (True, MESSAGE, ssh.allowed, BUNDLE_NAMESPACE),
        "tampered": (False, MESSAGE + b" ", ssh.allowed, BUNDLE_NAMESPACE),
        "other namespace": (False, MESSAGE, ssh.allowed, RECEIPT_NAMESPACE),
        "unknown key": (False, MESSAGE, replace(ssh.allowed, key=stranger), BUNDLE_NAMESPACE),
        "expired": (False, MESSAGE, replace(ssh.allowed, valid_to=later(days=-1)), BUNDLE_NAMESPACE),
        "not yet": (False, MESSAGE, replace(ssh.allowed, valid_from=later(days=1)), BUNDLE_NAMESPACE),
        "in its time": (True, MESSAGE, in_time, BUNDLE_NAMESPACE),
        "for bundles": (True, MESSAGE, replace(in_time, namespaces=frozenset({BUNDLE_NAMESPACE})), BUNDLE_NAMESPACE),
        "for files": (False, MESSAGE, replace(in_time, namespaces=frozenset({"file"})), BUNDLE_NAMESPACE),
    }
    for name, (is_good, message, allowed, namespace) in cases.items():
        assert ssh.believes(message, signature, allowed, namespace) is is_good, name
        assert we_believe(message, signature, allowed, namespace) is is_good, name


@pytest.mark.parametrize("hash_name", ["sha512", "sha256"])
def test_we_believe_what_ssh_keygen_signed_with_our_key(ssh: Ssh, hash_name: str) -> None:
    (ssh.folder / "message").write_bytes(MESSAGE)
    ran = ssh.keygen("-Y", "sign", "-f", "bundle.key", "-n", BUNDLE_NAMESPACE, "-O", f"hashalg={hash_name}", "message")
    assert ran.returncode == 0, ran.stderr
    signature = (ssh.folder / "message.sig").read_text()
    assert we_believe(MESSAGE, signature, ssh.allowed)
    assert not we_believe(MESSAGE + b" ", signature, ssh.allowed)
    if hash_name == "sha512":
        assert signature == sshsig.sign(MESSAGE, ssh.key.private, BUNDLE_NAMESPACE)


def test_a_key_made_by_ssh_keygen_signs_for_us_and_both_show_one_fingerprint(ssh: Ssh) -> None:
    (ssh.folder / "bundle.key").unlink()
    assert ssh.keygen("-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "bundle.key").returncode == 0
    key = KeyFolder(path=ssh.folder).current()
    text = (ssh.folder / "bundle.key.pub").read_text()
    assert PublicKey.from_text(text) == key.public
    assert key.public.fingerprint.encode() in ssh.keygen("-l", "-f", "bundle.key.pub").stdout


def test_the_first_line_of_a_receipt_is_what_openssh_verifies(ssh: Ssh) -> None:
    receipt = Receipt(
        bundle=MANIFEST.sha256,
        office="alborz",
        period="1405-08",
        sequence=1,
        state=ReceiptState.ACCEPTED,
        at=NOW,
        by="ستاد",
    )
    body, end, signature = write_receipt(receipt, ssh.key.private).partition(b"\n")
    assert ssh.believes(body + end, signature.decode(), ssh.allowed, RECEIPT_NAMESPACE)


def test_our_allowed_signers_mean_the_same_read_back(ssh: Ssh) -> None:
    allowed = replace(ssh.allowed, valid_from=later(days=-1), valid_to=later(days=1))
    assert read_allowed_signers(allowed_signers_text([allowed])) == (allowed,)
