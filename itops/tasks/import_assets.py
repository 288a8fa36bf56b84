"""Import a list of hardware: read a file, plan what it would do to the register, carry the plan out.

The plan is judged as the register itself would be, so that a dry run never promises what the writing would refuse.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itops.assets.records import Register
from itops.assets.tables.fields import catalogue, field_at, problem_with
from itops.assets.tables.headers import NAME, Reading, meaning_of, pattern_of, target_of
from itops.assets.tables.layout import Asked, Layout, found_layout
from itops.assets.tables.planning import ImportPlan, Rules, plan_import
from itops.assets.tables.reconciling import Reconciliation, reconcile
from itops.assets.tables.values import CellReader
from itops.assets.tables.vocabulary import fold, vocabulary
from itops.assets.tables.wishes import Wish, wishes
from itops.config.mistakes import did_you_mean
from itops.config.register.editing import Changed, plan_edits
from itops.config.register.loading import LoadedRegister
from itops.config.register.writing import write_edits
from itops.errors import UsageWrong
from itops.names import Names
from itops.sheets.reading import open_book
from itops.tasks.follow_register import BY_HAND, Memory

_FIELDS = "docs/reference/configuration.md lists the fields; parts by their kind: parts.monitor.asset_tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which file, and what a person says about it."""

    path: Path
    sheet: str | None = None
    fields: Mapping[str, str | None] = field(default_factory=dict)  # header -> field; None leaves the column out
    values: Sequence[tuple[str, str, str]] = ()  # (field, their word, ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A list as it was read."""

    layout: Layout
    wishes: tuple[Wish, ...]

    def headers(self, *readings: Reading) -> list[str]:
        """The headers of the columns that were read in this way."""
        return [one.header for one in self.layout.columns if one.meaning.reading in readings and one.header]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedImport:
    """A list, what it would do, and the register as it would then be."""

    read: ReadList
    plan: ImportPlan
    changed: Changed


def read_list(request: ListRequest, sites: Mapping[str, Names]) -> ReadList:
    """The rows of a file as wishes. Raises InputInvalid or UsageWrong for a file that cannot be read as a list."""
    words = vocabulary()
    asked = Asked(fields=dict(_asked_fields(request.fields)), sheet=request.sheet)
    reader = CellReader(vocabulary=words, sites=sites, added=dict(_added_words(request.values, sites)))
    book = open_book(request.path)
    names = book.names()
    if request.sheet is not None and request.sheet not in names:
        raise UsageWrong(f"{request.path}: there is no sheet {request.sheet!r}", remedy=f"one of: {', '.join(names)}")
    heads = [book.head(name) for name in names if request.sheet in {None, name}]
    layout = found_layout(heads, asked, words)
    return ReadList(layout=layout, wishes=tuple(wishes(book.sheet(layout.sheet), layout, reader)))


def plan(
    request: ListRequest, loaded: LoadedRegister, *, clear: Sequence[str] = (), learned: Sequence[str] = ()
) -> PlannedImport:
    """What importing the file would do. Raises as `read_list`, and ConfigInvalid when no such register could be."""
    read = read_list(request, loaded.register.sites)
    rules = Rules(clear=frozenset(_cleared(read.layout, clear)), learned=tuple(learned))
    planned = plan_import(read.wishes, loaded.register, rules, vocabulary())
    return PlannedImport(read=read, plan=planned, changed=plan_edits(loaded, planned.edits))


def carry_out(planned: PlannedImport, path: Path, memory: Memory, before: Register, by: str | None) -> Changed:
    """Write the register and remember who did it; what was typed into it before is remembered first."""
    memory.take(before, by=None, how=BY_HAND)
    changed = write_edits(path, planned.plan.edits)
    memory.take(changed.register, by=by, how="import")
    return changed


def compare(
    request: ListRequest, register: Register, *, learned: Sequence[str] = ()
) -> tuple[ReadList, Reconciliation]:
    """The register beside the property officer's list."""
    read = read_list(request, register.sites)
    return read, reconcile(read.wishes, register, learned)


def _asked_fields(fields: Mapping[str, str | None]) -> Iterator[tuple[str, str | None]]:
    for header, said in fields.items():
        yield header, None if said is None else _target(said)


def _target(said: str) -> str:
    target = target_of(said)
    if target is None:
        known = [NAME, *(pattern.replace("#", "1") for pattern in catalogue())]
        raise UsageWrong(f"there is no field {said!r}{did_you_mean(said, known)}", remedy=_FIELDS)
    return target


def _cleared(layout: Layout, columns: Sequence[str]) -> Iterator[str]:
    """Columns whose blanks clear, named by their header or their field."""
    for said in columns:
        found = [one.target for one in layout.read if said == one.target or fold(said) == fold(one.header)]
        if not found or found[0] is None:
            headers = ", ".join(one.header for one in layout.read)
            raise UsageWrong(f"no column {said!r} is read", remedy=f"the columns that are read: {headers}")
        if found[0] in {NAME, "id"}:
            raise UsageWrong(f"{said!r} can never be cleared", remedy="leave the option out")
        yield found[0]


def _added_words(
    values: Sequence[tuple[str, str, str]], sites: Mapping[str, Names]
) -> Iterator[tuple[tuple[str, str], str]]:
    for said, theirs, ours in values:
        meaning = meaning_of(said, vocabulary())
        pattern = pattern_of(meaning.target or _target(said))
        field_ = field_at(pattern.replace("#", "1"))
        problem = problem_with(field_.type, ours) if field_ else None
        if pattern == "site" and ours not in sites:
            problem = f"there is no site {ours!r}; use one of: {', '.join(sites)}"
        if problem:
            raise UsageWrong(f"{said}:{theirs}={ours}: {problem}", remedy="write the value as inventory.yaml has it")
        yield (pattern, fold(theirs)), ours
