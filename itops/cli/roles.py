"""`itops inventory roles`: what each server is for, who is asked, what is probed."""

import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

import click

from itops.cli.office import PROBE_FILE, Office, author, pass_office
from itops.cli.output import Column, Listing, Output, Row, output_options
from itops.cli.rows import hole_rows
from itops.errors import UsageWrong
from itops.inventory.history import Answer
from itops.inventory.roles.evidence import RoleVerdict, roles_json
from itops.inventory.roles.judge import has_role
from itops.inventory.roles.rules import RoleRules, known_roles
from itops.inventory.roles.standing import standing_of
from itops.jsonable import jsonable
from itops.sources.probes.kept import ProbeFile
from itops.sources.probes.probe import Probe
from itops.sources.probes.prober import PROBES
from itops.tasks.ask_roles import JudgedVm, Question, find_vm, judged_vms, questions, role_answer
from itops.tasks.probe_roles import ALLOW, ProbePlan, allowed_probes, plan, send
from itops.tasks.read_inventory import holes
from itops.text import plain

_OFF = ", once roles.probes in itops.yaml names the probes you allow"
_LIST_FIELDS = ("id", "name", "source", "standing", "role", "sureness", "evidence", "contradictions")
_PLAN_FIELDS = ("vm_id", "vm", "address", "port", "transport", "probe", "left_alone")
_RESULT_FIELDS = ("vm_id", "vm", "probe", "address", "port", "outcome", "roles", "detail", "observed_at")


@click.group()
def roles() -> None:
    """Tell what each server is for, ask about the rest, and remember the answers."""


def _judged(office: Office) -> list[JudgedVm]:
    return judged_vms(office.reader, _rules(office), ProbeFile(office.state_folder / PROBE_FILE).load())


def _rules(office: Office) -> RoleRules:
    return RoleRules(office.setting.roles)


@roles.command("list")
@click.option("--role", metavar="ROLE", help="Only servers with this role.")
@output_options
@pass_office
def list_roles(office: Office, role: str | None, output: Output) -> None:
    """List every server with its roles and all that speaks for and against each."""
    wanted = None if role is None else _rules(office).typed(role) or role
    judged = [vm for vm in _judged(office) if wanted is None or has_role(vm.verdicts, wanted)]
    listing = Listing(
        schema="itops.inventory.roles/1",
        rows=[row for vm in judged for row in _rows(vm)],
        data=[_vm_json(vm) for vm in judged],
        columns=(
            Column(field="name", title="name"),
            Column(field="role", title="role"),
            Column(field="sureness", title="sureness"),
            Column(field="evidence", title="because", show="; ".join),
            Column(field="contradictions", title="but", show="; ".join),
        ),
        csv_fields=_LIST_FIELDS,
        gaps=hole_rows(holes(office.reader, office.source_reports)),
    )
    output.show(listing, office.now)
    if not judged:
        office.note_nothing(output, "no vm is known" if role is None else f"no vm with the role {role} is known")
    waiting = sum(vm.is_to_be_asked for vm in judged)
    if waiting:
        servers = "1 server" if waiting == 1 else f"{waiting} servers"
        output.note(f"nothing says what {servers} is for; run `itops inventory roles ask`")


def _vm_json(vm: JudgedVm) -> Row:
    return _vm_fields(vm) | {"is_to_be_asked": vm.is_to_be_asked, "roles": roles_json(vm.verdicts)}


def _vm_fields(vm: JudgedVm) -> dict[str, Any]:
    entity = vm.entity
    return {"id": entity.key, "name": entity.name, "source": entity.source, "standing": standing_of(entity).value}


def _rows(vm: JudgedVm) -> Iterable[Row]:
    """One row a role; a VM without any has one row, so that it is not overlooked."""
    for verdict in vm.verdicts:
        yield _vm_fields(vm) | {"role": verdict.role, "sureness": verdict.sureness.value} | _because(verdict)
    if not vm.verdicts:
        sureness = "unknown" if vm.is_to_be_asked else "none"
        yield _vm_fields(vm) | {"role": None, "sureness": sureness, "evidence": [], "contradictions": []}


def _because(verdict: RoleVerdict) -> dict[str, Any]:
    against = verdict.contradictions
    return {
        "evidence": [piece.detail for piece in verdict.evidence if piece not in against],
        "contradictions": [piece.detail for piece in against],
    }


@roles.command()
@click.option("--vm", metavar="NAME", help="Answer about this VM, by name or id, without being asked.")
@click.option("--role", "typed", metavar="ROLE", multiple=True, help="The answer; - for none. May be repeated.")
@click.option("--by", "answered_by", metavar="NAME", help="Who answers; the user of this machine if not given.")
@pass_office
def ask(office: Office, vm: str | None, typed: tuple[str, ...], answered_by: str | None) -> None:
    """Ask once about every server that nothing speaks for, and remember the answers.

    An answer is one of the known roles, a short word of your own, or - for none of these.
    """
    if (vm is None) != (not typed):
        raise UsageWrong("an answer needs a VM and a role", remedy="give both --vm NAME and --role ROLE, or neither")
    by = _user() if answered_by is None else answered_by
    if vm is not None:
        entity = find_vm(office.reader, vm)
        answer = role_answer(entity.key, typed, answered_by=by, now=office.now, rules=_rules(office))
        _remember(office, [answer])
        click.echo(f"{plain(entity.name)}: {answer.role}", err=True)
        return
    open_questions = questions(_judged(office))
    if not open_questions:
        click.echo("note: something speaks for every server: there is nothing to ask", err=True)
    elif sys.stdin.isatty():
        _ask_people(office, open_questions, by)
    else:
        _tell_what_would_be_asked(open_questions)


def _user() -> str:
    user = author()
    if user is None:
        raise UsageWrong("this machine does not say who you are", remedy='say who answers: --by "..."')
    return user


def _remember(office: Office, answers: Sequence[Answer]) -> None:
    with closing(office.open_store()) as store:
        for answer in answers:
            store.remember(answer)
        office.close()  # whoever closes last folds the write-ahead log into itops.db, and a reader may not


def _tell_what_would_be_asked(open_questions: Sequence[Question]) -> None:
    for question in open_questions:
        click.echo(_asked(question))
    raise UsageWrong(
        f"{len(open_questions)} {'question is' if len(open_questions) == 1 else 'questions are'} open "
        "and there is no terminal to ask on",
        remedy='run it in a terminal, or answer one by one: itops inventory roles ask --vm NAME --role ROLE --by "..."',
    )


def _asked(question: Question) -> str:
    facts = ", ".join(f"{label} {value}" for label, value in question.facts)
    return f"What is {question.name} for? ({facts or 'nothing more is known'})"


def _ask_people(office: Office, open_questions: Sequence[Question], by: str) -> None:
    """One question after the other; each answer is written at once, so that stopping loses none."""
    click.echo(f"Known roles: {', '.join(known_roles())}. A word of your own is fine; - for none, Enter to skip.")
    for number, question in enumerate(open_questions, start=1):
        click.echo(f"\n{number}/{len(open_questions)} {_asked(question)}")
        answer = _prompted(office, question, by)
        if answer is not None:
            _remember(office, [answer])


def _prompted(office: Office, question: Question, by: str) -> Answer | None:
    while typed := click.prompt("role", default="", show_default=False).strip():
        try:
            return role_answer(question.vm_id, [typed], answered_by=by, now=office.now, rules=_rules(office))
        except UsageWrong as wrong:
            click.echo(f"{wrong.problem}: {wrong.remedy}", err=True)
    return None


@roles.command()
@click.option("--vm", "vms", metavar="NAME", multiple=True, help="Only this VM. May be repeated.")
@click.option("--role", "wanted", metavar="ROLE", multiple=True, help="Only probes that find this role.")
@click.option("--send", "is_sent", is_flag=True, help="Ask now. Without it the plan is shown and nothing is sent.")
@output_options
@pass_office
def probe(office: Office, vms: tuple[str, ...], wanted: tuple[str, ...], *, is_sent: bool, output: Output) -> None:
    """Ask the servers themselves which service answers: one harmless question a port, never a login.

    Shows the plan; only --send sends anything, only probes that roles.probes in itops.yaml names, and only to
    addresses that a VM of the inventory has.
    """
    typed = [_rules(office).typed(role) or role for role in wanted]
    allowed = _allowed(office)
    chosen = plan(office.reader, office.probing, vms=vms, roles=typed, probes=allowed or PROBES)
    if not is_sent:
        output.show(_plan_listing(chosen), office.now)
        output.note(f"nothing was sent; --send would ask {len(chosen.targets)} questions{'' if allowed else _OFF}")
        return
    if not allowed:
        raise UsageWrong("probes are off in itops.yaml", remedy=ALLOW)
    names = {target.vm_id: target.vm for target in chosen.targets}
    results = send(chosen, office.probing, ProbeFile(office.state_folder / PROBE_FILE), office.now)
    rows = [jsonable(result) | {"vm": names[result.vm_id]} for result in results]
    shown = ("vm", "probe", "address", "port", "outcome", "detail")
    listing = Listing(schema="itops.inventory.probes/1", rows=rows, columns=_columns(shown), csv_fields=_RESULT_FIELDS)
    output.show(listing, office.now)
    recognised = sum(result.outcome == "recognised" for result in results)
    output.note(f"{len(results)} questions, {recognised} recognised; run `itops inventory roles list`")


def _allowed(office: Office) -> tuple[Probe, ...]:
    """The probes that `roles.probes` allows: none unless they are named."""
    return allowed_probes(office.settings.roles.probes.names)


def _plan_listing(chosen: ProbePlan) -> Listing:
    asked = [
        {
            "vm_id": target.vm_id,
            "vm": target.vm,
            "address": target.address,
            "port": target.probe.port,
            "transport": target.probe.transport.value,
            "probe": target.probe.name,
            "left_alone": None,
        }
        for target in chosen.targets
    ]
    quiet = [
        dict.fromkeys(_PLAN_FIELDS) | {"vm_id": found.vm_id, "vm": found.vm, "left_alone": found.reason}
        for found in chosen.left_alone
    ]
    return Listing(
        schema="itops.inventory.probe-plan/1",
        rows=[*asked, *quiet],
        columns=_columns(_PLAN_FIELDS[1:]),
        csv_fields=_PLAN_FIELDS,
    )


def _columns(names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(Column(field=name, title=name.replace("_", " ")) for name in names)
