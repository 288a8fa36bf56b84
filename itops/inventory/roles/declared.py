"""What somebody declared about a VM: a custom attribute, a tag, a line `role: wsus` (`نقش: ...`) in its notes."""

import re
from collections.abc import Iterator

from itops.inventory.entities import Entity, Place, Value
from itops.inventory.roles.evidence import Evidence, EvidenceKind
from itops.inventory.roles.rules import RoleRules
from itops.inventory.roles.words import squeezed

_LINE = re.compile(r"^[\s\-*•#>]*(?P<name>[^:=：\n]{1,60}?)\s*[:=：]\s*(?P<value>.+)$")
_SEPARATOR = re.compile(r"[,،;؛/|+&]|\s+(?:and|و)\s+")
# "sql (main)" and "sql - since 1402" declare sql: what follows explains it.
_REMARK = re.compile(r"\(.*?(?:\)|$)|\s[-\u2013\u2014]\s.*$")
_MOST_NOTES = 20_000


def declared_evidence(entity: Entity, rules: RoleRules) -> Iterator[Evidence]:
    """Every declared role, with the words that declare it."""
    for place, value in _declarations(entity, rules):
        for part in _SEPARATOR.split(_REMARK.sub("", value)):
            role = rules.typed(part) if part.strip() else None
            if role is not None:
                yield Evidence(
                    role=role,
                    kind=EvidenceKind.DECLARED,
                    detail=f'{place} says "{value.strip()[:80]}"',
                    source=entity.source,
                    observed_at=entity.seen_at,
                )


def _declarations(entity: Entity, rules: RoleRules) -> Iterator[tuple[str, str]]:
    for name, value in _entries(entity.get(Place.CUSTOM_ATTRIBUTES)):
        if squeezed(name) in rules.declaring:
            yield f'custom attribute "{name}"', value
    for category, tag in _entries(entity.get(Place.TAGS)):
        if squeezed(category) in rules.declaring:
            yield f'tag of category "{category}"', tag
    notes = entity.get("config.annotation")
    for line in notes[:_MOST_NOTES].splitlines() if isinstance(notes, str) else ():
        found = _LINE.match(line)
        if found and squeezed(found["name"]) in rules.declaring:
            yield f'line "{found["name"].strip()}" of the notes', found["value"]


def _entries(table: Value) -> Iterator[tuple[str, str]]:
    """The pairs of {"name": "value"} and of {"name": ["value", ...]}."""
    for name, value in table.items() if isinstance(table, dict) else ():
        for single in value if isinstance(value, list) else [value]:
            if isinstance(single, str):
                yield name, single
