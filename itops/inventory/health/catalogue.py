"""All rules, in the order of their numbers."""

from collections.abc import Mapping
from itertools import chain

from itops.inventory.entities import Kind
from itops.inventory.health import (
    clusters,
    datastores,
    devices,
    endpoints,
    files,
    guests,
    host_hardware,
    host_settings,
    hosts,
    issues,
    machines,
    networks,
    resources,
    snapshots,
)
from itops.inventory.health.estate import ESTATE_READS
from itops.inventory.health.rule import AnyRule

_MODULES = (
    clusters,
    datastores,
    devices,
    endpoints,
    files,
    guests,
    host_hardware,
    host_settings,
    hosts,
    issues,
    machines,
    networks,
    resources,
    snapshots,
)
RULES: tuple[AnyRule, ...] = tuple(
    sorted(chain.from_iterable(module.RULES for module in _MODULES), key=lambda rule: rule.number)
)
RULE_OF_CODE: Mapping[str, AnyRule] = {code.name: rule for rule in RULES for code in rule.codes}


def paths_read() -> Mapping[Kind, frozenset[str]]:
    """Every property that judging reads, by kind: for `Estate.of(keep=...)` and for sources to ask for."""
    found: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    for kind, path in chain(ESTATE_READS, chain.from_iterable(rule.reads for rule in RULES)):
        found[kind].add(path)
    return {kind: frozenset(paths) for kind, paths in found.items()}
