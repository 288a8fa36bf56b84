"""What is wrong between what was observed and what was written down. A removal without an order is an exception."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from itops.facts import Fact
from itops.inventory.facts import Action
from itops.verdict import severity
from itops.worklog.entries import Attachment, Order, WorkKind
from itops.worklog.findings import WorkFinding, found
from itops.worklog.log import Standing, WorkLog
from itops.worklog.matching import Explained, Matched
from itops.worklog.policy import ChangePolicy

_UNEXPLAINED = {
    Action.REMOVED: "change.removed-unexplained",
    Action.ADDED: "change.created-unexplained",
    Action.UPGRADED: "change.upgraded-unexplained",
}
_VISIBLE = frozenset({WorkKind.CREATED, WorkKind.REMOVED})
"""Kinds of entries whose deed an inventory must see sooner or later; a patch it never sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is judged, and when."""

    matched: Matched
    log: WorkLog
    policy: ChangePolicy
    begin: datetime
    end: datetime
    now: datetime
    zone: ZoneInfo
    attachments: Mapping[str, str | None] = field(default_factory=dict)
    """SHA-256 of the attached files as they are now, by path; None: it is not there. A path that is missing here was
    not looked at."""

    def is_within(self, moment: datetime) -> bool:
        """Whether it lies in the period."""
        return self.begin <= moment < self.end


def judge_changes(question: Question) -> tuple[WorkFinding, ...]:
    """Everything that is wrong in the period, the worst first."""
    findings = [*_changes(question), *_entries(question)]
    findings += [found("worklog.row-invalid", f"log {row.number}", reason=row.code) for row in question.log.invalid]
    return tuple(sorted(findings, key=lambda one: (-severity(one.state), one.code, one.subject.casefold())))


def _changes(question: Question) -> Iterator[WorkFinding]:
    for one in question.matched.changes:
        if question.is_within(one.change.at) and one.change.action in question.policy.explain:
            yield from _change(one, question)


def _change(one: Explained, question: Question) -> Iterator[WorkFinding]:
    change = one.change
    told = {"kind": change.kind.value, "seen_at": change.at.isoformat(), "field": change.field}
    evidence = (one.ref.code, *(f"log {entry.number}" for entry in one.entries))
    order = one.order
    if not one.entries:
        code = _UNEXPLAINED.get(change.action, "change.unexplained")
        yield found(code, change.name, *evidence, action=change.action.value, **told)
    elif change.action is Action.REMOVED and order is None:
        yield found("change.no-order", change.name, *evidence, by=one.entries[0].entry.by, **told)
    if order is not None and order.on is not None:
        seen_on = change.at.astimezone(question.zone).date()
        if order.on > seen_on:
            late = (order.on - seen_on).days
            yield found(
                "change.order-late",
                change.name,
                *evidence,
                order_on=order.on.isoformat(),
                seen_on=seen_on.isoformat(),
                late_days=late,
            )


def _entries(question: Question) -> Iterator[WorkFinding]:
    for one in question.log.within(question.begin, question.end):
        if one.entry.order is not None:
            yield from _order(one, one.entry.order, question.attachments)
        yield from _not_observed(one, question)
    for one, link in question.matched.dangling:
        if question.is_within(link.at):
            yield found("change.link-dangling", f"log {one.number}", link.code, change=link.code)


def _order(one: Standing, order: Order, attachments: Mapping[str, str | None]) -> Iterator[WorkFinding]:
    subject, evidence = ", ".join(one.entry.subjects), f"log {one.number}"
    told: dict[str, Fact] = {"issuer": order.issuer, "number": one.number}
    if not order.letter_no:
        yield found("change.order-no-letter", subject, evidence, **told)
    if order.on is None:
        yield found("change.order-no-date", subject, evidence, **told)
    if order.attachment is None:
        yield found("change.order-no-attachment", subject, evidence, **told)
    else:
        yield from _attachment(subject, evidence, order.attachment, attachments)


def _attachment(
    subject: str, evidence: str, attachment: Attachment, attachments: Mapping[str, str | None]
) -> Iterator[WorkFinding]:
    if attachment.path not in attachments:
        return
    now = attachments[attachment.path]
    if now is None:
        yield found("change.attachment-gone", subject, evidence, path=attachment.path)
    elif now != attachment.sha256:
        yield found("change.attachment-differs", subject, evidence, path=attachment.path, sha256=attachment.sha256)


def _not_observed(one: Standing, question: Question) -> Iterator[WorkFinding]:
    """Only when every scan that might have shown it is over."""
    if one.entry.kind not in _VISIBLE or question.now - one.entry.at <= question.policy.match_within:
        return
    for subject in question.matched.unmet.get(one.number, ()):
        on = one.entry.at.astimezone(question.zone).date().isoformat()
        yield found("change.not-observed", subject, f"log {one.number}", number=one.number, done_on=on)


def window_of(begin: datetime, end: datetime, policy: ChangePolicy, now: datetime) -> tuple[datetime, datetime]:
    """The longer period whose changes must be known to judge a shorter one: a deed may be seen in the next month."""
    reach = max(policy.match_within, policy.slack)
    return begin - reach, max(min(end + reach, now + timedelta(microseconds=1)), end)


def counts_of(standing: Sequence[Standing]) -> Mapping[WorkKind, int]:
    """How many deeds, meetings, letters some entries stand for; a deed counts once for each of its subjects."""
    counts = dict.fromkeys(WorkKind, 0)
    for one in standing:
        is_counted = one.entry.kind in (WorkKind.MEETING, WorkKind.LETTERS)
        counts[one.entry.kind] += one.entry.count if is_counted else max(len(one.entry.subjects), 1)
    return counts
