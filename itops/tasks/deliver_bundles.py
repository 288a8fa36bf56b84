"""Make a bundle of a period's files, send what waits in the outbox, and let verified receipts close it.

Safe to run at any time and any number of times: a bundle of the same files is not made twice, what is there is not
sent twice, a receipt counts once. Every step is written before and after the network is touched.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from itops.bundles import outbox
from itops.bundles.keys import AllowedKey
from itops.bundles.manifest import LAST_SEQUENCE, Edition
from itops.bundles.objections import Objection
from itops.bundles.outbox import OutboxRow, State
from itops.bundles.receipts import Receipt, check_receipt
from itops.bundles.targets import Progress, Put, Target
from itops.delivery.outbox_files import Content, OutboxFolder
from itops.errors import (
    ConfigInvalid,
    DeliveryRefused,
    InputInvalid,
    ItopsError,
    SourceUnavailable,
    StoreUnavailable,
    UsageWrong,
)


class OutboxWriter(Protocol):
    """What is needed of the store; see itops.store.outbox_writer."""

    def rows(self) -> list[OutboxRow]:
        """All bundles, in the order of making."""
        ...

    def enqueue(self, row: OutboxRow) -> OutboxRow:
        """Take a new one in."""
        ...

    def change(self, sha256: str, step: Callable[[OutboxRow], OutboxRow]) -> OutboxRow | None:
        """Take a step with one as it is now."""
        ...

    def keep_receipt(self, receipt: Receipt, raw: bytes, now: datetime) -> OutboxRow | None:
        """Keep a verified receipt, which may close a row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes bundles: the office, its key, its outbox."""

    office: str
    tool_version: str
    redaction: str
    private_key: bytes = field(repr=False)
    folder: OutboxFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The bundle of a period's files."""

    row: OutboxRow
    is_new: bool  # False: the newest bundle of the period has exactly these files


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A receipt that does not count, and where it was found."""

    target: str
    bundle: str | None
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A way that could not be used in this run."""

    target: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of one run."""

    rows: tuple[OutboxRow, ...]  # those that this run touched, as they are now
    complaints: tuple[Complaint, ...]
    closed: tuple[Closed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a run of delivery works with."""

    store: OutboxWriter
    folder: OutboxFolder
    targets: Sequence[Target]
    keys: tuple[AllowedKey, ...]  # of headquarters
    progress: Callable[[OutboxRow], Progress] = lambda row: lambda there, whole: None


def make_bundle(store: OutboxWriter, maker: Maker, period: str, files: Mapping[str, Path], now: datetime) -> Made:
    """Put these files (name in the bundle -> where they lie) into the outbox as the period's next edition.

    Raises InputInvalid, StoreLocked; UsageWrong when the same files were refused: they will be refused again.
    """
    with maker.folder.alone(), maker.folder.packed(files) as content:
        rows = [row for row in store.rows() if row.office == maker.office]
        editions = [row for row in rows if row.period == period]
        same = _same(maker.folder, editions, content)
        if same is not None:
            return Made(row=same, is_new=False)
        edition = Edition(
            office=maker.office,
            period=period,
            sequence=editions[-1].sequence + 1 if editions else 1,
            tool_version=maker.tool_version,
            redaction=maker.redaction,
            previous=rows[-1].sha256 if rows else None,
        )
        if edition.sequence > LAST_SEQUENCE:
            raise InputInvalid(f"{period} has {LAST_SEQUENCE} bundles already", remedy="ask headquarters")
        manifest = maker.folder.keep(content, edition, maker.private_key, now)
        row = OutboxRow(
            sha256=manifest.sha256,
            name=manifest.name,
            office=manifest.office,
            period=manifest.period,
            sequence=manifest.sequence,
            size_bytes=manifest.archive.size_bytes,
            previous=manifest.previous,
            queued_at=now,
        )
        return Made(row=store.enqueue(row), is_new=True)


def _same(folder: OutboxFolder, editions: Sequence[OutboxRow], content: Content) -> OutboxRow | None:
    """The newest edition, if it holds exactly these files."""
    if not editions or folder.manifest(editions[-1].name).archive != content.archive:
        return None
    newest = editions[-1]
    if newest.state is State.REFUSED:
        raise UsageWrong(
            f"headquarters refused a bundle of exactly these files: {newest.problem}",
            remedy=f"mend the report first; or send the same once more: itops report resend {newest.sha256[:12]}",
        )
    return newest


def deliver(desk: Desk, now: datetime) -> Delivery:
    """Read receipts, send what is due, read receipts again.

    Raises StoreLocked when another process is at it, and what the store raises. No target's failure is raised: it
    stays in its row and in `closed`.
    """
    with desk.folder.alone():
        run = _Run(desk, now)
        run.read_receipts()
        run.send()
        run.read_receipts()
        return run.outcome()


def resend(store: OutboxWriter, sha256: str) -> OutboxRow:
    """Queue a bundle once more, from the beginning. Raises UsageWrong for one that is delivered."""
    row = store.change(sha256, lambda held: held if held.state is State.DELIVERED else outbox.resent(held))
    if row is None:
        raise UsageWrong(f"there is no bundle {sha256[:12]}", remedy="`itops report outbox` shows them all")
    if row.state is State.DELIVERED:
        raise UsageWrong(
            f"the bundle {row.name} is delivered: headquarters signed for it",
            remedy="build the report again and upload it; a correction gets the next number",
        )
    return row


class _Run:
    """One run of delivery."""

    def __init__(self, desk: Desk, now: datetime) -> None:
        self._desk = desk
        self._now = now
        self._touched: dict[str, OutboxRow] = {}
        self._complaints: dict[bytes, Complaint] = {}
        self._closed: dict[str, Closed] = {}

    def outcome(self) -> Delivery:
        return Delivery(
            rows=tuple(self._touched.values()),
            complaints=tuple(self._complaints.values()),
            closed=tuple(self._closed.values()),
        )

    def read_receipts(self) -> None:
        """Ask every way for receipts of what may have arrived, also by a way that was tried before."""
        for target in self._desk.targets:
            wanted = frozenset(row.sha256 for row in outbox.waiting(self._desk.store.rows()))
            if not wanted or target.name in self._closed:
                continue
            try:
                self._read(target.name, target.receipts(wanted), wanted)
            except (SourceUnavailable, ConfigInvalid) as failure:
                self._close(target, failure)

    def _read(self, target: str, found: Iterable[bytes], wanted: Collection[str]) -> None:
        for raw in found:
            receipt, objections = check_receipt(raw, self._desk.keys, self._now)
            if receipt is None or objections:
                bundle = receipt.bundle if receipt else None
                self._complaints[raw] = Complaint(target=target, bundle=bundle, objections=objections)
            elif receipt.bundle in wanted:
                self._keep(self._desk.store.keep_receipt(receipt, raw, self._now))

    def send(self) -> None:
        for row in outbox.due(self._desk.store.rows(), self._now):
            open_ways = [target for target in self._desk.targets if target.name not in self._closed]
            if not open_ways:
                return
            self._send(row, open_ways)

    def _send(self, row: OutboxRow, ways: Sequence[Target]) -> None:
        try:
            bundle = self._desk.folder.load(row.name, row.sha256)
        except StoreUnavailable as damage:  # of this bundle alone: the others go on
            self._change(row, partial(outbox.failed, now=self._now, problem=damage.problem, remedy=damage.remedy))
            return
        progress = self._desk.progress(row)
        failure: ItopsError | None = None
        for target in ways:
            self._change(row, partial(outbox.begun, target=target.name))
            try:
                put = target.put(bundle, progress)
            except (SourceUnavailable, ConfigInvalid) as closed:  # ConfigInvalid: of this way alone, others may be open
                failure = closed
                self._close(target, closed)
            except (InputInvalid, StoreUnavailable) as damage:  # a part was lost under our hands, or cannot be sealed
                failure = damage
            except DeliveryRefused as refusal:
                self._change(
                    row, partial(outbox.refused, now=self._now, problem=refusal.problem, remedy=refusal.remedy)
                )
                return
            else:
                self._sent(row, target, put)
                return
        if failure is not None:
            self._change(row, partial(outbox.failed, now=self._now, problem=failure.problem, remedy=failure.remedy))

    def _sent(self, row: OutboxRow, target: Target, put: Put) -> None:
        self._change(row, partial(outbox.sent, now=self._now))
        self._read(target.name, put.receipts, (row.sha256,))

    def _change(self, row: OutboxRow, step: Callable[[OutboxRow], OutboxRow]) -> None:
        self._keep(self._desk.store.change(row.sha256, step))

    def _keep(self, row: OutboxRow | None) -> None:
        if row is not None:
            self._touched[row.sha256] = row

    def _close(self, target: Target, failure: ItopsError) -> None:
        self._closed[target.name] = Closed(target=target.name, problem=failure.problem, remedy=failure.remedy)
