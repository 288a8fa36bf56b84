"""Whose word a signed thing is: the signature, the key, its owner, its days. Facts only; nothing raises."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from itops.bundles import sshsig
from itops.bundles.keys import AllowedKey, PublicKey
from itops.bundles.manifest import moment_text
from itops.bundles.objections import Objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a signature is to prove."""

    noun: str  # "bundle", "receipt": the first half of the codes
    namespace: str
    signer: str | None  # who must have signed; None: anybody whose key is allowed


def check_signature(
    message: bytes, armored: bytes, claim: Claim, keys: Sequence[AllowedKey], at: datetime
) -> Iterator[Objection]:
    """What speaks against this signature at that moment; nothing when it holds.

    `at` is the verifier's own clock, never a time that the signed thing tells of itself.
    """
    try:
        signature = sshsig.read(armored)
    except sshsig.NotASignature as wrong:
        yield Objection(f"{claim.noun}.signature-unreadable", {"problem": str(wrong)})
        return
    if signature.namespace != claim.namespace:
        facts = {"namespace": signature.namespace, "expected": claim.namespace}
        yield Objection(f"{claim.noun}.wrong-namespace", facts)
    if not sshsig.is_right(message, signature):
        yield Objection(f"{claim.noun}.signature-wrong", {})
        return
    yield from _check_key(PublicKey(signature.public_key), claim, keys, at)


def _check_key(key: PublicKey, claim: Claim, keys: Sequence[AllowedKey], at: datetime) -> Iterator[Objection]:
    known = [one for one in keys if one.key == key and one.counts_in(claim.namespace)]
    own = [one for one in known if claim.signer in (None, one.signer)]
    fingerprint = key.fingerprint
    if not known:
        yield Objection(f"{claim.noun}.unknown-key", {"fingerprint": fingerprint})
    elif not own:
        facts = {"fingerprint": fingerprint, "signer": known[0].signer, "office": claim.signer or ""}
        yield Objection(f"{claim.noun}.key-of-another", facts)
    elif not any(_counts(one, at) for one in own):
        yield _out_of_time(own[-1], claim, fingerprint, at)


def _counts(key: AllowedKey, at: datetime) -> bool:
    return (key.valid_from is None or key.valid_from <= at) and (key.valid_to is None or at < key.valid_to)


def _out_of_time(key: AllowedKey, claim: Claim, fingerprint: str, at: datetime) -> Objection:
    if key.valid_from is not None and at < key.valid_from:
        facts = {"fingerprint": fingerprint, "since": moment_text(key.valid_from)}
        return Objection(f"{claim.noun}.key-not-yet-valid", facts)
    until = "" if key.valid_to is None else moment_text(key.valid_to)
    return Objection(f"{claim.noun}.key-expired", {"fingerprint": fingerprint, "until": until})
