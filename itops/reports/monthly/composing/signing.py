"""The places to sign."""

from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.records import Report
from itops.reports.paper.model import Signature, Signatures, said
from itops.text import plain

ROLES = ("prepared", "approved", "ratified")


def signatures(report: Report, pen: Pen) -> Signatures:
    """Three roles, in the order in which they sign; a name that nobody gave is left to the hand."""
    names = {**dict.fromkeys(ROLES, ""), **dict(report.signers)}
    labels = pen.say("sign", "name"), pen.say("sign", "signature"), pen.say("sign", "date")
    return Signatures(
        signatures=tuple(
            Signature(role=said(pen.label("role", role)), name=plain(name), labels=labels)
            for role, name in names.items()
        )
    )
