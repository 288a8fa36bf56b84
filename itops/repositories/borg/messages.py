"""What borg writes to stderr with --log-json: one JSON object a line, mixed with plain warnings and tracebacks."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from itops.backup.copies import Fault
from itops.errors import SourceUnavailable
from itops.programs import Outcome
from itops.repositories.products import Product

_INTEGRITY = re.compile(r"(?:Data integrity error|IntegrityError)[^:]*: *(.*)", re.DOTALL)
_SEGMENT = re.compile(r"\[segment (\d+), offset (\d+)\]")
_STRUCTURE = re.compile(r"Missing (?:file|metadata) chunk|Archive metadata block|chunk is missing|Orphan|mismatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line. `id` is borg's own name for an error, "Repository.DoesNotExist"; "" for everything else."""

    text: str
    level: str = ""
    id: str = ""


def messages(stderr: str) -> Iterator[Message]:
    """All of them."""
    for line in stderr.splitlines():
        try:
            told = json.loads(line)
            text = str(told["message"])
        except (ValueError, KeyError, TypeError, RecursionError):
            if line.strip():
                yield Message(text=line)
            continue
        yield Message(text=text, level=str(told.get("levelname") or ""), id=str(told.get("msgid") or ""))


# By what borg calls it, or by its words where it has no name for it (a prompt that got no answer).
_REFUSALS: tuple[tuple[str, str, str], ...] = (
    (
        r"LockTimeout|LockFailed|LockError|Failed to create/acquire the lock",
        "is busy: another borg has locked it",
        "nothing: it is looked at again; if nobody works on it, run `borg break-lock`",
    ),
    (
        r"PassphraseWrong|PasswordRetriesExceeded|passphrase supplied .* is incorrect|can not acquire a passphrase",
        "refuses the passphrase",
        "check `password`",
    ),
    (r"KeyfileNotFound|RepoKeyNotFound", "has no key here", "export the key and give it to this account"),
    (
        r"RepositoryReplay|newer than repository",
        "is older than this machine remembers it: it was put back, or its last backups were cut off",
        "compare its archives with what itops saw last; see Borg's FAQ on this message before deleting anything",
    ),
    (
        r"RepositoryAccessAborted|Repository access aborted",
        "lies elsewhere than when this account last used it",
        "if you moved it, set allow_relocated: true; otherwise see who put it there",
    ),
    (
        r"CacheInitAbortedError|Cache initialization aborted",
        "is not encrypted, and this account never used it",
        "if it is the right one, set allow_unencrypted: true; otherwise somebody replaced it",
    ),
    (
        r"Repository\.DoesNotExist|InvalidRepository|not a valid repository|^Repository .* does not exist",
        "has no borg repository in it, or has lost its file `config`",
        "check `path` or `address`, and whether the disk is mounted",
    ),
    (
        r"ConnectionClosed|Connection closed by remote|Could not resolve|Connection refused|ssh:",
        "cannot be reached",
        "check `address`, the network, and that borg is installed there",
    ),
    (r"Permission denied|PathPermissionDenied", "may not be read by this account", "check its rights"),
)


def refusal(product: Product, outcome: Outcome) -> SourceUnavailable | None:
    """Why borg did nothing, where it is a reason that we know; None also when it found damage."""
    if outcome.code in {0, 1} or outcome.is_timeout:
        return None
    told = list(messages(outcome.stderr))
    for pattern, problem, remedy in _REFUSALS:
        matching = [it for it in told if re.search(pattern, it.id) or re.search(pattern, it.text)]
        if matching:
            said = product.quote(*(it.text for it in matching))
            return SourceUnavailable(f"the borg repository {problem}: {said}", remedy=remedy)
    return None


def faults(outcome: Outcome) -> tuple[Fault, ...]:
    """What a check that ended with errors found; at most twenty, never none."""
    return damages(outcome) or (Fault(code="reported-damaged"),)


def damages(outcome: Outcome) -> tuple[Fault, ...]:
    """The damage that borg speaks of; at most twenty. None: whatever it says is about something else."""
    found: dict[tuple[str, str], Fault] = {}
    for message in messages(outcome.stderr):
        fault = _fault(message)
        if fault is not None:
            found.setdefault((fault.code, fault.place), fault)
    return tuple(found.values())[:20]


def _fault(message: Message) -> Fault | None:
    text = message.text
    if where := _SEGMENT.search(text):
        place = f"segment {where[1]}, offset {where[2]}"
        return Fault(code="cut" if "short read" in text else "checksum-mismatch", place=place)
    if text.startswith("Index object count mismatch"):
        return Fault(code="member-missing", place="segments")
    if _INTEGRITY.search(text) or _STRUCTURE.search(text):
        return Fault(code="structure-damaged", place=text[:200])
    return None
