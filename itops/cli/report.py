"""`itops report`: the table of its commands; each is imported only when it is called."""

import click

from itops.cli.lazy import LazyGroup

COMMANDS = {
    "build": ("itops.cli.report_build:build", "Build the report of a month or a year: PDF, XLSX, DOCX, HTML, JSON."),
    "exceptions": ("itops.cli.report_build:exceptions", "What the report names as exceptions, with their keys."),
    "explain": ("itops.cli.report_build:explain", "What stands behind a figure of the report."),
    "export": (
        "itops.cli.report_export:export",
        "Write the hardware list in headquarters' columns; tell what is new.",
    ),
    "letter": ("itops.cli.report_letter:letter", "The covering letter of a period's report, with a blank number."),
    "note": ("itops.cli.report_notes:note", "Write a cause, a problem, a proposal, the summary."),
    "notes": ("itops.cli.report_notes:notes", "What was written for the report of a period."),
    "upload": ("itops.cli.report_delivery:upload", "Sign a bundle of a period's files and send what waits."),
    "outbox": ("itops.cli.report_delivery:outbox", "How far each bundle came; the exit code is the verdict."),
    "receipts": ("itops.cli.report_delivery:receipts", "What headquarters signed."),
    "resend": ("itops.cli.report_delivery:resend", "Queue a bundle once more."),
    "verify": ("itops.cli.report_delivery:verify", "Check a bundle or a receipt."),
    "key": ("itops.cli.report_delivery:key", "The office's signing key: show, renew."),
    "documents": (
        "itops.cli.report_documents:documents",
        "Documents that systems ask for: made, uploaded, missing.",
    ),
    "services": ("itops.cli.report_services:services", "Services: promises beside plan and measured restores."),
}


@click.group(cls=LazyGroup, commands_table=COMMANDS)
def report() -> None:
    """What goes to headquarters: the report, documents with their state in each system, services, and the delivery."""
