"""Export the hardware list of a period in headquarters' own columns, tell what is new in it, remember what was sent.

The list is the register as it was at the period's end, so that a period says the same on every later day. Decide
(`plan_export`), record and tell (`carry_out`): a list is remembered only when its file is whole on the disk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from itops.assets.past import Rebuilt, rebuilt
from itops.assets.tables.filling import Background, Form
from itops.assets.tables.mapping import TemplateMapping
from itops.assets.tables.sent import Comparison, Sent, compare, listed, sent
from itops.config.mistakes import Mistake, did_you_mean, refuse
from itops.dates import Period, parse_period
from itops.errors import InputInvalid, StoreUnavailable, UsageWrong
from itops.names import Names
from itops.tasks.export_assets import book_value, filled_form, mapping_named, write_form
from itops.tasks.keep_worklog import attached
from itops.tasks.report.asking import Asking
from itops.tasks.report.hardware import ReadRegister, read_register, register_at
from itops.tasks.report.keeping import folder_of
from itops.text import counted
from itops.worklog.exports import Exported

_FOLDER_MODE = 0o700


class KeepsExports(Protocol):
    """The lists that were made, where they are kept: `Store.worklog`."""

    def record_export(self, exported: Exported, recorded_at: datetime) -> None:
        """One more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """A list before it is written: everything that the command does is decided here."""

    profile: str
    mapping: TemplateMapping
    period: Period
    created_at: datetime  # what stands in the file: the period's first moment, so that the same list has the same bytes
    form: Form
    list: Sent
    last: Exported | None  # what it is compared with
    known: Exported | None  # the last list of exactly this period
    comparison: Comparison
    names: Mapping[str, Names]  # of every asset that the register knows, now or then
    out: Path  # where it goes when nothing else is said


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeExport:
    """A list that was written. `lost`: what the filling of their workbook lost, by name."""

    exported: Exported
    path: Path
    is_remembered: bool  # False: exactly these bytes were remembered of this period before
    lost: tuple[str, ...] = ()


def plan_export(asking: Asking, profile: str) -> ExportPlan:
    """Decide what the list holds and what is new in it; nothing is written.

    Raises UsageWrong for a profile that is none, a period that has not begun and a register without anything to list;
    ConfigInvalid for a wrong mapping or register; InputInvalid for cells that cannot be filled, all of them named.
    """
    if asking.begin > asking.now:
        raise UsageWrong(f"{asking.period.name} has not begun", remedy="a list is of what was")
    mapping = mapping_named(asking.settings.assets.templates, profile)
    _check_system(asking, mapping, profile)
    read, then = _register(asking)
    assets = listed(then.assets, mapping)
    if not assets:
        raise UsageWrong("the register has nothing for this list; nothing was written", remedy="`itops assets list`")
    worth = book_value(asking.settings.assets.budget, asking.settings.office.calendar, asking.today)
    background = Background(today=asking.today, sites=read.register.sites, book_value=worth)
    form = filled_form(mapping, assets, background)
    now = sent(mapping, [asset.id for asset in assets], form.rows)
    last = last_export(asking.memory.exports, profile, asking.period)
    return ExportPlan(
        profile=profile,
        mapping=mapping,
        period=asking.period,
        created_at=asking.begin,
        form=form,
        list=now,
        last=last,
        known=_made_before(asking.memory.exports, profile, asking.period),
        comparison=compare(now, _sent_before(last), mapping),
        names={asset.id: asset.name for asset in (*then.assets, *read.register.assets)},
        out=_usual_place(asking, mapping, profile),
    )


def carry_out(
    plan: ExportPlan, store: KeepsExports, *, by: str, now: datetime, folder: Path, out: Path | None = None
) -> MadeExport:
    """Write the file, then remember it. `folder`: where itops.yaml lies; `out`: instead of the usual place.

    A list of the same period with the same bytes is written, but not remembered once more. Raises UsageWrong,
    InputInvalid where their workbook is not as the mapping says, StoreUnavailable.
    """
    if not by.strip():
        raise UsageWrong("nobody is named who makes the list", remedy="give a name: --by NAME")
    path = out or _made_room(plan.out)
    lost = write_form(plan.mapping, plan.form, path, created_at=plan.created_at)
    file = attached(path, folder)
    exported = Exported(
        profile=plan.profile,
        period=plan.period.name,
        at=now,
        by=by,
        path=file.path,
        sha256=file.sha256,
        items=plan.list.hashes,
        headers=plan.list.headers,
        rows=plan.list.rows,
    )
    is_new = plan.known is None or plan.known.sha256 != file.sha256
    if is_new:
        store.record_export(exported, now)
    return MadeExport(exported=exported, path=path, is_remembered=is_new, lost=lost)


def last_export(exports: Iterable[Exported], profile: str, period: Period) -> Exported | None:
    """The list to compare with: of the latest period up to this one, there the one made last.

    So a correction of an old month is compared with what was sent then, and does not hide what came later.
    """
    ended = [(parse_period(one.period).last, one) for one in exports if one.profile == profile]
    earlier = [(last, number, one) for number, (last, one) in enumerate(ended) if last <= period.last]
    return max(earlier, key=lambda one: one[:2])[2] if earlier else None


def _made_before(exports: Iterable[Exported], profile: str, period: Period) -> Exported | None:
    same = [one for one in exports if one.profile == profile and one.period == period.name]
    return same[-1] if same else None


def history_of(exports: Iterable[Exported], profile: str, templates: Iterable[str]) -> list[Exported]:
    """The lists of a profile in the order they were made. Raises UsageWrong for a profile that nobody knows."""
    held = list(exports)
    found = [one for one in held if one.profile == profile]
    known = sorted({*templates, *(one.profile for one in held)})
    if not found and profile not in known:
        remedy = f"use one of: {', '.join(known)}" if known else "name one under assets.templates in itops.yaml"
        raise UsageWrong(f"there is no profile {profile!r}{did_you_mean(profile, known)}", remedy=remedy)
    return found


def _check_system(asking: Asking, mapping: TemplateMapping, profile: str) -> None:
    systems = asking.report.systems
    if mapping.system is not None and mapping.system not in systems:
        hint = did_you_mean(mapping.system, systems)
        problem = f"there is no system {mapping.system!r} in report.systems of itops.yaml{hint}"
        refuse(asking.settings.assets.templates[profile].name, [Mistake(0, "system", problem)])


def _register(asking: Asking) -> tuple[ReadRegister, Rebuilt]:
    """The register now, and its assets at the period's end."""
    read = read_register(asking)
    entries = register_at(asking, read)
    if read is None or entries is None:
        name = asking.settings.register.name
        raise UsageWrong(f"there is no {name}", remedy="begin a register: docs/how-to/keep-the-hardware-register.md")
    then = rebuilt(entries, read.register.assets)
    if then.unreadable:
        count = counted("entry", "entries", len(then.unreadable))
        raise InputInvalid(
            f"{count} of the register cannot be read as it was then: {', '.join(then.unreadable[:5])}",
            remedy="a list without them would call them gone; export the month that runs",
        )
    return read, then


def _sent_before(last: Exported | None) -> Sent:
    return Sent() if last is None else Sent(headers=last.headers, rows=last.rows, hashes=last.items)


def _usual_place(asking: Asking, mapping: TemplateMapping, profile: str) -> Path:
    """Among the files of the period's report, in the form that the workbook of headquarters has."""
    suffix = ".xlsx" if mapping.workbook is None else mapping.workbook.suffix.lower()
    name = f"{asking.settings.office.id}-{profile}-{asking.period.name}{suffix}"
    if Path(name).name != name:
        raise UsageWrong(f"{profile!r} cannot be part of a file's name", remedy="rename it under assets.templates")
    return folder_of(asking.settings.state, asking.period.name) / name


def _made_room(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=_FOLDER_MODE)
    except OSError as failure:
        problem = f"cannot make the folder {path.parent}: {failure.strerror or failure}"
        raise StoreUnavailable(problem, remedy="check space and rights, or write somewhere else: --out") from failure
    return path
