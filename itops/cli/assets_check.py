"""`itops assets check`: what is missing, contradictory, double, stale or due in the register; its exit code."""

from collections import defaultdict
from collections.abc import Sequence

import click

from itops.assets.checking import CODES, AssetFinding, Look, verdict
from itops.assets.checking import check as judged
from itops.cli.assets_budget import observed_of, support_of, years_of
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.jsonable import jsonable
from itops.reports.assets import said, title_of
from itops.reports.words import Words, load_words
from itops.text import counted
from itops.verdict import State

_FIELDS = ("state", "code", "asset_id", "kind", "name", "site", "message", "evidence")
_SHOWN = 5
"""So many findings of one code are told one by one; more become one line that names the first."""


@click.command()
@click.option("--all", "is_whole", is_flag=True, help="Every finding on a line of its own, in tables too.")
@click.option("--without-advice", is_flag=True, help="Leave out what only could be better.")
@output_options
@pass_assets
def check(assets: AssetsOffice, output: Output, *, is_whole: bool, without_advice: bool) -> int:
    """Judge the register: what is missing, contradictory, double, stale, overdue; the worst first. Asks no device.

    Exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: no scan ever told what is still there. Advice is OK.
    """
    findings = judged(
        Look(
            register=assets.register,
            policy=assets.policy,
            years=years_of(assets),
            now=assets.office.now,
            today=assets.office.today,
            observed=observed_of(assets),
            support=support_of(assets, output),
        )
    )
    state = verdict(findings)
    shown = [one for one in findings if not (without_advice and one.state is State.OK)]
    output.show(_listing(assets, shown, state, is_whole=is_whole), assets.office.now)
    _confess(assets, findings, state, output)
    return state.value


def _confess(assets: AssetsOffice, findings: Sequence[AssetFinding], state: State, output: Output) -> None:
    policy = assets.policy
    if not assets.register.assets:
        output.note(f"{assets.path.name} has no asset yet")
    if policy.ignore:
        output.note(f"not judged, as assets.ignore says: {', '.join(policy.ignore)}")
    unknown = sorted(set(policy.ignore) - set(CODES))
    if unknown:
        output.note(f"assets.ignore: there is no code {', '.join(unknown)}")
    told = counted("finding", "findings", len(findings))
    output.note(f"verdict: {state.name}; {told} about {counted('asset', 'assets', len(assets.register.assets))}")


def _listing(assets: AssetsOffice, findings: Sequence[AssetFinding], state: State, *, is_whole: bool) -> Listing:
    words = load_words("en", calendar=assets.office.calendar, marks=False, zone=assets.office.zone)
    rows = [_row(assets, one, words) for one in findings]
    return Listing(
        schema="itops.assets.check/1",
        rows=rows,
        data={"state": state.name, "findings": rows, "counts": _counts(findings)},
        columns=(),
        csv_fields=_FIELDS,
        tables=(_table(rows if is_whole else _summed(rows, words)),),
        is_drawn=False,
    )


def _row(assets: AssetsOffice, one: AssetFinding, words: Words) -> Row:
    asset = assets.register.get(one.asset_id) if one.asset_id else None
    return {
        "state": one.state.name,
        "code": one.code,
        "asset_id": one.asset_id,
        "kind": asset.kind.value if asset else None,
        "name": jsonable(asset.name) if asset else None,
        "site": asset.site if asset else None,
        "message": said(one.code, one.facts, words),
        "facts": dict(one.facts),
        "evidence": list(one.evidence),
    }


def _counts(findings: Sequence[AssetFinding]) -> list[Row]:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for one in findings:
        counts[one.state.name, one.code] += 1
    return [{"state": state, "code": code, "count": count} for (state, code), count in counts.items()]


def _summed(rows: Sequence[Row], words: Words) -> list[Row]:
    """A code of many assets on one line; the order, worst first, stays."""
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_code[row["code"]].append(row)
    summed: list[Row] = []
    for code, same in by_code.items():
        if len(same) <= _SHOWN and not _is_advice(same[0]):
            summed += same
        else:
            ids = list(dict.fromkeys(row["asset_id"] for row in same if row["asset_id"]))
            more = f" +{len(ids) - _SHOWN:,}" if len(ids) > _SHOWN else ""
            message = same[0]["message"] if len(same) == 1 else title_of(code, words)
            summed.append(
                {**same[0], "asset_id": ", ".join(ids[:_SHOWN]) + more, "message": message, "count": len(same)}
            )
    return summed


def _is_advice(row: Row) -> bool:
    return str(row["state"]) == State.OK.name


def _table(rows: Sequence[Row]) -> Listing:
    columns = (
        Column(field="state", title="state", show=lambda state: "advice" if state == State.OK.name else state),
        Column(field="code", title="code", spare=1),
        Column(field="count", title="count", is_number=True),
        Column(field="message", title="what"),
        Column(field="asset_id", title="assets", show=lambda ids: ids or ""),
    )
    return Listing(schema="", rows=[{"count": 1, **row} for row in rows], columns=columns, csv_fields=())
