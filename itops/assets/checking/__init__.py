"""Judge the register by its own words and those of machines: what is missing, contradictory, double, stale or due."""

from collections.abc import Iterator

from itops.assets.checking.codes import CODES
from itops.assets.checking.contradictions import contradictions
from itops.assets.checking.dues import batteries, dues
from itops.assets.checking.duplicates import duplicates
from itops.assets.checking.findings import AssetFinding, Look
from itops.assets.checking.missing import missing
from itops.assets.checking.whereabouts import support, unlooked, whereabouts
from itops.verdict import State, severity, worst

__all__ = ["CODES", "AssetFinding", "Look", "check", "verdict"]

_OF_EACH = (missing, contradictions, dues, whereabouts, support)


def check(look: Look) -> tuple[AssetFinding, ...]:
    """Every finding that the office did not decide to ignore, the worst first, then by code and asset."""
    ignored = frozenset(look.policy.ignore)
    return tuple(sorted((one for one in _all(look) if one.code not in ignored), key=_order))


def _all(look: Look) -> Iterator[AssetFinding]:
    yield from unlooked(look)
    yield from duplicates(look)
    yield from batteries(look)
    for asset in look.register.assets:
        for rule in _OF_EACH:
            yield from rule(asset, look)


def _order(finding: AssetFinding) -> tuple[int, str, str, tuple[str, ...]]:
    return -severity(finding.state), finding.code, finding.asset_id or "", finding.evidence


def verdict(findings: tuple[AssetFinding, ...]) -> State:
    """The worst of them; advice is OK."""
    return worst(finding.state for finding in findings)
