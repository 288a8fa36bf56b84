"""Judge every object of every job from what the store remembers; nothing is looked at."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from itops.backup.claims import claim_of, objects_of
from itops.backup.drilling import drill_findings
from itops.backup.judgement import Question, judge
from itops.backup.judgement.identity import is_other_server
from itops.backup.judgement.proven import header_of
from itops.backup.judgement.validity import drills_valid_until, valid_until
from itops.backup.judgement.verdicts import BackupFinding, Freshness, ObjectVerdict, SlotVerdict
from itops.backup.ledger import DrillRecord, KnownCopy, KnownDatabase, Ledger, LookRecord, RecordedVerdict
from itops.backup.policy import BackupPlan, Job, Protected, Tier
from itops.backup.repositories import StampedVm
from itops.backup.server_word import server_findings
from itops.backup.slots import Calendar
from itops.inventory.entities import Entity, Place
from itops.verdict import State, worst

_REMEMBERED = timedelta(days=800)
"""A copy that was pruned longer ago than two years of months fills no slot that is judged."""
_LOOKS = 400
"""Looks at each repository, the newest: of one that is rarely looked at the last must not drown among the others'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What one verdict rests on: held, not copied."""

    question: Question
    drills: tuple[DrillRecord, ...] = ()  # of the object, newest first; none where the job promises none


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Every object's verdict, by job in the order of itops.yaml."""

    verdicts: tuple[ObjectVerdict, ...]
    grounds: Mapping[tuple[str, str], Grounds] = field(default_factory=dict)  # by job and object
    looks: Mapping[str, Sequence[LookRecord]] = field(default_factory=dict)  # at the repositories of jobs, newest first

    def valid_until(self, verdict: ObjectVerdict, now: datetime) -> datetime | None:
        """The first moment at which the same facts may be judged otherwise; None: never. `now`: of the judgement.

        Worked out when it is asked for: whoever only judges does not wait for it.
        """
        grounds = self.grounds.get((verdict.job, verdict.object))
        if grounds is None:  # nobody listed its databases: no time will
            return None
        question = grounds.question
        found = [valid_until(question, verdict, now)]
        if question.job.drill is not None:
            found.append(drills_valid_until(question.job.drill, grounds.drills, now))
        return min((moment for moment in found if moment is not None), default=None)

    @property
    def state(self) -> State:
        """The worst; UNKNOWN where there is nothing to judge."""
        return worst(one.state for one in self.verdicts) if self.verdicts else State.UNKNOWN

    def recorded(self, now: datetime) -> Iterator[RecordedVerdict]:
        """As they are kept: one for each slot."""
        for one in self.verdicts:
            for tier in one.tiers:
                for slot in tier.slots:
                    yield _recorded(one, tier.tier, slot, now)


def judge_backups(
    plan: BackupPlan, ledger: Ledger, calendar: Calendar, now: datetime, copies: Sequence[KnownCopy] | None = None
) -> Judged:
    """Every job. `copies`: those of the ledger, where they were read just now."""
    facts = _Facts(plan, ledger, calendar, now, remembered(ledger, now) if copies is None else copies)
    verdicts = tuple(verdict for name, job in plan.jobs.items() for verdict in facts.verdicts(name, job))
    return Judged(verdicts=verdicts, grounds=facts.grounds, looks=facts.looks)


def remembered(ledger: Ledger, now: datetime) -> list[KnownCopy]:
    """The copies that a verdict may rest on."""
    return ledger.copies(gone_after=now - _REMEMBERED)


class _Facts:
    """What the store remembers, read once and laid out by job and object."""

    def __init__(
        self, plan: BackupPlan, ledger: Ledger, calendar: Calendar, now: datetime, copies: Sequence[KnownCopy]
    ) -> None:
        self._plan = plan
        self._calendar = calendar
        self._now = now
        self.grounds: dict[tuple[str, str], Grounds] = {}  # of the verdicts given so far
        self.looks = {
            name: ledger.looks(name, _LOOKS) for name in {name for job in plan.jobs.values() for name in job.repository}
        }
        self._watched = ledger.watched_since()
        self._databases = ledger.databases()
        self._drills = ledger.drills()
        self._told = ledger.server_facts()
        self._copies: dict[str, dict[str, list[KnownCopy]]] = defaultdict(lambda: defaultdict(list))
        for known in copies:
            self._copies[known.copy.job][(known.copy.object or "").casefold()].append(known)

    def verdicts(self, name: str, job: Job) -> Iterator[ObjectVerdict]:
        """One for each object the job protects."""
        looks = tuple(_looks_for(name, job, (look for held in job.repository for look in self.looks[held])))
        listed = list(self._names())
        for protected in objects_of(job, [*listed, *self._named(name, {server.casefold() for server, _ in listed})]):
            question = self._question(name, job, protected, looks)
            drills = self._drills_of(name, job, protected)
            self.grounds[name, protected.text] = Grounds(question=question, drills=drills)
            verdict = judge(question, self._now)
            if job.drill is not None:
                verdict = _with(verdict, drill_findings(job.drill, drills, self._now))
            yield _with(verdict, self._of_server(protected, job, name))
        for protected in job.protects:
            if protected.is_all and protected.server.casefold() not in {server.casefold() for server, _ in listed}:
                yield _none_listed(name, protected)

    def _named(self, job_name: str, listed: Container[str]) -> Iterator[tuple[str, str]]:
        """What its copies are of, of servers whose databases nobody has listed."""
        for copies in self._copies[job_name].values():
            server, slash, name = (copies[0].copy.object or "").partition("/")
            if slash and server.casefold() not in listed:
                yield server, name

    def _drills_of(self, name: str, job: Job, protected: Protected) -> tuple[DrillRecord, ...]:
        """Its restore tests, newest first, where the job promises any."""
        if job.drill is None:
            return ()
        return tuple(drill for drill in self._drills if (drill.job, drill.object) == (name, protected.text))

    def _of_server(self, protected: Protected, job: Job, name: str) -> Iterator[BackupFinding]:
        """What the server itself says of this database, where it was asked."""
        known = self._database(protected)
        if known is not None and known.gone_at is None:
            copies = tuple(self._of(name, protected))
            yield from server_findings(known.database, self._told, job, copies, self._now)

    def _question(self, name: str, job: Job, protected: Protected, looks: tuple[LookRecord, ...]) -> Question:
        known = self._database(protected)
        copies = tuple(self._of(name, protected))
        return Question(
            job_name=name,
            job=job,
            object=protected,
            calendar=self._calendar,
            copies=copies,
            expected_server=_expected_server(protected, copies),
            bases=tuple(
                held
                for other in self._copies
                if other != name and other in self._plan.jobs and _shares(self._plan.jobs[other], protected)
                for held in self._of(other, protected)
            ),
            looks=looks,
            watched_since=min((self._watched[held] for held in job.repository if held in self._watched), default=None),
            object_seen_at=_created(known),
            object_gone_at=known.gone_at if known else None,
            reread_within=self._plan.reread_within,
            look_within=self._plan.look_within,
        )

    def _of(self, job_name: str, protected: Protected) -> Iterator[KnownCopy]:
        """Those of one object; a copy that names none is of everything its job protects."""
        copies = self._copies[job_name]
        yield from copies.get("", ())
        yield from copies.get(protected.text.casefold(), ())

    def _names(self) -> Iterator[tuple[str, str]]:
        return (
            (known.database.server, known.database.name) for known in self._databases if not known.database.is_system
        )

    def _database(self, protected: Protected) -> KnownDatabase | None:
        text = protected.text.casefold()
        return next(
            (held for held in self._databases if f"{held.database.server}/{held.database.name}".casefold() == text),
            None,
        )


def _with(verdict: ObjectVerdict, findings: Iterable[BackupFinding]) -> ObjectVerdict:
    found = tuple(findings)
    state = worst([verdict.state, *(finding.state for finding in found)])
    return replace(verdict, state=state, findings=(*verdict.findings, *found))


def _looks_for(name: str, job: Job, looks: Iterable[LookRecord]) -> Iterator[LookRecord]:
    """Those that tell of the job as it is now: a look that knew another pattern saw no absence of its copies."""
    claim = claim_of(name, job)
    return (look for look in looks if not look.is_complete or look.claims is None or claim in look.claims)


def _none_listed(job_name: str, protected: Protected) -> ObjectVerdict:
    """Of a job for "every database" of a server that nobody could list: what is missing cannot be told."""
    return ObjectVerdict(
        job=job_name,
        object=protected.text,
        state=State.UNKNOWN,
        tiers=(),
        freshness=Freshness(state=State.OK, reason="no-limit"),
        findings=(BackupFinding(code="none-listed", state=State.UNKNOWN, facts={"server": protected.server}),),
    )


def _created(known: KnownDatabase | None) -> datetime | None:
    """When the server made it; when it was first listed says only when somebody began to ask."""
    return known.database.created_at if known else None


def _expected_server(protected: Protected, copies: Iterable[KnownCopy]) -> str | None:
    """The server's name in itops.yaml where it is a real one: some copy says it comes from there. Else a nickname."""
    if protected.kind != "database":
        return None
    headers = (header_of(known.proofs) for known in copies)
    is_real = any(held.server and not is_other_server(protected.server, held) for held in headers)
    return protected.server if is_real else None


def _shares(job: Job, protected: Protected) -> bool:
    server = protected.server.casefold()
    return any(held == protected or (held.is_all and held.server.casefold() == server) for held in job.protects)


def _recorded(one: ObjectVerdict, tier: Tier, slot: SlotVerdict, now: datetime) -> RecordedVerdict:
    return RecordedVerdict(
        job=one.job,
        object=one.object,
        slot=f"{tier.value} {slot.slot.name}",
        state=slot.state.value,
        judged_at=now,
        reason=slot.reason,
        needed=slot.needed,
        level=slot.level,
        copy_key=slot.copy.copy.key if slot.copy else None,
        reference_at=slot.reference_at,
        facts=slot.facts,
    )


def stamped_vms(vms: Iterable[Entity]) -> Iterator[StampedVm]:
    """The VMs with what backup products write on them."""
    for vm in vms:
        attributes = vm.get(Place.CUSTOM_ATTRIBUTES)
        annotation = vm.get("config.annotation")
        yield StampedVm(
            name=vm.name,
            key=vm.key,
            attributes={str(key): str(value) for key, value in attributes.items()}
            if isinstance(attributes, dict)
            else {},
            annotation=annotation if isinstance(annotation, str) else "",
        )


def last_states(looks: Sequence[LookRecord]) -> Mapping[str, LookRecord]:
    """The newest look at each repository."""
    return {look.repository: look for look in reversed(looks)}
