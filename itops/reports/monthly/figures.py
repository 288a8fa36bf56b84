"""Figures and what stands behind each of them. A figure without evidence is not printed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Unit: TypeAlias = Literal["count", "ratio", "bytes", "seconds", "days"]
EvidenceKind: TypeAlias = Literal[
    "scan", "thing", "change", "log", "slot", "copy", "proof", "drill", "custody", "database", "asset", "document",
    "delivery", "service", "setting", "exception", "figure",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that a figure was counted from."""

    kind: EvidenceKind
    ref: (
        str  # how people find it: "vc01 2026-11-21T20:00:00Z", "removed-3f9a1c2b", "log 12", "daily 1405-08-03 sql01/X"
    )
    at: datetime | None = None
    note: str = ""  # a name or a state, as it is: never a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number of the report. `value` None: it cannot be known, and `reason` is the code why; printed as a dash."""

    id: str  # "servers.total", "backup.daily.ok": dotted, lower case; what `itops report explain` is asked for
    value: float | None
    unit: Unit = "count"
    of: float | None = None  # the denominator, where it is "26 of 27" or a ratio of counts
    part: float | None = None  # the numerator of a ratio
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBook:
    """All figures of a report by id, in the order they were made."""

    figures: Mapping[str, Figure] = field(default_factory=dict)

    @classmethod
    def of(cls, *groups: Iterable[Figure]) -> "FigureBook":
        """All of them; raises ValueError for an id that is used twice: two truths under one name."""
        book: dict[str, Figure] = {}
        for group in groups:
            for figure in group:
                if figure.id in book:
                    raise ValueError(f"two figures are called {figure.id}")
                book[figure.id] = figure
        return cls(figures=book)

    def __getitem__(self, figure_id: str) -> Figure:
        return self.figures[figure_id]


def count_of(figure_id: str, evidence: Iterable[Evidence], *, of: float | None = None) -> Figure:
    """How many things there are: as many as there is evidence."""
    behind = tuple(evidence)
    return Figure(id=figure_id, value=len(behind), of=of, evidence=behind)


def ratio_of(figure_id: str, part: int, whole: int, evidence: Iterable[Evidence], *, reason: str = "nothing") -> Figure:
    """`part` of `whole`, 0 to 1; unknown where there is nothing to count."""
    value = part / whole if whole else None
    why = "" if whole else reason
    return Figure(id=figure_id, value=value, unit="ratio", part=part, of=whole, reason=why, evidence=tuple(evidence))
