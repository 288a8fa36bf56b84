"""One finding about the log, the documents or the services; and how bad each code is.

Words for the codes stand in itops/reports/text, in the tables `worklog`, `document` and `service`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from itops.facts import Fact
from itops.verdict import State

ADVICE, WARNING, CRITICAL, UNKNOWN = State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN

CHANGE_CODES: Mapping[str, State] = {
    "change.removed-unexplained": CRITICAL,
    "change.no-order": WARNING,
    "change.created-unexplained": WARNING,
    "change.upgraded-unexplained": WARNING,
    "change.unexplained": WARNING,
    "change.order-late": WARNING,
    "change.order-no-letter": WARNING,
    "change.order-no-date": ADVICE,
    "change.order-no-attachment": ADVICE,
    "change.attachment-gone": WARNING,
    "change.attachment-differs": CRITICAL,
    "change.link-dangling": WARNING,
    "change.not-observed": ADVICE,
    "worklog.row-invalid": WARNING,
}
DOCUMENT_CODES: Mapping[str, State] = {
    "document.open": ADVICE,
    "document.missing": WARNING,
    "document.missing-overdue": CRITICAL,
    "document.not-uploaded": WARNING,
    "document.not-uploaded-overdue": CRITICAL,
    "document.outdated": WARNING,
    "document.no-receipt": ADVICE,
    "document.file-gone": WARNING,
    "document.file-differs": CRITICAL,
    "document.not-in-catalogue": ADVICE,
}
SERVICE_CODES: Mapping[str, State] = {
    "service.no-id": WARNING,
    "service.id-form": WARNING,
    "service.id-duplicate": WARNING,
    "service.parent-unknown": WARNING,
    "service.no-profile": WARNING,
    "service.no-statement": WARNING,
    "service.section-missing": WARNING,
    "service.no-validity": WARNING,
    "service.not-yet-valid": WARNING,
    "service.expired": CRITICAL,
    "service.expires-soon": WARNING,
    "service.term-disagrees": WARNING,
    "service.validity-disagrees": WARNING,
    "service.vm-unknown": WARNING,
    "service.database-unknown": WARNING,
    "service.link-unknown": WARNING,
    "service.unprotected": CRITICAL,
    "service.no-rpo": ADVICE,
    "service.no-rto": ADVICE,
    "service.rpo-missed": CRITICAL,
    "service.rto-missed": CRITICAL,
    "service.not-tested": UNKNOWN,
    "service.restore-failed": CRITICAL,
}
CODES: Mapping[str, State] = {**CHANGE_CODES, **DOCUMENT_CODES, **SERVICE_CODES}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFinding:
    """What is not as it should be. State.OK is advice. `facts` fill the sentence of the code."""

    code: str
    state: State
    subject: str = ""  # the name of a thing, a document or a service
    facts: Mapping[str, Fact] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()  # codes of observed changes, "log 12", jobs, files


def found(code: str, subject: str = "", *evidence: str, **facts: Fact) -> WorkFinding:
    """A finding with the state of its code."""
    return WorkFinding(code=code, state=CODES[code], subject=subject, facts=facts, evidence=evidence)
