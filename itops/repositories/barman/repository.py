"""The repository `barman`: lists the backups of a server, proves and recovers them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from itops.backup.copies import Copy, Fault, Identity
from itops.backup.formats import Damaged, Effort, Unprovable
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.backup.repositories import Listed, Look, LookGap
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.programs import Outcome
from itops.repositories.barman.base import MANIFEST, size_faults, verification
from itops.repositories.barman.listing import copy_of, entries_of, messages_of
from itops.repositories.barman.settings import BarmanSettings
from itops.repositories.barman.wal import needed_by, read_records, segment_faults
from itops.repositories.products import (
    Finding,
    Product,
    asked,
    empty_folder,
    examinations,
)

_BY_HAND = "check `server`, `config` and the rights of the account; `barman list-servers` lists servers"
_MOST_FAULTS = 20


class BarmanRepository:
    """Backups of one server of one Barman."""

    Settings = BarmanSettings

    def __init__(self, name: str, settings: BarmanSettings, zone: ZoneInfo) -> None:
        self.name = name
        self._settings = settings

    def look(self, now: datetime, last_facts: Mapping[str, Fact]) -> Look:
        """All backups of the server, unfinished and failed ones with a fault; raises SourceUnavailable."""
        product = self._settings.product()
        seen = self._list(product)
        backups = sum(isinstance(thing, Copy) for thing in seen)
        facts: dict[str, Fact] = {"tool": "Barman", "tool_version": product.version("--version"), "backups": backups}
        return Look(repository=self.name, looked_at=now, seen=iter(seen), facts=facts)

    def prove(self, copies: Sequence[Copy], effort: Effort) -> Iterator[tuple[Copy, Examination]]:
        """L2: every file of the manifest and every WAL segment has its size; L3: all of them read under checksums.

        Barman works on one backup at a time, so each examination is yielded as it is done; raises SourceUnavailable
        when there is no list.
        """
        product = self._settings.product()
        asked_for = {copy.key for copy in copies}
        listed = {thing.key: thing for thing in self._list(product, asked_for) if isinstance(thing, Copy)}
        version = product.version("--version")
        for copy in copies:
            evidence: dict[str, Fact] = {}
            finding = self._finding(product, copy, listed.get(copy.key), effort, evidence)
            yield from examinations([(copy, finding)], effort, product="barman", version=version, evidence=evidence)

    def fetch(self, copy: Copy, into: Path, effort: Effort) -> Path:
        """A data directory that recovers to the end of the backup from WAL inside it, and archives nothing."""
        product, folder = self._settings.product(), empty_folder(into)
        target = ("--no-get-wal", "--target-immediate", "--target-action", "promote")
        moved = self._moved_tablespaces(product, copy, folder)
        arguments = ("recover", *target, *moved, self._settings.server, copy.key, str(folder))
        outcome = product.run(*arguments, seconds=effort.seconds_left)
        if outcome.code != 0:
            raise product.failed(outcome, "to recover a backup", remedy=_BY_HAND)
        with (folder / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
            settings.write("\narchive_mode = 'off'\n")  # a restored copy must never write into the archive
        return folder

    def _moved_tablespaces(self, product: Product, copy: Copy, folder: Path) -> list[str]:
        """Beside the restored data: where the backup says they lie, those of the living server lie."""
        shown = self._shown(product, copy.key)
        names = [str(entry.get("name")) for entry in shown.get("tablespaces") or () if isinstance(entry, dict)]
        return [part for name in names for part in ("--tablespace", f"{name}:{folder}-tablespaces/{name}")]

    def _ask(self, product: Product, *arguments: str, seconds: float) -> tuple[Outcome, Any]:
        """A run and its answer; Barman prints JSON even when it fails, unless it does not get that far."""
        outcome = product.run("-f", "json", *arguments, seconds=seconds)
        if outcome.is_timeout or (outcome.code != 0 and not outcome.text.strip().startswith("{")):
            raise product.failed(outcome, f"to {arguments[0]}", remedy=_BY_HAND)
        return outcome, product.json_of(outcome, f"to {arguments[0]}")

    def _list(self, product: Product, only: Collection[str] | None = None) -> list[Listed]:
        """All backups, or those keys: each is shown by a run of its own, and Barman takes half a second to start."""
        server = self._settings.server
        outcome, answer = self._ask(product, "list-backups", server, seconds=self._settings.timeout_seconds)
        try:
            entries = entries_of(answer, server)
        except (KeyError, TypeError, ValueError):
            said = "; ".join(messages_of(answer)) or product.quote(outcome.text)
            raise SourceUnavailable(f"Barman does not list the backups of {server}: {said}", remedy=_BY_HAND) from None
        seen: list[Listed] = []
        for entry in entries:
            if only is not None and entry.get("backup_id") not in only:
                continue
            try:
                seen.append(copy_of(entry, self._shown(product, str(entry["backup_id"])), server, self.name))
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as failure:
                problem = f"Barman lists something that cannot be read as a backup ({failure!r})"
                remedy = f"run `barman show-backup {server} {entry.get('backup_id')}` by hand"
                seen.append(
                    LookGap(subject="an entry", code="backup.unreadable", problem=problem, remedy=remedy, hides=True)
                )
        return seen

    def _shown(self, product: Product, key: str) -> Mapping[str, Any]:
        """`show-backup`: begin, WAL and LSN stand only here; {} where Barman cannot show it."""
        arguments = ("show-backup", self._settings.server, key)
        _, answer = self._ask(product, *arguments, seconds=self._settings.timeout_seconds)
        shown = answer.get(self._settings.server) if isinstance(answer, dict) else None
        return shown if isinstance(shown, dict) else {}

    def _finding(
        self, product: Product, copy: Copy, now: Copy | None, effort: Effort, evidence: dict[str, Fact]
    ) -> Finding:
        if now is None:
            return Finding(level=None, faults=(Fault(code="gone"),))
        if now.faults:
            return Finding(level=Level.SEEN, faults=now.faults)
        if now.fingerprint != copy.fingerprint:
            return Finding(level=None, limits=(Limit(code="changed-since-look"),))
        level = Level.IDENTIFIED
        identity = now.catalogue or Identity()
        try:
            if asked(effort) >= Level.COMPLETE:
                segments = self._complete(product, copy.key, identity, effort)
                level = Level.COMPLETE
                if asked(effort) >= Level.INTACT:
                    self._intact(product, copy.key, identity, segments, effort, evidence)
                    level = Level.INTACT
        except Damaged as damage:
            return Finding(level=level, faults=damage.faults[:_MOST_FAULTS])
        except Unprovable as unprovable:
            return Finding(level=level, limits=(unprovable.limit,))
        except PermissionError as failure:
            return Finding(level=level, limits=(Limit(code="not-readable", facts={"path": str(failure.filename)}),))
        return Finding(level=level)

    def _complete(self, product: Product, key: str, identity: Identity, effort: Effort) -> tuple[Path, ...]:
        """Sizes of data and WAL; the WAL segments that it needs."""
        effort.tick()
        arguments = ("list-files", "--target", "standalone", self._settings.server, key)
        outcome = product.run(*arguments, seconds=effort.seconds_left)
        if outcome.is_timeout:
            raise Unprovable("out-of-time", seconds=round(outcome.seconds))
        if outcome.code != 0 or outcome.is_cut:
            raise product.failed(outcome, "to list the files of a backup", remedy=_BY_HAND)
        paths = [Path(line) for line in outcome.text.splitlines() if line.startswith("/")]
        segments = needed_by(identity, paths)
        data = next((path.parent / "data" for path in paths if path.name == "backup.info"), None)
        if data is None:
            raise Unprovable("structure-unknown")
        faults = list(segment_faults(segments))
        if not any(data in path.parents for path in paths):
            faults.append(Fault(code="member-missing", place="data"))
        elif data / MANIFEST in paths or not faults:
            faults += size_faults(data, effort)
        if faults:
            raise Damaged(*faults)
        return segments

    def _intact(
        self,
        product: Product,
        key: str,
        identity: Identity,
        segments: Sequence[Path],
        effort: Effort,
        evidence: dict[str, Fact],
    ) -> None:
        """Every byte of the data under the manifest's checksums, every record of the WAL under its own."""
        arguments = ("-f", "json", "verify-backup", self._settings.server, key)
        outcome = product.run(*arguments, seconds=effort.seconds_left)
        evidence |= {"code": outcome.code, "said": product.quote(outcome.text, outcome.stderr)}
        if outcome.is_timeout:
            raise Unprovable("out-of-time", seconds=round(outcome.seconds))
        faults: list[Fault] = []
        if outcome.code != 0:
            if not outcome.text.strip().startswith("{"):
                raise product.failed(outcome, "to verify a backup", remedy=_BY_HAND)
            faults += verification(messages_of(product.json_of(outcome, "of a verification")))
        try:
            wal_fault = read_records(identity, segments, self._settings.pg_waldump, effort)
        except Unprovable:
            if not faults:
                raise
            wal_fault = None
        if faults or wal_fault:
            raise Damaged(*faults, *([wal_fault] if wal_fault else []))
