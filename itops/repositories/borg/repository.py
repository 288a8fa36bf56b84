"""The repository `borg`: lists archives, proves them with `borg check`, extracts them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Fault
from itops.backup.formats import Effort
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.backup.repositories import Look, LookGap
from itops.facts import Fact
from itops.programs import Outcome
from itops.repositories.borg.archives import copies_of
from itops.repositories.borg.messages import damages, faults, messages, refusal
from itops.repositories.borg.settings import BorgSettings
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
)

# {hostname} and {end} make borg read the metadata of each archive, and fail as a whole when one is broken.
_DETAILS = ("--format", "{hostname}{end}")
_BY_HAND = "run `borg check` by hand and see"


class BorgRepository:
    """Archives of a Borg repository."""

    Settings = BorgSettings

    def __init__(self, name: str, settings: BorgSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """All archives, unfinished ones with a fault.

        Raises SourceUnavailable for a wrong passphrase, a lock, no repository, another one than at the last look, or
        one that is older than Borg remembers it.
        """
        product = self._settings.product()
        answer, gaps = self._list(product)
        repository_id = str((answer.get("repository") or {}).get("id") or "") or None
        if not self._settings.any_repository:
            refuse_other_repository(last_facts, repository_id, "borg")
        seen = [*copies_of(answer, self.name), *gaps]
        ids = [thing.fingerprint for thing in seen if isinstance(thing, Copy)]
        facts: dict[str, Fact] = {
            "tool": "borg",
            "tool_version": product.version(),
            "repository_id": repository_id,
            "encryption": str((answer.get("encryption") or {}).get("mode") or ""),
            "archives": len(ids),
            "archive_ids": joined_ids(key[:8] for key in ids),
        }
        return Look(repository=self.name, looked_at=now, seen=iter(seen), facts=facts)

    def prove(self, copies: Sequence[Copy], effort: Effort) -> Iterator[tuple[Copy, Examination]]:
        """One check for all: L2 every segment and all metadata, L3 every chunk under its cryptographic checksum.

        Raises SourceUnavailable when borg refuses. The list is taken after the check, which may have put the
        repository back to an older state without a word.
        """
        product = self._settings.product()
        self._list(product)  # a wrong passphrase must not pass: a check of the repository alone does not need one
        report = Report(others=Finding()) if asked(effort) < Level.COMPLETE else self._check(product, copies, effort)
        answer, _ = self._list(product)
        listed = {thing.key: thing for thing in copies_of(answer, self.name) if isinstance(thing, Copy)}
        pairs = of_what_is_listed(copies, listed, report)
        version = product.version()
        yield from examinations(pairs, effort, product="borg", version=version, evidence=report.evidence)

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """Extract it: its only file where it holds one (a dump from a pipe), otherwise the folder.

        Raises SourceUnavailable when borg cannot be asked, Damaged when what it reads is broken.
        """
        product, folder = self._settings.product(), empty_folder(into)
        arguments = (*self._settings.switches(), "extract", f"::{copy.key}")
        outcome = product.run(*arguments, seconds=effort.seconds_left, folder=folder)
        if outcome.code != 0:
            unavailable = refusal(product, outcome)
            if unavailable is None and (found := damages(outcome)):
                said = "; ".join(message.text for message in messages(outcome.stderr))
                raise product.not_restorable(outcome, said, *found)
            raise unavailable or product.failed(outcome, "to extract an archive", remedy=_BY_HAND)
        below = [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]
        is_one_file = len(below) == 1 and below[0].is_file() and not below[0].is_symlink()
        return below[0] if is_one_file else folder

    def _list(self, product: Product) -> tuple[dict[str, Any], list[LookGap]]:
        """The list with details; without them, and with a gap, where a broken archive keeps borg from reading them."""
        detailed = self._run_list(product, *_DETAILS)
        if detailed.code == 0:
            return self._answer(product, detailed), []
        if refused := refusal(product, detailed):
            raise refused
        plain = self._run_list(product)
        if plain.code != 0:
            raise refusal(product, plain) or product.failed(plain, "to list archives", remedy=_BY_HAND)
        said = next((it.text for it in messages(detailed.stderr) if it.level == "ERROR"), "")
        gap = LookGap(
            subject="archives",
            code="archive.details-unreadable",
            problem=f"borg cannot read the metadata of an archive: {said.splitlines()[0][:300] if said else ''}",
            remedy="run `borg check`: an archive is damaged",
        )
        return self._answer(product, plain), [gap]

    def _run_list(self, product: Product, *details: str) -> Outcome:
        arguments = (*self._settings.switches(), "list", "--json", "--consider-checkpoints", *details)
        return product.run(*arguments, seconds=self._settings.timeout_seconds)

    def _answer(self, product: Product, outcome: Outcome) -> dict[str, Any]:
        answer = product.json_of(outcome, "of the archives")
        if not isinstance(answer, dict) or not isinstance(answer.get("archives"), list):
            raise product.failed(outcome, "to list archives", remedy=_BY_HAND)
        return answer

    def _check(self, product: Product, copies: Sequence[Copy], effort: Effort) -> Report:
        """Both halves of the check: the first reads all segments, the second all metadata or all data.

        They are run apart, for borg stops after a first half that found something, and either half alone lies.
        """
        verify = ("--verify-data",) if asked(effort) >= Level.INTACT else ()
        evidence: dict[str, Fact] = {}
        for half in (("--repository-only",), ("--archives-only", *verify)):
            outcome = product.run(*self._settings.switches(), "check", "-v", *half, seconds=effort.seconds_left)
            said = product.quote(*(message.text for message in messages(outcome.stderr)))
            name = half[0].strip("-")
            evidence |= {f"{name}_code": outcome.code, f"{name}_said": said, f"{name}_seconds": round(outcome.seconds)}
            if outcome.is_timeout:
                return Report(others=out_of_time(Level.IDENTIFIED, outcome), evidence=evidence)
            if refused := refusal(product, outcome):
                raise refused
            if outcome.code != 0:
                return self._damage(product, copies, effort, faults(outcome), evidence)
            if "no problems found" not in said:
                return Report(others=Finding(limits=(Limit(code="answer-unknown"),)), evidence=evidence)
        return Report(others=Finding(level=asked(effort)), evidence=evidence)

    def _damage(
        self,
        product: Product,
        copies: Sequence[Copy],
        effort: Effort,
        found: tuple[Fault, ...],
        evidence: Mapping[str, Fact],
    ) -> Report:
        """Borg does not say whose damage it is: where all data was to be read, each archive is, in a dry extraction."""
        if asked(effort) < Level.INTACT:
            return Report(others=Finding(faults=found), evidence=evidence)
        readable = Finding(level=Level.INTACT, limits=(Limit(code="elsewhere-damaged"),))
        single: dict[str, Finding] = {}
        for copy in copies:
            arguments = (*self._settings.switches(), "extract", "--dry-run", f"::{copy.key}")
            outcome = product.run(*arguments, seconds=effort.seconds_left)
            if outcome.is_timeout:
                break
            is_read = outcome.code == 0 and not any(it.level for it in messages(outcome.stderr))
            single[copy.key] = readable if is_read else Finding(faults=found)
        return Report(others=Finding(faults=found), single=single, evidence=evidence)
