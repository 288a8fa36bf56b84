"""The repository `pgbackrest`: lists the backups of a stanza, proves and restores them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Fault
from itops.backup.formats import MIB, Effort, Unprovable
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.backup.repositories import Look
from itops.facts import Fact
from itops.programs import Outcome
from itops.repositories.pgbackrest.information import copies_of, stanza_of
from itops.repositories.pgbackrest.manifest import file_faults
from itops.repositories.pgbackrest.settings import PgbackrestSettings
from itops.repositories.pgbackrest.stored import Stored
from itops.repositories.pgbackrest.verification import Verified, verified
from itops.repositories.pgbackrest.wal import needed_by, wal_faults
from itops.repositories.products import (
    Finding,
    Product,
    Report,
    asked,
    empty_folder,
    examinations,
    of_what_is_listed,
    out_of_time,
    version_parts,
)

_BY_HAND = "run `pgbackrest info` and `pgbackrest verify` by hand; check `config`, `path` and the rights of the account"
_VERIFY_REPORTS_SINCE = (2, 39)  # before, verify said nothing at all
_MOST_FAULTS = 20


class PgbackrestRepository:
    """Backups of one stanza."""

    Settings = PgbackrestSettings

    def __init__(self, name: str, settings: PgbackrestSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """All backups of the stanza; raises SourceUnavailable for no stanza and for a catalogue that is broken."""
        product = self._settings.product()
        told = self._information(product)
        archives = [entry for entry in told.get("archive") or () if isinstance(entry, dict)]
        facts: dict[str, Fact] = {
            "tool": "pgBackRest",
            "tool_version": product.version("version"),
            "backups": len(told.get("backup") or ()),
            "system_ids": ",".join(str(entry.get("system-id")) for entry in told.get("db") or ()),
            "archive": archives[-1].get("id") if archives else None,
            "wal_min": archives[-1].get("min") if archives else None,
            "wal_max": archives[-1].get("max") if archives else None,
        }
        seen = copies_of(told, self.name, self._settings.repo)
        return Look(repository=self.name, looked_at=now, seen=seen, facts=facts)

    def prove(self, copies: Sequence[Copy], effort: Effort) -> Iterator[tuple[Copy, Examination]]:
        """L2: every file of the manifest and every WAL segment is there; L3: verify read them all as well.

        Raises SourceUnavailable when pgBackRest cannot read its catalogue.
        """
        product = self._settings.product()
        told = self._information(product)
        found = copies_of(told, self.name, self._settings.repo)
        listed = {thing.key: thing for thing in found if isinstance(thing, Copy)}
        report = Report(others=Finding())
        version = product.version("version")
        if asked(effort) >= Level.COMPLETE:
            report = self._report(product, version, [copy for copy in copies if copy.key in listed], effort)
        pairs = of_what_is_listed(copies, listed, report)
        yield from examinations(pairs, effort, product="pgbackrest", version=version, evidence=report.evidence)

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """A data directory that recovers from the WAL in its own pg_wal and archives nothing; owned by the account."""
        product, folder = self._settings.product(), empty_folder(into)
        target = f"--pg1-path={folder}"
        arguments = [f"--set={copy.key}", "--type=none", f"--tablespace-map-all={folder}-tablespaces", "restore"]
        # Tablespaces are moved too: where the manifest says they lie, those of the living server lie.
        self._succeed(product, [target, *arguments], "to restore a backup", effort)
        for segment in needed_by(copy, self._settings.wal_segment_mib * MIB):
            place = folder / "pg_wal" / segment
            self._succeed(product, [target, "archive-get", segment, str(place)], "to fetch WAL", effort)
        (folder / "recovery.signal").unlink(missing_ok=True)  # it would want a restore_command
        with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write("\narchive_mode = 'off'\n")  # a restored copy must never write into the archive
        return folder

    def _succeed(self, product: Product, arguments: Sequence[str], doing: str, effort: Effort) -> None:
        outcome = product.run(*self._settings.switches(), *arguments, seconds=effort.seconds_left)
        if outcome.code != 0:
            raise product.failed(outcome, doing, remedy=_BY_HAND)

    def _information(self, product: Product) -> Mapping[str, Any]:
        arguments = (*self._settings.switches(), "info", "--output=json")
        outcome = product.run(*arguments, seconds=self._settings.timeout_seconds)
        if outcome.code != 0:
            raise product.failed(outcome, "to tell of its backups", remedy=_BY_HAND)
        return stanza_of(product.json_of(outcome, "of its backups"), self._settings.stanza, self._settings.repo)

    def _report(self, product: Product, version: str, copies: Sequence[Copy], effort: Effort) -> Report:
        stored = Stored(product, self._settings, effort)
        single = {copy.key: self._complete(stored, copy) for copy in copies}
        if asked(effort) < Level.INTACT:
            return Report(others=Finding(), single=single)
        if version_parts(version) < _VERIFY_REPORTS_SINCE:
            limit = Limit(code="version-unknown", facts={"version": version})
            return Report(others=Finding(), single={key: _limited(it, limit) for key, it in single.items()})
        outcome = product.run(
            *self._settings.switches("detail"), "verify", "--output=text", "--verbose", seconds=effort.seconds_left
        )
        evidence: dict[str, Fact] = {
            "code": outcome.code,
            "seconds": round(outcome.seconds, 1),
            "said": product.quote(outcome.text),
            "logged": product.quote(outcome.stderr),
        }
        if outcome.is_timeout:
            late = out_of_time(None, outcome).limits[0]
            return Report(
                others=Finding(), single={key: _limited(it, late) for key, it in single.items()}, evidence=evidence
            )
        return Report(others=Finding(), single=self._deep(product, outcome, copies, single), evidence=evidence)

    def _complete(self, stored: Stored, copy: Copy) -> Finding:
        """Every file that its manifest names and every WAL segment that it needs is there."""
        try:
            found: list[Fault] = list(self._wal_faults(stored, copy))
            manifest = stored.manifest(copy.key)
            if manifest is None:
                found.append(Fault(code="member-missing", place="backup.manifest"))
            else:
                found += file_faults(copy.key, manifest, stored.sizes_of)
        except Unprovable as unprovable:
            return Finding(limits=(unprovable.limit,))
        return Finding(faults=tuple(found)) if found else Finding(level=Level.COMPLETE)

    def _wal_faults(self, stored: Stored, copy: Copy) -> Iterator[Fault]:
        needed = needed_by(copy, self._settings.wal_segment_mib * MIB)
        archive = str(copy.catalogue.facts["archive"]) if copy.catalogue else ""
        missing = list(wal_faults(needed, lambda folder: stored.wal_names(archive, folder)))
        yield from missing[:_MOST_FAULTS]

    def _deep(
        self, product: Product, outcome: Outcome, copies: Sequence[Copy], single: Mapping[str, Finding]
    ) -> dict[str, Finding]:
        report = verified(outcome)
        if not report.is_report:
            if outcome.code != 0:
                raise product.failed(outcome, "to verify", remedy=_BY_HAND)
            limit = Limit(code="answer-unknown")
            return {key: _limited(finding, limit) for key, finding in single.items()}
        return {copy.key: self._intact(report, copy, single[copy.key]) for copy in copies}

    def _intact(self, report: Verified, copy: Copy, finding: Finding) -> Finding:
        """What verify adds to a finding; a backup that it does not even name is not there."""
        if copy.key not in report.faults:
            missing = Fault(code="member-missing", place=copy.key)
            return Finding(faults=finding.faults or (missing,), limits=finding.limits)
        found = {(it.code, it.place): it for it in (*finding.faults, *report.faults[copy.key])}
        try:
            needed = set(needed_by(copy, self._settings.wal_segment_mib * MIB))
        except Unprovable:
            needed = set()
        for segment in sorted(needed & report.broken_wal):
            found[("wal-damaged", segment)] = Fault(code="wal-damaged", place=segment)
        if found:
            return replace(finding, faults=tuple(found.values()))
        if finding.level is not Level.COMPLETE:
            return finding
        archive = copy.catalogue.facts.get("archive") if copy.catalogue else None
        if archive in report.unnamed_wal:  # some segment is broken, and it may be one of its own
            return _limited(finding, Limit(code="elsewhere-damaged"))
        return replace(finding, level=Level.INTACT)


def _limited(finding: Finding, limit: Limit) -> Finding:
    return replace(finding, limits=(*finding.limits, limit))
