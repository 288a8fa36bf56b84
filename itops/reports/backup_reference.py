"""docs/reference/backup-faults.md, made from the words: every code of copies, slots and findings, in both languages."""

from collections.abc import Iterator

from itops.reports.words import Words

TABLES = {
    "fault": ("Faults", "What is wrong with a copy: it is damaged, whatever else was proven of it."),
    "limit": ("Limits", "Why nothing above the level reached can be said; nothing is known to be wrong."),
    "slot": ("Slots", "What became of a day, week or month."),
    "backup": ("Findings", "What no slot shows: freshness, identity, clocks, sizes, chains, retention, restore tests."),
}
_HEAD = """# Codes of the backups

Stable: a script may look at them; the sentences may change. A sentence in braces names a fact that stands in the JSON
beside the code. [How a copy is proven and a slot is judged](../explanation/backups.md).
"""


def fault_reference(english: Words, persian: Words) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_sections(english, persian)]).rstrip() + "\n"


def _sections(english: Words, persian: Words) -> Iterator[str]:
    for table, (title, meaning) in TABLES.items():
        yield f"## {title}\n\n{meaning}\n\n| code | English | Persian |\n| --- | --- | --- |"
        codes = english.tables[table]
        assert not isinstance(codes, str)
        for code in sorted(codes):
            yield f"| `{code}` | {english.template(table, code)} | {persian.template(table, code)} |"
        yield ""
