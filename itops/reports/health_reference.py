"""docs/reference/health-rules.md, made from the rules and their words so that it cannot lie.

python -m itops.reports.health_reference > docs/reference/health-rules.md
"""

import sys
from collections.abc import Iterator
from dataclasses import fields

from itops.inventory.health import RULES
from itops.inventory.health.rule import AnyRule, Policy
from itops.reports.words import Words, load_words

_HEAD = """# Health rules

<!-- Made by `python -m itops.reports.health_reference`; a test fails when it is stale. Do not edit. -->

`itops inventory health` runs every rule over what the store holds of each source. Numbers 1 to 48 are those that
RVTools, vCheck and AsBuiltReport share; what follows is ours.

* **State.** What the code counts as unless the rule finds it worse or the office says otherwise. *Advice* (OK) is shown
  and raises no alarm. `state.CODE: warning` in `health.thresholds` of `itops.yaml` changes it.
* **Settings** stand in `health.thresholds` of `itops.yaml` under the names given here, with our defaults.
* **Not judged.** A rule needs at least one of the properties it names, on at least one thing of a source. Where a
  source told none of them, the rule says so instead of nothing: not seen is not fine.
* **Left alone.** SRM placeholders are judged by no rule. Agent VMs (vCLS) are not judged by rules on snapshots, tools,
  backup, names and devices. Templates have no guest to judge. A host that does not answer has one finding, that it does
  not answer: all else that vCenter tells of it is old. So it is with an inaccessible datastore.
* **Ignoring.** An entry of `health.ignore` has a `code`, a `reason`, and if wanted a `subject` (a name or a glob) and
  an `until` day. Ignored findings are counted and shown apart. An entry without a subject for every code that a rule
  could not judge accepts that blind spot.
"""


def health_reference(words: Words) -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_index(words), *(line for rule in RULES for line in _section(rule, words))))


def _index(words: Words) -> Iterator[str]:
    yield "| # | rule | codes |"
    yield "| --- | --- | --- |"
    for rule in RULES:
        codes = ", ".join(f"`{code.name}`" for code in rule.codes)
        yield f"| {rule.number} | {words.template('health_rule', rule.key)} | {codes} |"
    yield ""


def _section(rule: AnyRule, words: Words) -> Iterator[str]:
    yield f"## {rule.number}. {words.template('health_rule', rule.key)}"
    yield ""
    yield f"{_sentences(rule.find.__doc__)}"
    yield ""
    yield "| code | state | type | message | what to do |"
    yield "| --- | --- | --- | --- | --- |"
    for code in rule.codes:
        said = (words.template("health", code.name, part) for part in ("title", "message", "remedy"))
        cells = (f"`{code.name}`", words.template("state", code.state.name), *said)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""
    yield from _settings(rule)
    yield from _needs(rule)


def _settings(rule: AnyRule) -> Iterator[str]:
    if not fields(rule.policy):
        return
    yield f"Settings. {_sentences(type(rule.policy).__doc__)}"
    yield ""
    for threshold in fields(rule.policy):
        yield f"* `{rule.area}.{threshold.name}`: {_default(rule.policy, threshold.name)}"
    yield ""


def _default(policy: Policy, name: str) -> str:
    value = getattr(policy, name)
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(f"`{item}`" for item in value) if isinstance(value, tuple) else str(value)


def _needs(rule: AnyRule) -> Iterator[str]:
    for need in rule.needs:
        kinds = " or ".join(dict.fromkeys((need.kind, *need.other_kinds)))
        codes = f" (for {', '.join(f'`{code}`' for code in need.codes)})" if need.codes else ""
        yield f"* Needs of a {kinds}{codes}: {' or '.join(f'`{path}`' for path in need.paths)}"
    if rule.needs_history:
        yield "* Needs the history of the store: since when a VM is off."
    if rule.needs or rule.needs_history:
        yield ""


def _sentences(docstring: str | None) -> str:
    return " ".join((docstring or "").split())


if __name__ == "__main__":
    sys.stdout.write(health_reference(load_words("en")))
