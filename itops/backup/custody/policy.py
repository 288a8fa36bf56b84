"""Places and limits of off-site custody: the `backup.custody` section of itops.yaml.

Nothing is looked up anywhere: a place is what its keeper calls it, a person is a name as it was told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from itops.names import Names

OpenDay: TypeAlias = Literal["saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday"]
"""As `itops.backup.policy.Weekday`, which builds on this file."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOfCustody:
    """Somewhere a medium can lie: a box in a vault, a cupboard of the office, a carrier's safe."""

    name: Names  # as it is printed on receipts
    kind: Literal["vault", "office", "transit"] = "vault"
    branch: str = ""  # of the bank, as people write it
    box: str = ""  # number of the box
    open: tuple[OpenDay, ...] = ("saturday", "sunday", "monday", "tuesday", "wednesday")

    def __post_init__(self) -> None:
        if not self.open:
            raise ValueError("open: a place that never opens takes nothing; name its weekdays")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyPolicy:
    """Places and limits. A limit is kept by the day it names, and broken by the moment after."""

    places: Mapping[str, PlaceOfCustody] = field(default_factory=dict)
    prefix: str = "M"  # of the ids of media: M0001-7
    in_transit: timedelta = _DAY
    away_from_vault: timedelta = 45 * _DAY  # of a medium that was in a vault
    deposit_grace: timedelta = 7 * _DAY  # after a slot's own grace: the next open day of the place then is the last
    test_read_every: timedelta = 180 * _DAY
    key_test_every: timedelta = 365 * _DAY  # of encrypted media: opened with the key from its escrow
    reconcile_every: timedelta = 365 * _DAY
    record_within: timedelta = 3 * _DAY  # what is written down later than this is hearsay
    life_of_disk: timedelta = 5 * 365 * _DAY
    tape_passes: int = field(default=200, metadata={"range": (1, 20_000)})  # writings of one tape
    copies: int = field(default=1, metadata={"range": (1, 10)})  # media that hold each slot in the place
    needs_seal: bool = True
    needs_encryption: bool = False

    def __post_init__(self) -> None:
        if not (self.prefix.isascii() and self.prefix.isalpha() and self.prefix.isupper()):
            raise ValueError(f'prefix: "{self.prefix}" should be capital letters: M')

    def kind_of(self, place: str) -> str:
        """vault, office or transit; "" for a place that is no longer in itops.yaml."""
        known = self.places.get(place)
        return "" if known is None else known.kind

    def is_vault(self, place: str) -> bool:
        """Whether a medium there is off-site."""
        return self.kind_of(place) == "vault"
