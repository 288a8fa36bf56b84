"""Whose copy it is: the right database, from the right server, of the kind it is filed under."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from itops.backup.copies import CopyKind, Identity
from itops.backup.judgement.candidates import BY_AGE, Candidate, told
from itops.backup.judgement.question import Question
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import Protected
from itops.facts import Fact
from itops.verdict import State

_SAME_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "\u200c": None})
"""Arabic keyboards write other code points for the letters a Persian name is spelled with."""


def is_other_object(protected: Protected, header: Identity) -> bool:
    """Whether a copy says it is of another database or machine. The paths in file sets name no object."""
    return protected.kind != "files" and bool(header.object) and _folded(header.object) != _folded(protected.name)


@lru_cache(maxsize=1 << 12)
def _folded(name: str | None) -> str:
    return unicodedata.normalize("NFKC", name or "").translate(_SAME_LETTERS).casefold().strip()


def is_other_server(expected: str | None, header: Identity) -> bool:
    """Whether a copy names another server; `sql01` and `SQL01.office.example` are one, another instance is another."""
    return bool(expected and header.server) and _host(expected) != _host(header.server)


def _host(server: str | None) -> tuple[str, str]:
    host, _, instance = _folded(server).partition("\\")
    return host.partition(".")[0], instance


def kind_of(header: Identity, catalogue: Identity | None, listed: CopyKind) -> CopyKind:
    """The best told kind: the header's, the catalogue's, the listing's."""
    told_kinds = (header.kind, CopyKind.UNKNOWN if catalogue is None else catalogue.kind, listed)
    return next((kind for kind in told_kinds if kind is not CopyKind.UNKNOWN), CopyKind.UNKNOWN)


def identity_findings(question: Question, candidates: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """Each copy of something else; once each, what is merely odd about several."""
    here = [candidate for candidate in candidates if candidate.is_here]
    for candidate in here:
        if is_other_object(question.object, candidate.identity):
            names = {"expected": question.object.name, "found": candidate.identity.object}
            yield _finding("wrong-object", State.CRITICAL, [candidate], **names)
    servers = [candidate for candidate in here if is_other_server(question.expected_server, candidate.identity)]
    if servers:
        found = _newest(servers).identity.server
        yield _finding("wrong-server", State.WARNING, servers, expected=question.expected_server, found=found)
    formats = [candidate for candidate in here if _format_of(candidate) not in (None, question.job.format)]
    if question.job.format is not None and formats:
        found = _format_of(_newest(formats))
        yield _finding("wrong-format", State.WARNING, formats, expected=question.job.format, found=found)
    kinds = [candidate for candidate in here if _is_misfiled(candidate)]
    if kinds:
        newest = _newest(kinds)
        listed = _filed_as(newest)
        yield _finding("kind-disagrees", State.WARNING, kinds, expected=listed.value, found=newest.identity.kind.value)
    yield from _replaced_database(here)


def _newest(candidates: Sequence[Candidate]) -> Candidate:
    return max(candidates, key=BY_AGE)


def _finding(code: str, state: State, candidates: Sequence[Candidate], **facts: Fact) -> BackupFinding:
    newest = _newest(candidates)
    everywhere: dict[str, Fact] = {"copies": len(candidates), "repository": newest.known.copy.repository}
    return BackupFinding(code=code, state=state, subject=newest.known.copy.key, facts={**everywhere, **facts})


def _format_of(candidate: Candidate) -> str | None:
    """What the newest examination took it for; None for one that no format knew, which is a fault of its own."""
    return candidate.proofs[-1].examination.format if candidate.proofs else None


def _filed_as(candidate: Candidate) -> CopyKind:
    catalogue = candidate.known.copy.catalogue
    return kind_of(Identity(), catalogue, candidate.known.copy.kind)


def _is_misfiled(candidate: Candidate) -> bool:
    """Whether one calls it full and the other does not: makers' other kinds have many names."""
    said = candidate.identity.kind
    if said is CopyKind.UNKNOWN or said is candidate.known.copy.kind:
        return False
    filed = _filed_as(candidate)
    return CopyKind.UNKNOWN not in (said, filed) and (said is CopyKind.FULL) != (filed is CopyKind.FULL)


def _replaced_database(here: Sequence[Candidate]) -> Iterator[BackupFinding]:
    """Older copies have another database id than the newest: somebody put another there, and they are of the old one.

    Told by the first copy of the new one, for as long as one of the old is kept.
    """
    known = sorted((one for one in here if one.is_dated and _database_id(one)), key=BY_AGE)
    for newer, older in pairwise(reversed(known)):
        before, after = _database_id(older), _database_id(newer)
        if before != after:
            facts: dict[str, Fact] = {"before": before, "after": after, "reference_at": told(newer.reference.at)}
            yield _finding("database-replaced", State.WARNING, [newer], **facts)
            return


def _database_id(candidate: Candidate) -> str | None:
    return None if candidate.chain is None else candidate.chain.database_id
