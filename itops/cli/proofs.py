"""Rows and columns that several backup commands share."""

from typing import Any

import click

from itops.backup.formats import Format
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.levels import Level
from itops.backup.proofs import Examination
from itops.cli.output import Row
from itops.jsonable import jsonable
from itops.plugins import Registry
from itops.reports.backups import fault_text, limit_text, said
from itops.reports.words import Words

_LAST_RESORTS = frozenset({"gz", "xz", "bz2", "zst"})


class LevelChoice(click.ParamType[Level]):
    """A level by its number or its name, as far as reading alone can prove."""

    name = "level"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Level:
        """As typed; click tells a mistake."""
        if isinstance(value, Level):
            return value
        try:
            level = Level.from_setting(value)
        except ValueError as wrong:
            self.fail(str(wrong), param, ctx)
        if level > Level.SAME:
            self.fail(f"{level.title} is more than reading can prove; at most {Level.SAME.title}", param, ctx)
        return level


def installed_formats() -> tuple[Format, ...]:
    """Every format that an installed distribution offers. The streams that may hold anything come last."""
    registry = Registry[Any].from_entry_points("itops.formats")
    return tuple(sorted((registry[name]() for name in registry), key=lambda known: known.name in _LAST_RESORTS))


def level_row(level: Level | None) -> Row:
    """A level in two fields: "L3" for sorting and comparing, "intact" for reading."""
    return {
        "level": None if level is None else f"L{level.value}",
        "level_name": None if level is None else level.title.partition(" ")[2],
    }


def level_text(row: Row) -> str:
    """ "L3 intact"; a dash for what reached no level."""
    return f"{row['level']} {row['level_name']}" if row.get("level") else "-"


def examination_row(found: Examination | None, words: Words) -> dict[str, Any]:
    """What an examination found, with its words; every field is there, also when nothing was found."""
    identity = found.identity if found else None
    return {
        "format": found.format if found else None,
        **level_row(found.level if found else None),
        "object": identity.object if identity else None,
        "server": identity.server if identity else None,
        "type": identity.kind.value if identity else None,
        "started_at": jsonable(identity.started_at) if identity else None,
        "finished_at": jsonable(identity.finished_at) if identity else None,
        "utc_offset_minutes": identity.utc_offset_minutes if identity else None,
        "made_by": identity.made_by if identity else None,
        "faults": [
            {**jsonable(fault), "message": fault_text(fault, words)} for fault in (found.faults if found else ())
        ],
        "limits": [
            {**jsonable(limit), "message": limit_text(limit, words)} for limit in (found.limits if found else ())
        ],
        "sha256": found.sha256 if found else None,
        "facts": jsonable(identity.facts) if identity else {},
        "tool": found.tool if found else None,
        "tool_version": found.tool_version if found else None,
    }


def finding_row(finding: BackupFinding, words: Words) -> Row:
    """What the judgement says of an object or a copy, with its words."""
    return {
        "code": finding.code,
        "state": finding.state.name,
        "subject": finding.subject,
        "message": said("backup", finding.code, finding.facts, words),
        "facts": jsonable(finding.facts),
    }


def why(row: Row) -> str:
    """The messages of a row in one cell; that it is damaged needs no telling beside the faults."""
    findings = [held for held in row.get("findings", ()) if not (row["faults"] and held["code"] == "damaged")]
    told = [held["message"] for held in (*row["faults"], *findings, *row["limits"])]
    return "; ".join(told) or row.get("problem") or ""
