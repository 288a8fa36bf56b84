"""`itops heartbeat`: tell headquarters and others that itops lives; and, there, which offices are silent."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from itops import __version__, clock
from itops.bundles.policy import HeartbeatPolicy
from itops.cli.columns import moments_in
from itops.cli.delivery_office import DeliveryOffice, allowed_keys
from itops.cli.office import Office, office_of, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.errors import ConfigInvalid, UsageWrong
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader
from itops.verdict import State, worst

if TYPE_CHECKING:
    from itops.bundles.heartbeat import Heartbeat
    from itops.bundles.pings import Ping
    from itops.bundles.silence import OfficeHeard
    from itops.bundles.targets import HeartbeatFile, Target
    from itops.tasks.beat_elsewhere import Told

_SENT_FIELDS = ("kind", "name", "is_told", "word", "problem", "remedy")
_OFFICE_FIELDS = (
    *("office", "state", "code", "made_at", "age_hours", "tool_version", "report", "beat_at", "evaluated_at"),
    *("ok", "warning", "critical", "unknown", "stale", "runs_ok", "runs_failed", "file", "objections"),
)
_NOBODY = "nobody elsewhere is to hear of this office"
_WHAT_TO_WRITE = (
    "write a target under delivery.targets in itops.yaml, or a ping: "
    "heartbeat: {pings: {NAME: {type: healthchecks, url: https://HOST/PATH}}}"
)


class HeartbeatOffice:
    """The office and who is to hear of it; tests hand in one of their own, with ways and pings as they like."""

    def __init__(
        self, office: Office, *, ways: "tuple[Target, ...] | None" = None, pings: "tuple[Ping, ...] | None" = None
    ) -> None:
        self.office = office
        self._ways = ways
        self._pings = pings

    @cached_property
    def policy(self) -> HeartbeatPolicy:
        """The `heartbeat` section of itops.yaml."""
        return self.office.settings.heartbeat

    @cached_property
    def delivery(self) -> DeliveryOffice:
        """The keys, and the ways of bundles."""
        return DeliveryOffice(self.office)

    @cached_property
    def ways(self) -> "tuple[Target, ...]":
        """The ways to headquarters, in the order of the file; none where headquarters is not to be told."""
        if not self.policy.headquarters:
            return ()
        if self._ways is not None:
            return self._ways
        return () if self.office.settings.delivery is None else self.delivery.targets

    @cached_property
    def pings(self) -> "tuple[Ping, ...]":
        """The switches elsewhere."""
        if self._pings is not None:
            return self._pings
        return tuple(ping.build() for ping in self.policy.pings.values())

    def close(self) -> None:
        """Close the store, if it was opened."""
        self.office.close()


@click.command()
@click.option(
    "--check",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="At headquarters: send nothing; tell which offices are silent, by the heartbeats in this folder.",
)
@click.option(
    "--keys",
    "--allowed-signers",
    "keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --check: whose signatures count, as `ssh-keygen -Y verify -f` takes it.",
)
@output_options
@click.pass_context
def heartbeat(context: click.Context, folder: Path | None, keys: Path | None, output: Output) -> None:
    """Tell headquarters and every ping of itops.yaml that itops lives, by counts alone.

    The signed heartbeat goes by the first way of delivery that takes it. Exit code 0 when all were told, 1 some, 2
    nobody. With --check 0 when every office was heard of in the last 26 hours, 1 when the scheduler of one stands
    still, 2 when one is silent, 3 when a heartbeat is not proven.
    """
    if folder is None and keys is not None:
        raise UsageWrong("--keys says whose heartbeats count", remedy="name their folder, too: --check FOLDER")
    if folder is not None and keys is None:
        raise UsageWrong("it is not said whose heartbeats count", remedy="name a file of keys: --keys ALLOWED_SIGNERS")
    if folder is not None and keys is not None:
        context.exit(_check(context.obj, folder, keys, output))
    if isinstance(context.obj, HeartbeatOffice):
        context.exit(_send(context.obj, output))

    @pass_office
    def with_office(office: Office) -> State:
        return _send(HeartbeatOffice(office), output)

    context.exit(with_office())


def _send(elsewhere: HeartbeatOffice, output: Output) -> State:
    from itops.tasks.beat_elsewhere import beat_elsewhere, heartbeat_of, verdict_of  # noqa: PLC0415  only here

    office = elsewhere.office
    if not elsewhere.ways and not elsewhere.pings:
        raise ConfigInvalid(_NOBODY, remedy=_WHAT_TO_WRITE)
    reader = office.any_reader
    made = heartbeat_of(
        reader if isinstance(reader, StoreReader) else None, office.settings.office.id, __version__, office.now
    )
    file = _signed(elsewhere, made, output) if elsewhere.ways else None
    told = beat_elsewhere(file, made.pulse, elsewhere.ways, elsewhere.pings)
    output.show(_sent_listing(told, made), office.now)
    for one in told:
        if not one.is_told:
            output.note(f"{one.name}: {one.problem.removeprefix(f'{one.name}: ')}; {one.remedy}")
    if reader is None:
        output.note("nothing was ever recorded here: the heartbeat says so, and that itops lives")
    return verdict_of(told)


def _signed(elsewhere: HeartbeatOffice, made: "Heartbeat", output: Output) -> "HeartbeatFile":
    from itops.bundles.heartbeat import write_heartbeat  # noqa: PLC0415  only where something is signed

    key = elsewhere.delivery.keys.current()
    if key.is_new:
        output.note(f"a new signing key was made, send headquarters its public half: {key.public.text}")
        output.note(f"and let them compare its fingerprint by telephone: {key.public.fingerprint}")
    return write_heartbeat(made, key.private)


def _sent_listing(told: "tuple[Told, ...]", made: "Heartbeat") -> Listing:
    rows: list[Row] = [{name: getattr(one, name) for name in _SENT_FIELDS} for one in told]
    return Listing(
        schema="itops.heartbeat.sent/1",
        rows=rows,
        data={"heartbeat": _claims(made), "told": rows},
        columns=(
            Column(field="kind", title="to"),
            Column(field="name", title="way"),
            Column(field="is_told", title="told", show=lambda value: "yes" if value else "no"),
            Column(field="word", title="what"),
            Column(field="problem", title="problem"),
        ),
        csv_fields=_SENT_FIELDS,
    )


def _claims(made: "Heartbeat") -> dict[str, Any]:
    """What a heartbeat says, flat."""
    plain: dict[str, Any] = jsonable(made)
    return {**{name: value for name, value in plain.items() if name != "pulse"}, **plain["pulse"]}


def _check(given: object, folder: Path, keys: Path, output: Output) -> State:
    from itops.tasks.verify_heartbeat import verify_heartbeats  # noqa: PLC0415  only at headquarters

    now, when = _clock_of(given)
    heard = verify_heartbeats(folder, allowed_keys(keys), now)
    rows = [_office_row(one) for one in heard]
    listing = Listing(
        schema="itops.heartbeat.check/1",
        rows=rows,
        columns=(
            Column(field="office", title="office"),
            Column(field="state", title="state"),
            Column(field="made_at", title="last heard", show=when),
            Column(field="age_hours", title="hours ago", show=_in_hours, is_number=True),
            Column(field="critical", title="critical", is_number=True, spare=2),
            Column(field="runs_failed", title="failed runs", is_number=True, spare=3),
            Column(field="report", title="report", spare=4),
            Column(field="tool_version", title="version", spare=5),
            Column(field="message", title="what"),
            Column(field="file", title="file", spare=1),
        ),
        csv_fields=_OFFICE_FIELDS,
    )
    output.show(listing, now)
    if not heard:
        output.note("no key of these may sign heartbeats, and none lies here; see `man ssh-keygen`, ALLOWED SIGNERS")
        return State.UNKNOWN
    return worst(one.state for one in heard)


_MESSAGES = {
    "heartbeat.heard": "",
    "heartbeat.scheduler-still": "itops lives, and its scheduler does not",
    "heartbeat.silent": "silent",
    "heartbeat.never": "never heard of",
}


def _office_row(one: "OfficeHeard") -> Row:
    claims = {} if one.heartbeat is None else _claims(one.heartbeat)
    objections = [{"code": why.code, "facts": dict(why.facts), "message": why.text} for why in one.objections]
    return {
        **claims,
        "office": one.office,
        "state": one.state.name,
        "code": one.code,
        "age_hours": None if one.age is None else round(one.age.total_seconds() / 3600, 2),
        "file": one.place or None,
        "message": "; ".join(why.text for why in one.objections) or _MESSAGES.get(one.code, one.code),
        "objections": objections,
    }


def _in_hours(value: Any) -> str:
    return "" if value is None else f"{value:.1f}"


def _clock_of(given: object) -> tuple[datetime, Callable[[Any], str]]:
    """The moment it is, and how moments are shown: at headquarters there need be no itops.yaml."""
    office = given.office if isinstance(given, HeartbeatOffice) else None
    if office is None and isinstance(given, str) and Path(given).exists():
        office = office_of(Path(given))
    if office is None:
        return clock.now(), moments_in("jalali", ZoneInfo("Asia/Tehran"))
    return office.now, moments_in(office.calendar, office.zone)
