"""What the controls ask of one copy: is it worth counting, of which moment, of which content, encrypted or not?"""

from datetime import datetime

from itops.backup.copies import CopyKind
from itops.backup.judgement.candidates import aware
from itops.backup.judgement.identity import is_other_object, kind_of
from itops.backup.judgement.proven import faults_of, header_of, level_of, proofs_of
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.policy import Job, Protected
from itops.backup.proofs import Proof

_ENCRYPTION_FACTS = (
    "is_encrypted",
    "encryption",
    "headers_encrypted",
    "encrypted_members",
    "encrypted_folders",
    "encrypted_storages",
)


def best_proof(known: KnownCopy) -> Proof | None:
    """The newest of those that reached the highest level; None while nobody has read it."""
    reached = [proof for proof in proofs_of(known) if proof.examination.level is not None]
    return max(reached, key=lambda proof: (proof.examination.level or Level.SEEN, proof.proved_at), default=None)


def is_sound(known: KnownCopy, protected: Protected, job: Job) -> bool:
    """Whether it is here, whole, of this object, no longer growing, and nothing is known to be wrong with it."""
    proofs = proofs_of(known)
    header = header_of(proofs)
    kind = kind_of(header, known.copy.catalogue, known.copy.kind)
    return (
        known.is_here
        and kind in job.kinds
        and kind is not CopyKind.PARTIAL
        and level_of(known, proofs) is not None
        and not faults_of(known, proofs)
        and not is_other_object(protected, header)
    )


def is_proven(known: KnownCopy, job: Job) -> bool:
    """Whether it was read as far as the plan asks for."""
    level = level_of(known, proofs_of(known))
    return level is not None and level >= job.level


def made_at(known: KnownCopy) -> datetime | None:
    """The moment it was made, by the best source that tells; None for one that nobody can date."""
    return next((at for _, at in _told(known)), None)


def moment_source(known: KnownCopy) -> str:
    """What tells when it was made: "header", "catalogue", "name", "modified"; "" for nothing."""
    return next((source for source, _ in _told(known)), "")


def _told(known: KnownCopy) -> list[tuple[str, datetime]]:
    copy, header = known.copy, header_of(proofs_of(known))
    catalogue = copy.catalogue
    told = [
        ("header", aware(header.started_at) or aware(header.finished_at)),
        ("catalogue", (aware(catalogue.started_at) or aware(catalogue.finished_at)) if catalogue else None),
        ("name", aware(copy.named_at)),
        ("modified", aware(copy.modified_at)),
    ]
    return [(source, at) for source, at in told if at is not None]


def started_at(known: KnownCopy) -> datetime | None:
    """When its making began, as its header or its catalogue says: copies of it say the same."""
    header = header_of(proofs_of(known))
    return aware(header.started_at) or (aware(known.copy.catalogue.started_at) if known.copy.catalogue else None)


def sha256_of(known: KnownCopy) -> str | None:
    """The hash of its content, by the newest reading that took one."""
    return next((one.examination.sha256 for one in reversed(proofs_of(known)) if one.examination.sha256), None)


def is_encrypted(known: KnownCopy) -> bool | None:
    """Whether its content is, as the format or the catalogue tells; None where neither does."""
    proofs = proofs_of(known)
    if any(limit.code == "encrypted" for proof in proofs for limit in proof.examination.limits):
        return True
    told = [dict(known.copy.catalogue.facts)] if known.copy.catalogue else []
    told += [dict(proof.examination.identity.facts) for proof in proofs if proof.examination.identity]
    answers = [facts[name] for facts in told for name in _ENCRYPTION_FACTS if name in facts]
    answers = [answer for answer in answers if answer is not None]
    return any(answer not in (False, 0, "", "none") for answer in answers) if answers else None
