"""`itops inventory health`: everything judged, the worst first."""

import click

from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import hole_rows
from itops.inventory.health import Finding, Judgement
from itops.jsonable import jsonable
from itops.reports.findings import message_of, reason_of, remedy_of, title_of
from itops.reports.words import Words, load_words
from itops.tasks.judge_health import judge_health, policy_of
from itops.tasks.read_inventory import Hole, holes
from itops.verdict import State

_FIELDS = ("state", "code", "title", "subject_kind", "subject", "subject_id", "source", "message", "remedy", "data")
_ADVICE = "ADVICE"


@click.command()
@click.option("--with-advice/--without-advice", default=True, help="Findings that raise no alarm; shown by default.")
@output_options
@pass_office
def health(office: Office, output: Output, *, with_advice: bool) -> int:
    """Judge everything that is known, the worst first; exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN."""
    judgement = judged(office)
    words = load_words("en", calendar=office.calendar, marks=False)
    findings = [finding for finding in judgement.findings if with_advice or finding.state is not State.OK]
    gaps = holes(office.reader, office.source_reports)
    output.show(_listing(judgement, findings, gaps, words), office.now)
    _notes(output, judgement, words)
    if gaps:
        counted = "1 gap" if len(gaps) == 1 else f"{len(gaps)} gaps"
        output.note(f"{counted}: what was not seen was not judged; run `itops inventory gaps`")
    output.note(f"verdict: {judgement.state.name}")
    return judgement.state.value


def judged(office: Office) -> Judgement:
    """The health of this office, its days told in its own zone; raises ConfigInvalid."""
    now = office.now.astimezone(office.zone)
    policy = policy_of(office.settings.health, office.settings.expects.roles)
    return judge_health(office.reader, office.judge, policy, now, configured=office.setting.sources)


def finding_row(finding: Finding, words: Words) -> Row:
    """One finding with its words; `data` holds the numbers that decided."""
    fields: dict[str, object] = jsonable(finding)
    return {
        **fields,
        "state": finding.state.name,
        "title": title_of(finding, words),
        "message": message_of(finding, words),
        "remedy": remedy_of(finding, words),
    }


def _listing(judgement: Judgement, findings: list[Finding], gaps: list[Hole], words: Words) -> Listing:
    rows = [finding_row(finding, words) for finding in findings]
    not_judged = [{**jsonable(spot), "problem": reason_of(spot, words)} for spot in judgement.not_judged]
    columns = (
        Column(field="state", title="state", show=lambda state: _ADVICE if state == State.OK.name else str(state)),
        Column(field="subject_kind", title="kind"),
        Column(field="subject", title="subject"),
        Column(field="message", title="finding"),
        Column(field="remedy", title="remedy"),
    )
    return Listing(
        schema="itops.inventory.health/1",
        rows=rows,
        columns=columns if output_is_wide(rows) else columns[:4],
        csv_fields=_FIELDS,
        gaps=hole_rows(gaps),
        data={
            "state": judgement.state.name,
            "findings": rows,
            "ignored": [
                {**finding_row(ignored.finding, words), "reason": ignored.by.reason} for ignored in judgement.ignored
            ],
            "not_judged": not_judged,
        },
    )


def output_is_wide(rows: list[Row]) -> bool:
    """Remedies make a table of many rows unreadable; JSON and CSV always have them."""
    return len(rows) <= 5


def _notes(output: Output, judgement: Judgement, words: Words) -> None:
    """What was left out of the table, so that nobody takes it for everything."""
    for spot in judgement.not_judged:
        output.note(f"rule {spot.number} ({spot.rule}) could not judge {spot.source}: {reason_of(spot, words)}")
    if judgement.ignored:
        output.note(f"{len(judgement.ignored)} findings are ignored by health.ignore")
    for entry in judgement.expired:
        output.note(f"the entry {entry.code} in health.ignore is over since {entry.until}")
