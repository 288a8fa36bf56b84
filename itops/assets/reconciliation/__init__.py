"""What the register says against what devices say: a plan of proposals. Nothing here changes the register.

Who wins: what people alone know (id, tag, person, purchase ...) is never asked about; of what both know (serial, maker,
model, name) an empty field is proposed, a different one is a conflict and the register stands; the rest stays with the
devices. Nothing is ever deleted; what is not seen is told.
"""

from itops.assets.reconciliation.plan import (
    Ambiguity,
    Conflict,
    DeviceFinding,
    Elsewhere,
    Evidence,
    Item,
    LearnedJunk,
    NewAsset,
    NotSeen,
    Proposal,
    Replacement,
    Revenant,
    ScanPlan,
    SeenDevice,
    SuggestedMatch,
    Unidentified,
)
from itops.assets.reconciliation.planning import reconcile
from itops.assets.reconciliation.values import outdated

__all__ = [
    "Ambiguity",
    "Conflict",
    "DeviceFinding",
    "Elsewhere",
    "Evidence",
    "Item",
    "LearnedJunk",
    "NewAsset",
    "NotSeen",
    "Proposal",
    "Replacement",
    "Revenant",
    "ScanPlan",
    "SeenDevice",
    "SuggestedMatch",
    "Unidentified",
    "outdated",
    "reconcile",
]
