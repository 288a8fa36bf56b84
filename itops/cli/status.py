"""`itops status`: everything at a glance for a person, what is not well first; from the store alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from itops.alerts.checking import SCHEDULE, CheckedObject, CheckResult, overall
from itops.alerts.holding import is_active
from itops.alerts.patterns import covers
from itops.alerts.records import Incident, Key, Phase, Silence
from itops.cli.check import wanted_of
from itops.cli.columns import moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Format, Listing, Output, Row, output_options, without_cells
from itops.jsonable import jsonable
from itops.reports.checked.few_words import few_words
from itops.reports.checked.names import one_line
from itops.reports.checked.sentences import said, span
from itops.reports.words import Words
from itops.tasks.read_checks import Standing, read_checks
from itops.text import counted
from itops.verdict import State, severity

if TYPE_CHECKING:
    from itops.store.reader import Reader

_SHOWN = 15  # exceptions in a table: one screen; the rest is counted
_LONGEST = 40  # letters of a name in a table
_FIELDS = (
    "state", "check", "object", "code", "message", "is_stale", "since", "last_good_at", "judged_at", "owner", "phase",
    "acked_by", "acked_at", "silenced_until",
)  # fmt: skip


@click.command()
@output_options
@pass_office
def status(office: Office, output: Output) -> int:
    """Show how everything stands: each check, what is not well and who has it in hand, the scheduler, what waits.

    Reads the store only. Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, as `itops check` does.
    """
    reader: Any = office.any_reader
    if reader is None:
        output.note("there is no store yet, so nothing can be told: run `itops inventory scan`")
        return State.UNKNOWN.value
    known = _known(office, reader)
    output.show(_page(known, office, output), office.now)
    _notes(known, output)
    return known.state.value


class _Known(NamedTuple):
    """What the store knows."""

    standing: Standing
    incidents: dict[Key, Incident]
    silences: tuple[Silence, ...]  # that hold now
    notifications: int  # that wait
    bundles: int

    @property
    def state(self) -> State:
        return overall(self.standing.results)

    @property
    def objects(self) -> list[CheckedObject]:
        return [one for result in self.standing.results for one in result.objects]

    @property
    def judged(self) -> list[CheckedObject]:
        """Without the beat, which is judged at the moment it is looked at."""
        return [one for one in self.objects if one.judged_at is not None and one.key != SCHEDULE]

    @property
    def bad(self) -> list[CheckedObject]:
        found = [one for result in self.standing.results for one in result.bad]
        return sorted(found, key=lambda one: -severity(one.state))


def _known(office: Office, reader: "Reader") -> _Known:
    watch = reader.watch
    silences = (one for one in watch.silences() if is_active(one, office.now))
    return _Known(
        standing=read_checks(watch, wanted_of(office.setting), office.now),
        incidents=watch.incidents(only_open=True),
        silences=tuple(silences),
        notifications=len(watch.notifications(only_open=True)),
        bundles=sum(row.state.is_open for row in reader.outbox.rows()),
    )


def _page(known: _Known, office: Office, output: Output) -> Listing:
    words = few_words("en", calendar=office.calendar, zone=office.zone, marks=False)
    checks = [_check_row(result) for result in known.standing.results]
    exceptions = [_exception_row(one, known, office.now, words) for one in known.bad]
    facts = _facts(known)
    if output.format is Format.TABLE:
        head = f"{known.state.name}: {_headline(known, office, words)}"
        click.echo(f"{one_line(head)}\n", file=output.stdout)
    when = moments_in(office.calendar, office.zone)
    shown = [{**row, **_shown(row, office.now, words)} for row in exceptions[:_SHOWN]]
    return Listing(
        schema="itops.status/1",
        rows=exceptions,
        data={
            "state": known.state.name,
            "checks": [without_cells(row) for row in checks],
            "exceptions": exceptions,
            **facts,
        },
        columns=(),
        csv_fields=_FIELDS,
        is_drawn=False,
        tables=(
            *((_table(checks, _CHECK_COLUMNS), _table(shown, _EXCEPTION_COLUMNS)) if exceptions else ()),
            _table(
                _fact_rows(known, facts, office, words), (*_FACT_COLUMNS, Column(field="at", title="at", show=when))
            ),
        ),
    )


def _table(rows: Sequence[Row], columns: tuple[Column, ...]) -> Listing:
    return Listing(schema="itops.status/1", rows=rows, columns=columns, csv_fields=())


_CHECK_COLUMNS = (
    Column(field="check", title="check"),
    Column(field="state", title="state"),
    Column(field="ok", title="in order", is_number=True),
    Column(field="bad", title="not well", is_number=True),
    Column(field="_worst", title="worst", widest=_LONGEST),
)
_EXCEPTION_COLUMNS = (
    Column(field="state", title="state"),
    Column(field="_about", title="about", widest=30),
    Column(field="_said", title="what is wrong, and who has it in hand"),
    Column(field="_for", title="for"),
)
_FACT_COLUMNS = (Column(field="fact", title="besides"), Column(field="said", title=""))


def _headline(known: _Known, office: Office, words: Words) -> str:
    total, bad, judged = len(known.objects), len(known.bad), known.judged
    if not judged:
        return "nothing was judged yet"
    newest = max(one.judged_at for one in judged if one.judged_at is not None)
    age = span(max(office.now - newest, timedelta()), words)
    if not bad:
        return f"all {total:,} things that are judged are well; last judged {age} ago"
    return f"{counted('thing', 'things', bad)} of {total:,} not well; last judged {age} ago"


def _check_row(result: CheckResult) -> dict[str, Any]:
    counts = result.counts
    worst = result.bad[0].key.object or result.bad[0].key.check if result.bad else None
    return {
        "check": result.check,
        "state": result.state.name,
        **counts._asdict(),
        "bad": counts.bad,
        "worst": worst,
        "_worst": one_line(worst or ""),
        "oldest_good_at": jsonable(result.oldest_good_at),
    }


def _exception_row(one: CheckedObject, known: _Known, now: datetime, words: Words) -> dict[str, Any]:
    incident = known.incidents.get(one.key)
    since = one.since or (incident.first_bad_at if incident else None)
    silences = [silence.until for silence in known.silences if covers((silence.check,), (silence.object,), one.key)]
    return {
        "state": one.state.name,
        "check": one.key.check,
        "object": one.key.object,
        "code": one.code,
        "message": said(one, now, words),
        "is_stale": one.is_stale,
        "since": jsonable(since),
        "last_good_at": jsonable(one.last_good_at),
        "judged_at": jsonable(one.judged_at),
        "owner": one.owner or None,
        "phase": incident.phase.value if incident else None,
        "acked_by": incident.acked_by or None if incident else None,
        "acked_at": jsonable(incident.acked_at) if incident else None,
        "silenced_until": jsonable(max(silences, default=None)),
    }


def _shown(row: Row, now: datetime, words: Words) -> Row:
    """What only the table has."""
    since = datetime.fromisoformat(row["since"]) if row["since"] else None
    said = [
        row["message"],
        *([f"owner {row['owner']}"] if row["owner"] else []),
        *([f"acked by {row['acked_by']}"] if row["acked_by"] else []),
        *(["silenced"] if row["silenced_until"] else []),
        *(["not told yet"] if row["phase"] == Phase.PENDING.value else []),
    ]
    return {
        "_about": f"{row['check']} {row['object']}".strip(),
        "_for": "" if since is None else span(max(now - since, timedelta()), words),
        "_said": "; ".join(said),
    }


def _facts(known: _Known) -> dict[str, Any]:
    judged = known.judged
    oldest = _oldest_backup(known)
    return {
        "judged_count": len(judged),
        "last_judged_at": jsonable(max((one.judged_at for one in judged if one.judged_at), default=None)),
        "beat_at": jsonable(known.standing.beat_at),
        "oldest_backup": None if oldest is None else oldest.key.object,
        "oldest_backup_at": None if oldest is None else jsonable(oldest.last_good_at),
        "waiting_notifications": known.notifications,
        "waiting_bundles": known.bundles,
    }


def _oldest_backup(known: _Known) -> CheckedObject | None:
    backups = (one for one in known.objects if one.key.check == "backup" and one.last_good_at is not None)
    return min(backups, key=_good_at, default=None)


def _good_at(one: CheckedObject) -> datetime:
    assert one.last_good_at is not None
    return one.last_good_at


def _fact_rows(known: _Known, facts: Row, office: Office, words: Words) -> list[Row]:
    beat_at = known.standing.beat_at
    rows = [
        _fact("scheduler", "never ticked" if beat_at is None else f"ticked {_ago(beat_at, office, words)}", beat_at)
    ]
    oldest = _oldest_backup(known)
    if oldest is not None:
        good_at = _good_at(oldest)
        name = one_line(oldest.key.object)[:_LONGEST]
        rows.append(_fact("oldest good backup", f"{name}, {_ago(good_at, office, words)}", good_at))
    if known.notifications:
        rows.append(_fact("messages", f"{known.notifications:,} wait to be sent"))
    if known.bundles:
        rows.append(_fact("bundles", f"{known.bundles:,} not delivered yet"))
    if facts["last_judged_at"]:
        rows.append({"fact": "last judged", "said": f"{facts['judged_count']:,} things", "at": facts["last_judged_at"]})
    return rows


def _fact(name: str, said: str, moment: datetime | None = None) -> Row:
    return {"fact": name, "said": said, "at": jsonable(moment)}


def _ago(moment: datetime, office: Office, words: Words) -> str:
    return f"{span(max(office.now - moment, timedelta()), words)} ago"


def _notes(known: _Known, output: Output) -> None:
    """What to do next."""
    if not known.judged:
        output.note("nothing was judged yet: run `itops alerts evaluate`, or let the schedule do it")
    more = len(known.bad) - _SHOWN
    if more > 0 and output.format is Format.TABLE:
        output.note(f"and {more:,} more: `itops status --output csv` has them all")
