"""`itops assets compare`: the register beside the property officer's list."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from itops.cli.assets_import import list_options, note_columns
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.text import counted
from itops.verdict import State

if TYPE_CHECKING:
    from itops.assets.tables.matching import TagHolder
    from itops.assets.tables.reconciling import Reconciliation
    from itops.tasks.import_assets import ListRequest, ReadList

_FIELDS = ("where", "tag", "asset", "part", "kind", "name", "row", "field", "ours", "theirs", "code", "problem")


@click.command()
@output_options
@pass_assets
@list_options
def compare(assets: AssetsOffice, output: Output, *, request: "ListRequest") -> int:
    """Compare the register with the property officer's list: only ours, only theirs, different. Writes nothing.

    Property numbers are the key, those of monitors and disks too; where ours has none, maker and serial. What they
    leave blank is no difference. Exits 0 when both lists agree, 1 when something is to be clarified.
    """
    from itops.tasks import import_assets  # noqa: PLC0415  pydantic, only when there is a list to read

    read, found = import_assets.compare(request, assets.register, learned=assets.policy.junk_serials)
    rows = list(_rows(found))
    columns = (
        Column(field="where", title="where"),
        Column(field="tag", title="tag"),
        Column(field="asset", title="asset"),
        Column(field="name", title="name", widest=32, spare=2),
        Column(field="row", title="row", is_number=True),
        Column(field="field", title="field"),
        Column(field="ours", title="ours", widest=32),
        Column(field="theirs", title="theirs", widest=32),
        Column(field="problem", title="why not", widest=80, spare=1),
    )
    data = {**_counts(found), "sheet": read.layout.sheet, "header_row": read.layout.header_row, "rows": rows}
    output.show(
        Listing(schema="itops.assets.compare/1", rows=rows, data=data, columns=columns, csv_fields=_FIELDS),
        assets.office.now,
    )
    _notes(output, read, found)
    return (State.OK if found.agrees else State.WARNING).value


def _counts(found: "Reconciliation") -> dict[str, int]:
    return {
        "same": found.same_count,
        "only_ours": len(found.only_ours),
        "only_theirs": len(found.only_theirs),
        "different": len(found.different),
        "unlabelled": len(found.unlabelled),
        "unread": len(found.refusals),
    }


def _notes(output: Output, read: "ReadList", found: "Reconciliation") -> None:
    note_columns(output, read)
    names = {
        "same": "the same",
        "only_ours": "only ours",
        "only_theirs": "only theirs",
        "different": "different",
        "unread": "cells or rows unread",
    }
    counts = _counts(found)
    output.note(", ".join(f"{counts[key]:,} {name}" for key, name in names.items()))
    if found.unlabelled:
        things = counted("asset of ours has", "assets of ours have", len(found.unlabelled))
        output.note(f"{things} no property number, so that no list could name them: `itops assets list --unlabelled`")


def _rows(found: "Reconciliation") -> Iterator[Row]:
    for ours in found.only_ours:
        yield _row("only ours", tag=ours.tag, **_ours(ours.holder))
    for theirs in found.only_theirs:
        texts = theirs.texts
        name = texts.get("name") or " ".join(texts[key] for key in ("kind", "vendor", "model") if key in texts)
        yield _row("only theirs", tag=theirs.tag, row=theirs.row, kind=texts.get("kind"), name=name or None)
    for one in found.different:
        for change in one.changes:
            difference = {"field": change.field, "ours": change.old, "theirs": change.new}
            yield _row("different", tag=one.tag, row=one.row, **_ours(one.holder), **difference)
    for refusal in found.refusals:
        problem = {"field": refusal.column, "code": refusal.code, "problem": refusal.problem}
        yield _row("unread", row=refusal.row, **problem)


def _ours(holder: "TagHolder") -> dict[str, Any]:
    asset = holder.asset
    kind = asset.kind.value if holder.part is None else asset.parts[holder.part - 1].kind.value
    return {"asset": asset.id, "part": holder.part, "kind": kind, "name": asset.name.en}


def _row(where: str, **known: Any) -> Row:
    return {**dict.fromkeys(_FIELDS), "where": where, **known}
