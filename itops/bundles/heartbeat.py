"""The heartbeat: an office tells headquarters that its itops lives, signed; silence is what headquarters looks for.

It holds counts and moments, never a name, an address or a path. It is one file, as a receipt is: the line of canonical
JSON that is signed, then its armored signature; so `head -1 FILE | ssh-keygen -Y verify ...` checks it as well. Its
order is `made_at`: one that is not newer than the newest that was seen is a replay. Nobody can be made to look alive by
it: it is as old as it says.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import NotAManifest, canonical, moment_of, moment_text, read_canonical
from itops.bundles.objections import Objection
from itops.bundles.pings import Pulse
from itops.bundles.signing import Claim, check_signature
from itops.bundles.sshsig import sign
from itops.bundles.targets import HEARTBEAT_MAX_BYTES, HeartbeatFile

SCHEMA = "itops.heartbeat/1"
HEARTBEAT_NAMESPACE = "itops-heartbeat"
CLOCK_SLACK = timedelta(minutes=5)
"""A heartbeat may be made so far in the future: two clocks that nearly agree."""

_OFFICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
_PERIOD = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_MOST = 10_000_000
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What the office says with its signature."""

    office: str
    made_at: datetime  # aware, UTC, whole seconds; the office's own word, and the order of its heartbeats
    tool_version: str
    report: str | None = None  # the newest period whose report headquarters has signed for
    beat_at: datetime | None = None  # of its scheduler; None: it never ticked
    evaluated_at: datetime | None = None  # when anything was last judged
    pulse: Pulse = field(default_factory=Pulse)


class NotAHeartbeat(ValueError):
    """The bytes are no heartbeat; it says why."""


def make_heartbeat(heartbeat: Heartbeat) -> Heartbeat:
    """The same as it can be said: whole seconds, UTC. Raises ValueError for what none can say."""
    made = replace(
        heartbeat,
        made_at=_whole(heartbeat.made_at),
        beat_at=None if heartbeat.beat_at is None else _whole(heartbeat.beat_at),
        evaluated_at=None if heartbeat.evaluated_at is None else _whole(heartbeat.evaluated_at),
    )
    _check(made)
    return made


def write_heartbeat(heartbeat: Heartbeat, private_key: bytes) -> HeartbeatFile:
    """The heartbeat as it travels, signed by the 32 raw bytes of the office's key. Raises ValueError."""
    made = make_heartbeat(heartbeat)
    body = heartbeat_bytes(made)
    content = body + sign(body, private_key, HEARTBEAT_NAMESPACE).encode()
    return HeartbeatFile(office=made.office, made_at=made.made_at, content=content)


def heartbeat_bytes(heartbeat: Heartbeat) -> bytes:
    """What is signed."""
    pulse = heartbeat.pulse
    return canonical(
        {
            "schema": SCHEMA,
            "office": heartbeat.office,
            "made_at": moment_text(heartbeat.made_at),
            "tool_version": heartbeat.tool_version,
            "report": heartbeat.report,
            "beat_at": _maybe_text(heartbeat.beat_at),
            "evaluated_at": _maybe_text(heartbeat.evaluated_at),
            "checks": {name: getattr(pulse, name) for name in _CHECKS},
            "runs": {"ok": pulse.runs_ok, "failed": pulse.runs_failed},
        }
    )


def read_heartbeat(content: bytes) -> Heartbeat:
    """What it says, whoever says it; raises NotAHeartbeat, also where it is spelled in another way than ours."""
    body, _ = _halves(content)
    try:
        heartbeat = _heartbeat_of(read_canonical(body, HEARTBEAT_MAX_BYTES))
        _check(heartbeat)
        is_ours = heartbeat_bytes(heartbeat) == body
    except NotAManifest as wrong:
        raise NotAHeartbeat(str(wrong)) from None
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as wrong:
        said = f"{type(wrong).__name__}: {wrong}"[:_LONGEST_TEXT]
        raise NotAHeartbeat(f"it does not say what a heartbeat says ({said})") from None
    if not is_ours:
        raise NotAHeartbeat("it says more than a heartbeat says, or spells it in another way")
    return heartbeat


def check_heartbeat(
    content: bytes,
    keys: Sequence[AllowedKey],
    at: datetime,
    *,
    office: str | None = None,
    newest: datetime | None = None,
) -> tuple[Heartbeat | None, tuple[Objection, ...]]:
    """The heartbeat, and what speaks against it at that moment of the verifier's own clock.

    `office`: whose it was announced as, by its file's name or a token. `newest`: `made_at` of the newest that was seen.
    """
    try:
        heartbeat = read_heartbeat(content)
    except NotAHeartbeat as wrong:
        return None, (Objection("heartbeat.unreadable", {"problem": str(wrong)}),)
    body, armored = _halves(content)
    claim = Claim(noun="heartbeat", namespace=HEARTBEAT_NAMESPACE, signer=heartbeat.office)
    signed = check_signature(body, armored, claim, keys, at)
    return heartbeat, (*signed, *_check_claims(heartbeat, at, office, newest))


def _check_claims(
    heartbeat: Heartbeat, at: datetime, office: str | None, newest: datetime | None
) -> Iterator[Objection]:
    if office not in (None, heartbeat.office):
        yield Objection("heartbeat.other-office", {"office": heartbeat.office, "expected": str(office)})
    made_at = moment_text(heartbeat.made_at)
    if heartbeat.made_at - at > CLOCK_SLACK:
        yield Objection("heartbeat.from-future", {"made_at": made_at, "now": moment_text(at)})
    if newest is not None and heartbeat.made_at <= newest:
        yield Objection("heartbeat.replayed", {"made_at": made_at, "newest": moment_text(newest)})


_CHECKS = ("ok", "warning", "critical", "unknown", "stale")


def _halves(content: bytes) -> tuple[bytes, bytes]:
    if len(content) > HEARTBEAT_MAX_BYTES:
        raise NotAHeartbeat("it is too long")
    body, line_end, armored = content.partition(b"\n")
    return body + line_end, armored


def _heartbeat_of(plain: Mapping[str, Any]) -> Heartbeat:
    if plain["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    runs = plain["runs"]
    return Heartbeat(
        office=plain["office"],
        made_at=moment_of(plain["made_at"]),
        tool_version=plain["tool_version"],
        report=plain["report"],
        beat_at=_maybe_moment(plain["beat_at"]),
        evaluated_at=_maybe_moment(plain["evaluated_at"]),
        pulse=Pulse(**plain["checks"], runs_ok=runs["ok"], runs_failed=runs["failed"]),
    )


def _check(heartbeat: Heartbeat) -> None:
    for text, shape, noun in (
        (heartbeat.office, _OFFICE, "office"),
        (heartbeat.tool_version, _WORD, "tool version"),
        ("0000" if heartbeat.report is None else heartbeat.report, _PERIOD, "period"),
    ):
        if not isinstance(text, str) or not shape.fullmatch(text):
            raise ValueError(f"the {noun} is not written as one")
    pulse = heartbeat.pulse
    for count in (*(getattr(pulse, name) for name in _CHECKS), pulse.runs_ok, pulse.runs_failed):
        if type(count) is not int or not 0 <= count <= _MOST:
            raise ValueError(f"a count is not a number from 0 to {_MOST:,}")


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _maybe_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def _maybe_moment(text: object) -> datetime | None:
    return None if text is None else moment_of(str(text))
