"""A restore test on a SQL Server that is there for it: read the header, restore under a new name, ask, drop."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from itops.backup.copies import Fault, Identity
from itops.backup.drills import DrillOutcome
from itops.backup.formats import Effort
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.repositories.mssql import restores
from itops.repositories.mssql.server import MssqlServer, Refused, Row, open_server
from itops.repositories.mssql.settings import MssqlSettings
from itops.repositories.mssql.values import guid, truth, whole, words

_MAJOR = re.compile(r"\b(\d{1,3})\.\d")
_FULL = 1  # BackupType of HEADERONLY
_INCOMPLETE = "*** INCOMPLETE ***"
_MOST_SETS = 10_000
_MOST_FILES = 32_767
_DROP_SECONDS = 300.0
_LONGEST_MESSAGE = 500

_WHERE = (
    "SELECT CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(4000)) AS folder, "
    "CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version"
)
_NOT_TESTED = {
    262: "GRANT CREATE ANY DATABASE TO the login (the server role dbcreator)",
    3110: "GRANT CREATE ANY DATABASE TO the login (the server role dbcreator)",
    3201: "the server itself must see the file: give a path as it sees it, and let its service account read there",
    3169: "the backup comes from a newer SQL Server: test it on one at least as new",
    3257: "there is no room on the server's disk: free some, or set restore_folder:",
    1105: "there is no room on the server's disk: free some, or set restore_folder:",
    5133: "a file cannot be made there: set restore_folder: to a folder the server may write to",
    3156: "a file cannot be made there: set restore_folder: to a folder the server may write to",
    3119: "see the server's own message",
    33111: "the backup is encrypted: restore its certificate (with private key) into the master of this server first",
    15581: "the backup is encrypted: open the master key of this server first",
    3101: "somebody else uses the database of the drill: try again",
}
"""Errors that say nothing about the backup, and what to do."""
_FAULTS = {
    3241: "not-its-format",
    3242: "not-its-format",
    3254: "empty",
    3132: "stripe-missing",
    3231: "stripe-missing",
    3256: "unfinished",
    3183: "page-checksum",
    824: "page-checksum",
    3186: "reported-damaged",
    3189: "structure-damaged",
    3266: "structure-damaged",
    3270: "structure-damaged",
}
_READ_FAILED, _END_OF_FILE = 3203, "38("
_ELSE = "restore-failed"


@dataclass(slots=True)
class _Run:
    """A drill on its way."""

    server: MssqlServer
    paths: tuple[str, ...]
    version: str = ""
    evidence: dict[str, Fact] = field(default_factory=dict)

    def outcome(self, *, is_restored: bool, answer: float | None = None, faults: Sequence[Fault] = ()) -> DrillOutcome:
        """What is known by now."""
        return DrillOutcome(
            is_restored=is_restored,
            answer=answer,
            faults=tuple(faults),
            tool="sqlserver",
            tool_version=self.version,
            evidence=dict(self.evidence),
        )


def run_drill(
    settings: MssqlSettings,
    paths: tuple[str, ...],
    identity: Identity | None,
    question: str | None,
    effort: Effort,
    *,
    verify_only: bool,
) -> DrillOutcome:
    """As MssqlHistory.drill."""
    if not settings.restores and not verify_only:
        raise SourceUnavailable(
            f"{settings.host} is not meant for restore tests",
            remedy="set restores: true on the repository of a server that nobody works on",
        )
    if effort.seconds_left <= 0:
        raise _untested("the time is used up", "give the drill more time")
    with open_server(_patient(settings, effort), seconds=effort.seconds_left) as server:
        place = server.row(_WHERE)
        run = _Run(server, paths, words(place.get("version")) or "")
        _refuse_newer(run, identity)
        try:
            header = _header(run, identity)
            if verify_only:
                return _verified(run, header)
            folder = settings.restore_folder or words(place.get("folder"))
            if not folder:
                raise _untested("the server does not tell its data folder", "set restore_folder:")
            return _restored(run, settings, header, folder, question)
        except Refused as refused:
            return run.outcome(is_restored=False, faults=[_fault(refused)])
        except _Unfit as unfit:
            return run.outcome(is_restored=False, faults=[unfit.fault])
        except ValueError as strange:
            raise _untested(f"the server or itops.yaml tells what cannot be: {strange}", "check the paths") from strange


def _refuse_newer(run: _Run, identity: Identity | None) -> None:
    """An old server calls a newer one's backup malformed (3241), which would be a slander."""
    made_by, own = (_MAJOR.search(told or "") for told in (identity and identity.made_by, run.version))
    if made_by and own and int(made_by[1]) > int(own[1]):
        raise _untested(
            f"the backup is of {identity and identity.made_by}, this server {run.version}", _NOT_TESTED[3169]
        )


class _Unfit(Exception):
    """The header alone says that this backup will not do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _patient(settings: MssqlSettings, effort: Effort) -> MssqlSettings:
    """A restore is silent until it is done: only the time of the whole drill limits it."""
    return replace(settings, timeout_seconds=max(settings.timeout_seconds, effort.seconds_left))


def _header(run: _Run, identity: Identity | None) -> Row:
    """The set that is meant: by its GUID where the identity has one, else the only or the last full one."""
    sets = list(islice(run.server.rows(restores.header_only(run.paths)), _MOST_SETS))
    wanted = identity.chain.set_id if identity and identity.chain else None
    found = [row for row in sets if wanted is None or guid(row.get("BackupSetGUID")) == wanted]
    if not found:
        raise _Unfit(Fault(code="set-missing", facts={"sets": len(sets), "expected": wanted}))
    full = [row for row in found if whole(row.get("BackupType")) == _FULL]
    if any(words(row.get("DatabaseName")) == _INCOMPLETE for row in found):
        raise _Unfit(Fault(code="unfinished"))
    if not full:
        raise _untested("only a full backup can be restored by itself", "give the drill's job `kinds: [full]`")
    return _fitting(run, full[-1], identity)


def _fitting(run: _Run, header: Row, identity: Identity | None) -> Row:
    database = words(header.get("DatabaseName"))
    run.evidence |= {
        "database": database,
        "server": words(header.get("ServerName")),
        "position": whole(header.get("Position")) or 1,
        "has_checksums": truth(header.get("HasBackupChecksums")),
        "set_id": guid(header.get("BackupSetGUID")),
    }
    expected = identity.object if identity else None
    if expected is not None and database is not None and database.casefold() != expected.casefold():
        raise _Unfit(Fault(code="wrong-object", facts={"found": database, "expected": expected}))
    return header


def _verified(run: _Run, header: Row) -> DrillOutcome:
    has_checksums = bool(truth(header.get("HasBackupChecksums")))
    position = whole(header.get("Position")) or 1
    run.server.run(restores.verify_only(run.paths, position, has_checksums=has_checksums))
    run.evidence |= {"verified_only": True}
    return run.outcome(is_restored=False)


def _restored(run: _Run, settings: MssqlSettings, header: Row, folder: str, question: str | None) -> DrillOutcome:
    database = restores.PREFIX + secrets.token_hex(8)
    position = whole(header.get("Position")) or 1
    files = list(islice(run.server.rows(restores.file_list_only(run.paths, position)), _MOST_FILES))
    moves = restores.moves(files, database, folder)
    has_checksums = bool(truth(header.get("HasBackupChecksums")))
    run.evidence |= {"files": len(files)}
    try:
        run.server.run(restores.restore_as(database, run.paths, moves, position, has_checksums=has_checksums))
        answer = _asked(run, database, question)
    except SourceUnavailable as failure:
        left = _dropped(run.server, settings, database)
        raise _untested(
            failure.problem + "".join(f"; {database} stays behind" for _ in left), failure.remedy
        ) from failure
    except Refused:
        run.evidence |= _dropped(run.server, settings, database)
        raise
    run.evidence |= _dropped(run.server, settings, database)
    return run.outcome(is_restored=True, answer=answer)


def _asked(run: _Run, database: str, question: str | None) -> float | None:
    """The answer; None where there is no question, or where what came back is no number: then the evidence says why."""
    if question is None:
        return None
    try:
        run.server.run(restores.use(database))
        row = run.server.row(question)
        return float(next(iter(row.values())))
    except Refused as refused:
        run.evidence |= {"said": str(refused)[:_LONGEST_MESSAGE]}
    except (StopIteration, TypeError, ValueError):
        run.evidence |= {"said": "the answer is no number"}
    return None


def _dropped(server: MssqlServer, settings: MssqlSettings, database: str) -> dict[str, Fact]:
    """Drop it; on a new connection when the old one is dead. What stays behind is told by its name."""
    try:
        server.run(restores.drop(database))
    except (Refused, SourceUnavailable):
        try:
            with open_server(settings, seconds=_DROP_SECONDS) as another:
                another.run(restores.drop(database))
        except SourceUnavailable as failure:
            return {"left_behind": database, "left_because": failure.problem[:_LONGEST_MESSAGE]}
    return {}


def _fault(refused: Refused) -> Fault:
    """What a refused RESTORE says of the backup. Raises SourceUnavailable for what it says of the server only."""
    for number in refused.numbers:
        if number in _NOT_TESTED:
            raise _untested(str(refused), _NOT_TESTED[number])
    code = next((_FAULTS[number] for number in refused.numbers if number in _FAULTS), _ELSE)
    if refused.has(_READ_FAILED) and _END_OF_FILE in refused.text:
        code = "cut"
    return _named(code, refused)


def _named(code: str, refused: Refused) -> Fault:
    return Fault(
        code=code, facts={"tool": "sqlserver", "code": refused.number, "said": refused.text[:_LONGEST_MESSAGE]}
    )


def _untested(problem: str, remedy: str) -> SourceUnavailable:
    return SourceUnavailable(f"nothing was tested: {problem}", remedy=remedy)
