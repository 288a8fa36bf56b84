"""Why restic refused to do anything at all, and what helps."""

import re

from itops.errors import SourceUnavailable
from itops.programs import Outcome
from itops.repositories.products import Product

# Codes 10, 11 and 12 are of restic 0.17 and newer; before, all is 1 and only the text differs.
_REFUSALS: tuple[tuple[int, str, str, str], ...] = (
    (
        11,
        r"already locked|unable to create lock",
        "is busy: another restic has locked it",
        "wait for that restic, and try again; if it is dead, its lock is left over: `restic unlock` removes it",
    ),
    (
        12,
        r"wrong password|no key found|empty password|unable to open .*password",
        "refuses the password, or its key is gone",
        "check `password`; without its folder keys/ a repository is lost",
    ),
    (
        10,
        r"Is there a repository at|unable to open config file|repository does not exist",
        "has no restic repository in it, or has lost its file `config`",
        "check `path` or `address`, and whether the disk is mounted",
    ),
    (
        -1,
        r"unable to open repository|dial tcp|connection refused|no such host|timed? ?out|ssh: ",
        "cannot be reached",
        "check `address`, the network and the login",
    ),
    (-1, r"permission denied", "may not be read by this account", "check the rights of the repository"),
)
_LOCK = re.compile(r"already locked (?P<who>.*)\s+lock was created at (?P<since>[0-9-]+ [0-9:]+)")


def refusal(product: Product, outcome: Outcome) -> SourceUnavailable | None:
    """The reason to give up, where it is one that we know: which repository, why, and what restic said, in one line."""
    if outcome.code == 0:
        return None
    for code, pattern, problem, remedy in _REFUSALS:
        if outcome.code == code or re.search(pattern, outcome.stderr, re.IGNORECASE):
            place = " ".join(filter(None, ("the restic repository", product.environment.get("RESTIC_REPOSITORY"))))
            said = " ".join(_without_preface(product.quote(outcome.stderr)).split())
            return SourceUnavailable(f"{place} {problem}{said and ': '}{said}", remedy=remedy)
    return None


def _without_preface(said: str) -> str:
    """Of a lock, who holds it and since when: the rest says the same once more, and a command."""
    lock = _LOCK.search(said)
    return said if lock is None else f"{lock['who']}, since {lock['since']}"
