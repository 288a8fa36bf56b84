"""One finding about the register, and what rules look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from itops.assets.ages import NOTHING, Observed
from itops.assets.budget.rules import Facts
from itops.assets.budget.years import Years
from itops.assets.checking.codes import CODES
from itops.assets.policy import AssetPolicy
from itops.assets.records import Asset, Register
from itops.assets.support_ends import SupportTable, built_in
from itops.verdict import State


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetFinding:
    """What is not as it should be. State.OK is advice. `facts`: what the sentence of the code is filled with."""

    code: str
    state: State
    asset_id: str | None = None  # None: about the register as a whole
    facts: Facts = field(default_factory=dict)
    evidence: tuple[str, ...] = ()  # fields of the asset, "observed.FIELD" of the machine, or ids of other assets


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that is judged, and when. `observed` None: no scan ever told anything."""

    register: Register
    policy: AssetPolicy
    years: Years
    now: datetime
    today: date
    observed: Mapping[str, Observed] | None = None
    support: SupportTable = field(default_factory=built_in)
    owners: Mapping[str, Asset] = field(init=False, repr=False)  # every asset by its id

    def __post_init__(self) -> None:
        """Indexed once: a look up in the register itself walks through all of it."""
        object.__setattr__(self, "owners", {asset.id: asset for asset in self.register.assets})

    def seen(self, asset: Asset) -> Observed:
        """What machines say of an asset."""
        return (self.observed or {}).get(asset.id, NOTHING)


def found(code: str, asset: Asset | None, *evidence: str, **facts: str | int | float | bool | None) -> AssetFinding:
    """A finding with the state of its code."""
    asset_id = asset.id if asset else None
    return AssetFinding(code=code, state=CODES[code], asset_id=asset_id, facts=facts, evidence=evidence)
