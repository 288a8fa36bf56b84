"""The `delivery` section of itops.yaml: by which ways bundles go to headquarters, and whose receipts count."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias, get_args

from itops.bundles.keys import RECEIPT_NAMESPACE, AllowedKey, PublicKey

Profile: TypeAlias = Literal["internal", "hq", "public"]
"""What a report that leaves the office keeps: all of it; no persons and no paths; nothing but numbers and words."""
PROFILES: tuple[Profile, ...] = get_args(Profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadquartersKey:
    """One key that signs receipts. Two may overlap while one replaces the other."""

    key: PublicKey
    valid_from: date | None = None  # the first day (UTC) on which it counts
    valid_to: date | None = None  # the last one

    def __post_init__(self) -> None:
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            raise ValueError("valid_to: is before valid_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """What the office wants of delivery."""

    headquarters: tuple[HeadquartersKey, ...] = ()
    """Whose receipts count. Without any, nothing is ever delivered: bundles stay `sent`."""
    redaction: Profile = "internal"
    """What is taken out of the report for its readers elsewhere, where the command line says nothing else."""
    max_delay: timedelta = timedelta(days=3)
    """A bundle that is not delivered so long after it was made is late: a warning, then an alert."""
    targets: Mapping[str, Any] = field(default_factory=dict)
    """The ways, by name, in the order in which they are tried: plugins, see itops/bundles/targets.py."""

    def __post_init__(self) -> None:
        if self.max_delay <= timedelta():
            raise ValueError("max_delay: should be longer than nothing")

    def receipt_keys(self) -> tuple[AllowedKey, ...]:
        """The keys of headquarters as signatures are judged by them."""
        return tuple(
            AllowedKey(
                signer="headquarters",
                key=one.key,
                valid_from=None if one.valid_from is None else _start(one.valid_from),
                valid_to=None if one.valid_to is None else _start(one.valid_to + timedelta(days=1)),
                namespaces=frozenset({RECEIPT_NAMESPACE}),
            )
            for one in self.headquarters
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatPolicy:
    """The `heartbeat` section: who else hears that the office's itops is alive."""

    headquarters: bool = True
    """A signed heartbeat goes by the ways of delivery, where there are any."""
    pings: Mapping[str, Any] = field(default_factory=dict)
    """Dead-man switches elsewhere, by name: plugins, see itops/bundles/pings.py."""


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
