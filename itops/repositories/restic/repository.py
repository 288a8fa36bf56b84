"""The repository `restic`: lists snapshots, proves them with `restic check`, restores them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Fault
from itops.backup.formats import Damaged, Effort
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.backup.repositories import Listed, Look
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.programs import Outcome
from itops.repositories.products import (
    Finding,
    Product,
    Report,
    asked,
    empty_folder,
    examinations,
    joined_ids,
    of_what_is_listed,
    out_of_time,
    refuse_other_repository,
    restored_place,
)
from itops.repositories.restic.checking import Checked, checked, is_broken_content, owners
from itops.repositories.restic.refusals import refusal
from itops.repositories.restic.settings import ResticSettings
from itops.repositories.restic.snapshots import copies_of, gaps_of

_MOST_PACKS = 20  # for each of which all snapshots are searched
_CHECK_BY_HAND = "run `restic check` by hand and see"


class ResticRepository:
    """Snapshots of a restic repository."""

    Settings = ResticSettings

    def __init__(self, name: str, settings: ResticSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """All snapshots that restic can read; what it drops is a gap.

        Raises SourceUnavailable for a wrong password, a lock, no repository, or another one than at the last look.
        """
        product = self._settings.product()
        repository_id = self._repository_id(product)
        if not self._settings.any_repository:
            refuse_other_repository(last_facts, repository_id, "restic")
        seen = self._list(product)
        ids = [thing.key for thing in seen if isinstance(thing, Copy)]
        facts: dict[str, Fact] = {
            "tool": "restic",
            "tool_version": product.version("version"),
            "repository_id": repository_id,
            "snapshots": len(ids),
            "snapshot_ids": joined_ids(key[:8] for key in ids),
        }
        return Look(repository=self.name, looked_at=now, seen=iter(seen), facts=facts)

    def prove(self, copies: Sequence[Copy], effort: Effort) -> Iterator[tuple[Copy, Examination]]:
        """One check for all: L2 the structure, L3 every byte. Raises SourceUnavailable when restic refuses."""
        product = self._settings.product()
        listed = {thing.key: thing for thing in self._list(product) if isinstance(thing, Copy)}
        report = Report(others=Finding()) if asked(effort) < Level.COMPLETE else self._check(product, effort)
        pairs = of_what_is_listed(copies, listed, report)
        version = product.version("version")
        yield from examinations(pairs, effort, product="restic", version=version, evidence=report.evidence)

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """Restore and read back: the file or folder of a snapshot of one path, otherwise the folder of all.

        Raises SourceUnavailable when restic cannot be asked, Damaged when it can and the snapshot does not come out.
        """
        product, folder = self._settings.product(), empty_folder(into)
        arguments = ("restore", copy.key, "--target", str(folder), "--verify", *self._settings.switches())
        outcome = self._run(product, *arguments, seconds=effort.seconds_left)
        if outcome.code != 0 or outcome.stderr.strip():
            raise self._unfetched(product, outcome, copy, effort)
        identity = copy.catalogue
        is_single = identity is not None and identity.facts.get("paths") == 1
        return restored_place(folder, identity.object or "") if identity is not None and is_single else folder

    def _unfetched(self, product: Product, outcome: Outcome, copy: Copy, effort: Effort) -> SourceUnavailable | Damaged:
        """Whose fault it is. Where restic does not say plainly that what it read is broken, its check is asked: a pack
        that cannot be had may be lost, or the network was; the check asks for all of them.
        """
        unavailable = refusal(product, outcome)
        if unavailable is not None or outcome.is_timeout:
            return unavailable or product.failed(outcome, "to restore a snapshot", remedy=_CHECK_BY_HAND)
        found: tuple[Fault, ...] = ()
        is_plain = is_broken_content(outcome)
        if not is_plain:
            report, _ = self._run_check(product, effort, Level.COMPLETE)
            found = report.of(copy).faults
        if is_plain or found:
            return product.not_restorable(outcome, outcome.stderr, *found)
        return product.failed(outcome, "to restore a snapshot", remedy=_CHECK_BY_HAND)

    def _repository_id(self, product: Product) -> str | None:
        outcome = self._run(
            product, "cat", "config", *self._settings.switches(), seconds=self._settings.timeout_seconds
        )
        if outcome.code != 0:
            raise refusal(product, outcome) or product.failed(
                outcome, "to read its configuration", remedy=_CHECK_BY_HAND
            )
        config = product.json_of(outcome, "of the configuration")
        return str(config["id"]) if isinstance(config, dict) and "id" in config else None

    def _list(self, product: Product) -> list[Listed]:
        arguments = ("snapshots", "--json", *self._settings.switches())
        outcome = self._run(product, *arguments, seconds=self._settings.timeout_seconds)
        if outcome.code != 0:
            raise refusal(product, outcome) or product.failed(outcome, "to list snapshots", remedy=_CHECK_BY_HAND)
        answer = product.json_of(outcome, "of the snapshots")
        if not isinstance(answer, list | None):
            raise product.failed(outcome, "to list snapshots", remedy=_CHECK_BY_HAND)
        return [*copies_of(answer, self.name, self._settings.objects), *gaps_of(outcome.stderr)]

    def _check(self, product: Product, effort: Effort) -> Report:
        """First the structure: reading all data of a broken one takes 40 seconds of retries for each missing pack."""
        report, is_sound = self._run_check(product, effort, Level.COMPLETE)
        if is_sound and asked(effort) >= Level.INTACT:
            deep, _ = self._run_check(product, effort, Level.INTACT)
            return deep
        return report

    def _run_check(self, product: Product, effort: Effort, level: Level) -> tuple[Report, bool]:
        """The report of one run, and whether it found nothing at all."""
        arguments = ["check", *self._settings.switches(), *(["--read-data"] if level is Level.INTACT else [])]
        outcome = self._run(product, *arguments, seconds=effort.seconds_left)
        below = Level.IDENTIFIED if level is Level.COMPLETE else Level.COMPLETE
        evidence: dict[str, Fact] = {
            "command": " ".join(arguments),
            "code": outcome.code,
            "seconds": round(outcome.seconds, 1),
            "said": product.quote(outcome.text, outcome.stderr),
        }
        if outcome.is_timeout:
            return Report(others=out_of_time(below, outcome), evidence=evidence), False
        found = checked(outcome)
        if found.is_damaged:
            return self._damage(product, effort, found, below, evidence), False
        if outcome.code != 0:
            raise refusal(product, outcome) or product.failed(outcome, "to check", remedy=_CHECK_BY_HAND)
        if not found.is_clean:
            finding = Finding(level=below, limits=(Limit(code="answer-unknown"),))
            return Report(others=finding, evidence=evidence), False
        return Report(others=Finding(level=level), evidence=evidence), True

    def _damage(
        self, product: Product, effort: Effort, found: Checked, level: Level, evidence: Mapping[str, Fact]
    ) -> Report:
        """Whose damage it is, as far as restic can tell; nobody else is called whole in a damaged repository."""
        spared = Finding(level=level, limits=(Limit(code="elsewhere-damaged"),))
        if not found.general and not found.packs:
            return Report(others=spared, evidence=evidence)
        faults = (*found.general, *found.packs.values())
        owned = None
        if not found.general and len(found.packs) <= _MOST_PACKS:
            owned = owners(found.packs, lambda pack: self._users_of(product, effort, pack))
        if owned is None:
            return Report(others=Finding(level=level, faults=faults[:_MOST_PACKS]), evidence=evidence)
        single = {snapshot: Finding(level=level, faults=faults) for snapshot, faults in owned.items()}
        return Report(others=spared, single=single, evidence=evidence)

    def _users_of(self, product: Product, effort: Effort, pack: str) -> set[str] | None:
        """The snapshots that need the pack; None when restic does not tell plainly."""
        arguments = ("find", "--pack", pack, "--json", *self._settings.switches())
        outcome = self._run(product, *arguments, seconds=effort.seconds_left)
        said = [line for line in outcome.stderr.splitlines() if line.strip()]
        if outcome.code != 0 or any("some pack files are missing" not in line for line in said):
            return None
        try:
            return {str(hit["snapshot"]) for hit in product.json_of(outcome, "of a search") or ()}
        except (SourceUnavailable, KeyError, TypeError):
            return None

    def _run(self, product: Product, *arguments: str, seconds: float) -> Outcome:
        """Run restic. One that was ended, by its time limit or by Ctrl-C, leaves its lock, and that of a check bars
        every backup of the night: `unlock` removes the locks of dead processes, and only those.
        """
        is_ended = True
        try:
            outcome = product.run(*arguments, seconds=seconds)
            is_ended = outcome.is_timeout
        finally:
            if is_ended and not self._settings.no_lock:
                product.run("unlock", *self._settings.switches(), seconds=60)
        return outcome
