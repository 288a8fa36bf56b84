"""Why an entry is not taken into the register of custody, and what to do instead, in words for the person on duty."""

from collections.abc import Mapping

from itops.backup.custody.objections import Objection
from itops.errors import InputInvalid, ItopsError, UsageWrong
from itops.text import plain

_LOOK = "look at `itops media show {medium}`"
_DISKS = frozenset({"wrong-disk", "disk-known", "not-recognised"})

REFUSALS: Mapping[str, tuple[str, str]] = {
    "no-zone": ("the moment has no time zone", "write it as 1405-09-02 10:30: the office's zone is meant"),
    "person-missing": ("a person is not named", "name both persons as they sign the receipt"),
    "one-person": ("both persons are {person}", "name two persons: whoever hands over is not whoever takes over"),
    "label-wrong": (
        "{medium} is no id of a medium: its check digit is wrong",
        "read the label again; `itops media show` lists them",
    ),
    "unknown-medium": ("there is no medium {medium} in the register", "`itops media show` lists them"),
    "already-added": ("{medium} is in the register already", _LOOK),
    "disk-known": (
        "this disk is in the register already, as {medium} ({told})",
        "use that id, or retire that medium first",
    ),
    "wrong-disk": (
        "this is not {medium}: the register knows it by {recorded}, the machine sees {told}",
        "take it out and look at its label; --record-incident writes down that a wrong disk was in its place",
    ),
    "not-recognised": (
        "nothing tells that this is {medium}: neither its file system, its serial number nor a note of itops on it",
        "check that the right disk is mounted at {folder}",
    ),
    "is-retired": ("{medium} is retired", "use another medium"),
    "out-of-order": (
        "the register has a later entry of this medium, of {last_at}",
        "check --at; what happened in between cannot be written down any more",
    ),
    "future": ("{at} is in the future", "check --at and the clock of this machine"),
    "in-transit": (
        "it is on its way to {place}: it was handed out and never came in",
        "first tell who received it: `itops media receive`",
    ),
    "not-in-transit": (
        "it was not handed out: the register has it in {place}",
        "first tell who handed it out: `itops media move`",
    ),
    "is-sealed": ("it is sealed under {seal}", "give the number of the seal that you opened: --opened-seal"),
    "not-sealed": ("the register has no seal on it", "leave the seal out, or seal it first: `itops media seal`"),
    "seal-unsaid": ("it is sealed under {seal}", "tell how the seal was: --seal NUMBER when intact, or --seal-broken"),
    "seal-differs": (
        "the register has seal {seal} on it, not {told}",
        "read the number again; if it is another seal, say --seal-broken and look for what was exchanged",
    ),
    "seal-missing": ("the seal has no number", "give the number that is stamped on the seal"),
    "seal-reused": ("seal {seal} was used before", "take a new seal: a number that comes twice proves nothing"),
    "not-written": ("nothing was ever recorded as written on it", "first `itops media write`"),
    "other-place": ("the register has it in {place}", _LOOK),
    "same-place": ("it is in {place} already", "name the place that it goes to"),
    "receipt-differs": (
        "the receipt has the manifest hash {told}, the register {manifest_hash}",
        "compare medium, receipt and register: the paper is of another content",
    ),
    "nothing-to-close": ("there is no open incident {number}", "`itops media show` lists the open ones"),
    "place-unknown": (
        "there is no place {place} in the plan",
        "use one of: {places}; they stand in itops.yaml under backup.custody.places",
    ),
    "in-vault": ("it is in {place}", "bring it back first: `itops media move`"),
    "unsealed": ("it has no seal, and goes to {place}", "seal it first: `itops media seal`"),
    "unencrypted": (
        "{medium} is not encrypted, and the plan wants what leaves the office encrypted",
        "use an encrypted medium, or change backup.custody.needs_encryption",
    ),
}


class WrongDisk(InputInvalid):
    """The disk that is there is not the one that the label, or the command, says."""


def refused(objection: Objection, **more: str) -> ItopsError:
    """The error to raise; exit code 65 where a disk is another one, else 64."""
    problem, remedy = REFUSALS[objection.code]
    facts = {name: plain(str(value)) for name, value in {"medium": "", **more, **objection.facts}.items()}
    kind = WrongDisk if objection.code in _DISKS else UsageWrong
    return kind(problem.format_map(facts), remedy=remedy.format_map(facts))
