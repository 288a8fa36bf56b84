"""`itops report upload`, `outbox`, `receipts`, `resend`, `verify`, `key`: bundles on their way to headquarters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops import __version__
from itops.bundles.keys import BUNDLE_NAMESPACE, AllowedKey
from itops.bundles.outbox import OutboxRow, State
from itops.bundles.policy import PROFILES, Profile
from itops.cli.delivery_office import DeliveryOffice, allowed_keys, outbox_listing, pass_delivery
from itops.cli.office import Office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.dates import Period, parse_period
from itops.errors import ConfigInvalid, DeliveryRefused, InputInvalid, SourceUnavailable, UsageWrong
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader
from itops.verdict import State as Verdict
from itops.verdict import worst

if TYPE_CHECKING:
    from itops.bundles.targets import Target
    from itops.delivery.keys import OfficeKey
    from itops.store.outbox_writer import OutboxStore
    from itops.tasks.deliver_bundles import Delivery, Made

_RECEIPT_FIELDS = ("bundle", "office", "period", "sequence", "state", "at", "by", "came_at", "reasons")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--period", metavar="PERIOD", help="Make a bundle of this month or year: 1405-08, 2026-11, 1405.")
@click.option(
    "--to", "to", metavar="TARGET", help="Send by this way alone; all of itops.yaml, in its order, by default."
)
@click.option(
    "--redact",
    type=click.Choice(PROFILES),
    help="What is taken out for readers elsewhere; as in itops.yaml by default.",
)
@click.option("--queue-only", is_flag=True, help="Put the bundle into the outbox and send nothing now.")
@output_options
@pass_delivery
def upload(
    delivery: DeliveryOffice,
    files: tuple[Path, ...],
    *,
    period: str | None,
    to: str | None,
    redact: Profile | None,
    queue_only: bool,
    output: Output,
) -> None:
    """Make a signed bundle of a period's report, and send what waits in the outbox.

    Without FILES the report is built as `itops report build` does it. FILES are sent as they are; a folder stands for
    all files below it. Without a period only what waits is sent and receipts are read. The same files again make no
    second bundle; others make a correction with the next number.
    """
    if files and period is None:
        raise UsageWrong("it is not said which period these files are of", remedy="say it: --period 1405-08")
    targets = _ways(delivery, to)
    bundle = None if period is None else _bundle(delivery, period, files, redact, output)
    with delivery.office.open_store() as store:
        made = None if bundle is None else _make(delivery, store.outbox, bundle, output)
        if made is not None:
            _tell_made(made, output)
        outcome = None if queue_only else _deliver(delivery, store.outbox, targets)
        rows = [made.row] if made is not None and outcome is None else list(outcome.rows if outcome else ())
        queued = [row for row in store.outbox.rows() if row.state is State.QUEUED]
    output.show(outbox_listing(delivery, rows), delivery.office.now)
    if outcome is not None:
        tried = {row.sha256 for row in rows}
        _tell_waiting(delivery, [row for row in queued if row.sha256 not in tried], output)
        _tell(delivery, outcome, output)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """What a bundle is to be made of."""

    period: str
    files: Mapping[str, Path]
    redaction: Profile


def _bundle(
    delivery: DeliveryOffice, typed: str, files: tuple[Path, ...], redact: Profile | None, output: Output
) -> _Bundle:
    profile = redact or delivery.policy.redaction
    period = parse_period(typed)
    if not files:
        files = _built(delivery.office, period, profile, output)
    return _Bundle(period=period.name, files=_named(files), redaction=profile)


def _built(office: Office, period: Period, profile: Profile, output: Output) -> tuple[Path, ...]:
    """The files of the report, built and remembered as `itops report build` does it."""
    from itops.cli import report_build  # noqa: PLC0415  only where it is built

    report_build.remember_register(office)
    report = report_build.build_report_of(office, period, profile)
    kept = report_build.draw_and_keep(office, report)
    if profile == "internal":
        report_build.tell_documents(office, report, kept, output)
    return tuple(file.path for file in kept)


def _ways(delivery: DeliveryOffice, wanted: str | None) -> "tuple[Target, ...]":
    """The targets to send by; raises UsageWrong for one that itops.yaml does not know."""
    found = tuple(target for target in delivery.targets if wanted in {None, target.name})
    if wanted is not None and not found:
        known = ", ".join(target.name for target in delivery.targets) or "(none)"
        raise UsageWrong(f"there is no target {wanted!r}", remedy=f"use one of: {known}")
    return found


def _make(delivery: DeliveryOffice, store: "OutboxStore", bundle: _Bundle, output: Output) -> "Made":
    from itops.tasks.deliver_bundles import Maker, make_bundle  # noqa: PLC0415  only where something is sent

    key = delivery.keys.current()
    if key.is_new:
        output.note(f"a new signing key was made, send headquarters its public half: {key.public.text}")
        output.note(f"and let them compare its fingerprint by telephone: {key.public.fingerprint}")
    maker = Maker(
        office=delivery.office.settings.office.id,
        tool_version=__version__,
        redaction=bundle.redaction,
        private_key=key.private,
        folder=delivery.folder,
    )
    return make_bundle(store, maker, bundle.period, bundle.files, delivery.office.now)


def _named(files: tuple[Path, ...]) -> Mapping[str, Path]:
    """Each file by its name in the bundle: below a named folder its path from there, else its own name."""
    found: dict[str, Path] = {}
    for path in files:
        below = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for one in below:
            name = one.relative_to(path).as_posix() if path.is_dir() else one.name
            if name in found:
                raise UsageWrong(f"two files would be called {name}", remedy="rename one, or name their folder instead")
            found[name] = one
    if not found:
        raise InputInvalid("there is no file to send", remedy="name files, or a folder that holds some")
    return found


def _tell_made(made: "Made", output: Output) -> None:
    row = made.row
    if made.is_new:
        output.note(f"{row.name}: made, number {row.sequence} of {row.period}")
    else:
        output.note(f"{row.name}: has exactly these files already ({row.state.value}); no other one was made")


def _deliver(delivery: DeliveryOffice, store: "OutboxStore", targets: "tuple[Target, ...]") -> "Delivery":
    from itops.tasks.deliver_bundles import Desk, deliver  # noqa: PLC0415  only where something is sent

    if not targets:
        raise ConfigInvalid("no target is configured", remedy="name one under delivery.targets in itops.yaml")
    desk = Desk(store=store, folder=delivery.folder, targets=targets, keys=delivery.policy.receipt_keys())
    return deliver(desk, delivery.office.now)


def _tell_waiting(delivery: DeliveryOffice, rows: list[OutboxRow], output: Output) -> None:
    """Bundles that were not tried in this run, as the time for their next try has not come."""
    for row in rows:
        when = delivery.when(row.next_at.isoformat()) if row.next_at else "the next run"
        output.note(f"{row.name}: waits until {when} for its next try; sooner: itops report resend {row.name}")


def _tell(delivery: DeliveryOffice, outcome: "Delivery", output: Output) -> None:
    """What went wrong, and the exit code: 76 something was refused, 69 something could not be sent, else 0."""
    for complaint in outcome.complaints:
        for objection in complaint.objections:
            output.note(f"a receipt at {complaint.target} does not count ({objection.code}): {objection.text}")
    for closed in outcome.closed:
        output.note(f"{closed.target}: {closed.problem.removeprefix(f'{closed.target}: ')}; {closed.remedy}")
    if not delivery.policy.headquarters:
        output.note("no key of headquarters is known (delivery.headquarters): no receipt can close a bundle")
    states = {row.state for row in outcome.rows}
    if State.REFUSED in states:
        click.get_current_context().exit(DeliveryRefused.exit_code)
    if State.QUEUED in states or (outcome.closed and not outcome.rows):
        click.get_current_context().exit(SourceUnavailable.exit_code)


@click.command()
@click.option("--period", help="Only this period.")
@click.option("--open", "only_open", is_flag=True, help="Only what is not delivered.")
@output_options
@pass_delivery
def outbox(delivery: DeliveryOffice, *, period: str | None, only_open: bool, output: Output) -> None:
    """Show every bundle and how far it came; the exit code is the verdict.

    0 all delivered, or on their way in time. 1 one is late. 2 one was refused and no later number was delivered.
    """
    rows = delivery.rows(None if period is None else parse_period(period).name)
    shown = [row for row in rows if not only_open or row.state is not State.DELIVERED]
    output.show(outbox_listing(delivery, shown), delivery.office.now)
    if not shown:
        output.note("nothing is in the outbox" if not rows else "everything is delivered")
    click.get_current_context().exit(worst(_verdict(delivery, row, rows) for row in shown))


def _verdict(delivery: DeliveryOffice, row: OutboxRow, rows: list[OutboxRow]) -> Verdict:
    later = (one for one in rows if one.period == row.period and one.sequence > row.sequence)
    if any(one.state is State.DELIVERED for one in later):
        return Verdict.OK  # corrected
    if row.state is State.REFUSED:
        return Verdict.CRITICAL
    return Verdict.WARNING if row.is_late(delivery.office.now, delivery.policy.max_delay) else Verdict.OK


@click.command()
@click.argument("bundle", required=False)
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the receipts there as they came, one file each: what `ssh-keygen -Y verify` takes.",
)
@output_options
@pass_delivery
def receipts(delivery: DeliveryOffice, bundle: str | None, *, save: Path | None, output: Output) -> None:
    """Show what headquarters signed: all receipts, or those of one BUNDLE."""
    from itops.bundles.receipts import read_receipt  # noqa: PLC0415  only here

    reader = delivery.office.any_reader
    wanted = None if bundle is None else delivery.found(bundle).sha256
    kept = reader.outbox.receipts(wanted) if isinstance(reader, StoreReader) else []
    rows: list[Row] = []
    for number, one in enumerate(kept, start=1):
        receipt = read_receipt(one.raw)
        reasons = [{"code": why.code, "facts": dict(why.facts), "message": why.text} for why in receipt.reasons]
        rows.append({**jsonable(receipt), "came_at": jsonable(one.came_at), "reasons": reasons})
        if save is not None:
            _save(save / f"{one.bundle}.{number:03}.{receipt.state.value}", one.raw)
    listing = Listing(
        schema="itops.report.receipts/1",
        rows=rows,
        columns=(
            Column(field="period", title="period"),
            Column(field="sequence", title="no", is_number=True),
            Column(field="bundle", title="bundle", show=lambda value: value[:12]),
            Column(field="state", title="state"),
            Column(field="at", title="at", show=delivery.when),
            Column(field="by", title="by"),
            Column(field="reasons", title="reasons", show=_messages),
        ),
        csv_fields=_RECEIPT_FIELDS,
    )
    output.show(listing, delivery.office.now)
    if not rows:
        output.note("headquarters has signed for nothing yet")


def _messages(reasons: Any) -> str:
    return "; ".join(reason["message"] for reason in reasons)


def _save(path: Path, raw: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    except OSError as failure:
        problem = f"cannot write {path}: {failure.strerror or failure}"
        raise UsageWrong(problem, remedy="name a folder that you may write") from failure


@click.command()
@click.argument("bundle")
@pass_delivery
def resend(delivery: DeliveryOffice, bundle: str) -> None:
    """Queue a BUNDLE once more that was refused or seems lost; `itops report upload` then sends it."""
    from itops.tasks.deliver_bundles import resend as queue_again  # noqa: PLC0415  only here

    wanted = delivery.found(bundle)
    with delivery.office.open_store() as store:
        row = queue_again(store.outbox, wanted.sha256)
    click.echo(f"{row.name}: queued again; now run: itops report upload", err=True)


@click.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--allowed-signers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whose signatures count, as `ssh-keygen -Y verify -f` takes it; by default our own key and headquarters'.",
)
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Secret keys as age-keygen writes them; they open an archive that is encrypted.",
)
@output_options
@pass_delivery
def verify(
    delivery: DeliveryOffice, path: Path, *, allowed_signers: Path | None, identity: Path | None, output: Output
) -> None:
    """Check a bundle by its manifest NAME.json (NAME.sig and the archive beside it), or a receipt.

    An archive that is encrypted is opened with --identity, or named itself: NAME.DIGEST.zip.age. Exit code 0 when
    nothing speaks against it; 3 when nothing does, but the archive is encrypted and nobody could look; 2 otherwise.
    """
    from itops.delivery.age import NO_IDENTITIES, read_identities  # noqa: PLC0415  only here
    from itops.tasks.verify_bundle import NOT_LOOKED_INTO, verify_file  # noqa: PLC0415  only here

    keys = _own_keys(delivery) if allowed_signers is None else allowed_keys(allowed_signers)
    identities = NO_IDENTITIES if identity is None else read_identities(identity)
    verified = verify_file(path, keys, delivery.office.now, identities)
    rows = [{"code": one.code, "facts": dict(one.facts), "message": one.text} for one in verified.objections]
    listing = Listing(
        schema="itops.report.verify/1",
        rows=rows,
        data={
            "path": str(path),
            "kind": verified.kind,
            "is_sound": not rows,
            **verified.facts,
            "objections": rows,
        },
        columns=(Column(field="code", title="code"), Column(field="message", title="objection")),
        csv_fields=("code", "message"),
    )
    output.show(listing, delivery.office.now)
    if not rows:
        output.note(f"{path.name}: nothing speaks against this {verified.kind}: {_told(verified.facts, delivery.when)}")
    codes = {one.code for one in verified.objections}
    if NOT_LOOKED_INTO in codes:
        output.note("the manifest does not say to whom it is encrypted; look into it with: --identity FILE")
    failed = Verdict.UNKNOWN if codes == {NOT_LOOKED_INTO} else Verdict.CRITICAL
    click.get_current_context().exit(failed if rows else Verdict.OK)


def _told(facts: Mapping[str, Any], when: Callable[[Any], str]) -> str:
    """Facts of a manifest or a receipt for people: words for names, the office's own calendar for moments."""
    shown = {}
    for name, value in facts.items():
        if isinstance(value, bool):
            shown[name] = "yes" if value else "no"
        elif value is not None:
            shown[name] = when(value) if name.endswith("_at") or name == "at" else str(value)
    return ", ".join(f"{name.removeprefix('is_').replace('_', ' ')} {value}" for name, value in shown.items())


def _own_keys(delivery: DeliveryOffice) -> tuple[AllowedKey, ...]:
    """Every key this office has, old ones too, and those of headquarters."""
    office = delivery.office.settings.office.id
    own = tuple(
        AllowedKey(signer=office, key=key, namespaces=frozenset({BUNDLE_NAMESPACE})) for key in delivery.keys.all()
    )
    return own + delivery.policy.receipt_keys()


@click.command()
@click.option("--new", "is_new", is_flag=True, help="Make the next key; it signs nothing until --switch.")
@click.option("--switch", "is_switch", is_flag=True, help="Sign with the next key from now on; the old one is kept.")
@pass_delivery
def key(delivery: DeliveryOffice, *, is_new: bool, is_switch: bool) -> None:
    """Show the public half of the office's signing key, for headquarters; renew it without a gap.

    First --new, then let headquarters take the new key in beside the old one, then --switch.
    """
    if is_new and is_switch:
        raise UsageWrong("--new and --switch cannot be one step", remedy="let headquarters learn the new key between")
    if is_switch:
        _show_key(delivery.keys.switch(), "this key signs from now on")
        return
    if is_new:
        _show_key(delivery.keys.prepare(), "the next key; it signs nothing yet")
        return
    current = delivery.keys.current()
    _show_key(current, "a new signing key was made" if current.is_new else "this key signs")
    if (coming := delivery.keys.coming()) is not None:
        _show_key(coming, "the next key; it signs nothing yet")


def _show_key(key: "OfficeKey", what: str) -> None:
    """The public half on stdout, what it is on stderr: with the fingerprint, which is compared by telephone."""
    click.echo(f"{what}; fingerprint {key.public.fingerprint}", err=True)
    click.echo(key.public.text)
