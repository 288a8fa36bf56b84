"""Findings in words: for people, and as rows of the RVTools sheet vHealth."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from itops.inventory.entities import Kind
from itops.inventory.health.finding import Finding, NotJudged
from itops.reports.words import Words

_NAMED_BY_PATH = frozenset({"zombie.disk", "zombie.vm"})  # RVTools names the file, not its datastore


class HealthRow(NamedTuple):
    """Three cells of vHealth; the writer adds server and its UUID by `source`."""

    name: str
    message: str
    message_type: str
    source: str


def title_of(finding: Finding, words: Words) -> str:
    """The short class of a finding."""
    return words.say("health", finding.code, "title")


def message_of(finding: Finding, words: Words) -> str:
    """What was found, with the numbers that decided."""
    return words.say("health", finding.code, "message", data=finding.data)


def remedy_of(finding: Finding, words: Words) -> str:
    """What to do about it."""
    return words.say("health", finding.code, "remedy")


def reason_of(spot: NotJudged, words: Words) -> str:
    """Why a rule could not judge a source."""
    return words.say("not_judged", spot.reason, data={"missing": ", ".join(spot.missing)})


def health_rows(findings: Iterable[Finding], words: Words) -> Iterator[HealthRow]:
    """Rows of vHealth: those of hosts first, then the rest, each part in the order given. Cells are plain text;
    escaping for a spreadsheet is the writer's."""
    for finding in sorted(findings, key=lambda one: one.subject_kind is not Kind.HOST):
        path = finding.data.get("path")
        by_path = finding.code in _NAMED_BY_PATH and isinstance(path, str)
        yield HealthRow(
            name=str(path) if by_path else finding.subject,
            message=message_of(finding, words),
            message_type=title_of(finding, words),
            source=finding.source,
        )
