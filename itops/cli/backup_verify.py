"""`itops backup verify`: look, then read the copies whose turn it is and keep the proof."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

import click

from itops import clock
from itops.backup.copies import Copy
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.ledger import KnownCopy
from itops.backup.levels import Level
from itops.backup.rota import place_of, rota
from itops.cli.backup_office import BackupOffice, pass_backups
from itops.cli.backup_scan import explain_looks, tell_look
from itops.cli.output import Column, Format, Listing, Output, Row, output_options
from itops.cli.proofs import LevelChoice, examination_row, finding_row, installed_formats, level_text, why
from itops.reports.backups import fault_text
from itops.reports.words import Words, load_words
from itops.tasks.examine_things import Examiner
from itops.tasks.judge_backups import Judged
from itops.tasks.look_at_repositories import RepositoryLook
from itops.tasks.verify_copies import Verified, Verifier, VerifyOutcome
from itops.text import counted, plain
from itops.verdict import State, worst

if TYPE_CHECKING:
    from itops.store.writing import Store

_FIELDS = (
    "state", "job", "repository", "copy", "format", "level", "level_name", "object", "server", "type", "started_at",
    "finished_at", "faults", "limits", "seconds", "sha256", "problem", "remedy",
)  # fmt: skip
_TOLD = 5


class Duration(click.ParamType[timedelta]):
    """2h, 30m, 90d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """As typed; click tells a mistake."""
        from itops.config.scalars import parse_duration  # noqa: PLC0415  only where it is asked for

        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)


@click.command()
@click.argument("names", metavar="[JOB]...", nargs=-1)
@click.option("--level", type=LevelChoice(), help="Prove this far; by default as far as the plan asks for each job.")
@click.option(
    "--budget", type=Duration(), help="Begin no copy after this time, e.g. 2h; the rest waits for the next run."
)
@output_options
@pass_backups
def verify(
    backups: BackupOffice, names: tuple[str, ...], output: Output, *, level: Level | None, budget: timedelta | None
) -> int:
    """Look at the repositories, then read the copies whose turn it is, and keep what was found.

    A table shows what is not as it should be; JSON and CSV have every copy that was read. What is proven and unchanged
    is not read again before it is due. A run that is stopped has lost nothing: the next
    one goes on. Exits 0 OK, 1 WARNING less was proven than needed, 2 CRITICAL damaged, 3 UNKNOWN unreadable, or no copy
    of any job is known; a copy that was read before counts as `itops backup check` judges it.
    """
    jobs = backups.jobs(names)
    with backups.open_store() as store:
        run = _run(backups, store, jobs, level, budget, output)
    words = load_words("en", calendar=backups.office.calendar, marks=False, zone=backups.office.zone)
    rows = [_row(one, run.standings, words) for one in sorted(run.outcome.verified, key=_order)]
    output.show(_listing(rows, backups, output), clock.now())
    explain_looks(run.looks, output)
    _notes(run, jobs, words, output)
    state = worst([*(State[row["state"]] for row in rows), *_states(run)])
    output.note(f"verdict: {state.name}")
    return state.value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    looks: Sequence[RepositoryLook]
    known: Sequence[KnownCopy]  # that were seen just now
    outcome: VerifyOutcome
    settled: Sequence[KnownCopy]  # that needed no reading
    standings: "Standings"


def _run(
    backups: BackupOffice,
    store: "Store",
    jobs: Sequence[str],
    level: Level | None,
    budget: timedelta | None,
    output: Output,
) -> _Run:
    repositories = sorted({name for job in jobs for name in backups.plan.jobs[job].repository})
    before = backups.remembered()
    looks = backups.look(store.ledger, repositories, before, on_look=lambda look: tell_look(look, output))
    whole = {look.repository: look for look in looks if look.error is None}
    remembered = backups.remembered_after(before, looks)
    known = [held for held in backups.fresh(remembered, list(whole.values())) if held.copy.job in jobs]
    due = rota(known, backups.plan, level, backups.office.now)
    verifier = Verifier(
        repositories={held.name: held for held in backups.build(list(whole))} if whole else {},
        hash_lists={name: look.claims.hash_lists for name, look in whole.items()},
        writer=store.ledger,
        examiner=Examiner(formats=installed_formats() if due.turns else (), zone=backups.office.zone),
        clock=clock.now,
        budget=budget,
        on_verified=lambda one: _tell(one, output),
    )
    outcome = verifier.run(due.turns)
    _end_line(output)
    judged = backups.remember_verdicts(store, None if outcome.verified else remembered)
    return _Run(looks=looks, known=known, outcome=outcome, settled=due.settled, standings=Standings(judged))


def _states(run: _Run) -> Iterator[State]:
    """Of everything that was not read just now: looks that failed, copies read before, copies still to be read."""
    yield from (State.UNKNOWN for look in run.looks if look.error)
    if not run.known:
        yield State.UNKNOWN
    if any(not turn.is_reread for turn in run.outcome.left) or any(bad.is_useless for _, bad in run.outcome.bad_lists):
        yield State.WARNING
    read = {one.turn.place for one in run.outcome.verified}
    yield from (run.standings.of(known.copy) for known in run.known if place_of(known.copy) not in read)


class Standings:
    """What the judgement makes of each copy, in its slots and by itself; laid out once, for there are thousands."""

    def __init__(self, judged: Judged) -> None:
        self._slots: dict[tuple[str, tuple[str, str, str]], list[State]] = {}
        self._findings: dict[tuple[str, str], list[tuple[str, BackupFinding]]] = {}
        for verdict in judged.verdicts:
            for slot in (slot for tier in verdict.tiers for slot in tier.slots if slot.copy):
                assert slot.copy is not None
                self._slots.setdefault((verdict.job, place_of(slot.copy.copy)), []).append(slot.alarm)
            for finding in verdict.findings:
                self._findings.setdefault((verdict.job, finding.subject), []).append((verdict.object, finding))

    def findings(self, copy: Copy) -> list[BackupFinding]:
        """Of this very copy: another database's, an impossible date, a strange size."""
        told = self._findings.get((copy.job, copy.key), ())
        return [finding for object_, finding in told if copy.object in (None, object_)]

    def of(self, copy: Copy) -> State:
        """Of a copy that is known from before."""
        states = [finding.state for finding in self.findings(copy)]
        return worst([*states, *self._slots.get((copy.job, place_of(copy)), ())])


def state_of(one: Verified) -> State:
    """Damaged is CRITICAL, unread UNKNOWN, less than needed WARNING."""
    if one.proof is None:
        return State.UNKNOWN
    found = one.proof.examination
    if found.faults:
        return State.CRITICAL
    return State.OK if found.level is not None and found.level >= one.turn.level else State.WARNING


def _tell(one: Verified, output: Output) -> None:
    """On a terminal, a line that changes; elsewhere only what is wrong."""
    copy = one.turn.known.copy
    if output.stderr.isatty():
        told = plain(copy.key)[: get_terminal_size().columns - 1]  # a longer one would leave its beginning behind
        click.echo(f"\r\033[K{told}", file=output.stderr, nl=False)
    elif state_of(one) is State.CRITICAL:
        click.echo(plain(f"{copy.repository}: {copy.key} is damaged"), file=output.stderr)


def _end_line(output: Output) -> None:
    if output.stderr.isatty():
        click.echo("\r\033[K", file=output.stderr, nl=False)


def _notes(run: _Run, jobs: Sequence[str], words: Words, output: Output) -> None:
    outcome = run.outcome
    unread = [one for one in outcome.verified if one.proof is None]
    told = [f"{counted('copy', 'copies', len(outcome.verified) - len(unread))} read"]
    told += [f"{counted('copy', 'copies', len(unread))} could not be read"] if unread else []
    output.note(", ".join([*told, f"{len(run.settled):,} read before and unchanged"]))
    bad = [known.copy.key for known in run.settled if run.standings.of(known.copy) is not State.OK]
    if bad:
        named = ", ".join(bad[:_TOLD]) + _more(bad)
        output.note(f"not well, as was known before: {named}; `itops backup check` tells why")
    if outcome.left:
        output.note(f"{counted('copy', 'copies', len(outcome.left))} left for the next run: the budget was used up")
    if outcome.unprovable:
        many = counted("copy", "copies", outcome.unprovable)
        output.note(f"{many} known from a catalogue only: nothing of them can be read here")
    for name in jobs:
        if name not in {known.copy.job for known in run.known} and not any(look.error for look in run.looks):
            output.note(f"{name}: no copy of it is there; `itops backup plan` tells where it is looked for")
    for repository, held in outcome.bad_lists:
        why_not = held.problem or fault_text(held.faults[0], words)
        output.note(f"{repository}: {held.path}: a list of hashes that was not used whole: {why_not}")
    for one in unread:
        output.note(f"{one.problem}; {one.remedy}")


def _more(keys: Sequence[str]) -> str:
    return f" and {len(keys) - _TOLD:,} more" if len(keys) > _TOLD else ""


def _listing(rows: list[Row], backups: BackupOffice, output: Output) -> Listing:
    shown = [{**row, "_level": level_text(row), "_why": why(row)} for row in rows if row["state"] != State.OK.name]
    columns = (
        Column(field="state", title="state"),
        Column(field="job", title="job"),
        Column(field="copy", title="copy"),
        Column(field="_level", title="proven"),
        Column(field="object", title="object", spare=2),
        Column(field="started_at", title="made", show=backups.when, spare=1),
        Column(field="_why", title="why"),
    )
    return Listing(
        schema="itops.backup.verify/1",
        rows=shown if output.format is Format.TABLE else rows,
        data=rows,
        columns=columns,
        csv_fields=_FIELDS,
    )


def _order(one: Verified) -> tuple[str, str]:
    return one.turn.known.copy.job, one.turn.known.copy.key


def _row(one: Verified, standings: Standings, words: Words) -> Row:
    copy = one.turn.known.copy
    findings = [] if one.proof is None else standings.findings(copy)
    return {
        "state": worst([state_of(one), *(finding.state for finding in findings)]).name,
        "job": copy.job,
        "repository": copy.repository,
        "copy": copy.key,
        **examination_row(one.proof.examination if one.proof else None, words),
        "findings": [finding_row(finding, words) for finding in findings],
        "needed": f"L{one.turn.level.value}",
        "seconds": one.proof.duration_seconds if one.proof else None,
        "problem": one.problem,
        "remedy": one.remedy,
    }
