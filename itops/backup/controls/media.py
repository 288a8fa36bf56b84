"""The register of off-site media, summed up for the controls."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from itops.backup.controls.facts import ChainFacts, CustodyFacts, MediumCopy, MediumFacts
from itops.backup.custody.checks import custody_findings
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.backup.policy import BackupPlan
from itops.backup.slots import Calendar


def custody_facts(
    register: Register,
    plan: BackupPlan,
    calendar: Calendar,
    now: datetime,
    databases: Iterable[tuple[str, str]] = (),
) -> CustodyFacts:
    """Its chain, its media, what is on them, and what its own checks say. `databases`: (server, name) pairs."""
    _, head = register.head
    return CustodyFacts(
        chain=ChainFacts(
            name="custody",
            rows=len(register.rows),
            head=head,
            head_at=register.rows[-1].recorded_at if register.rows else None,
            broken_at=None if register.broken is None else register.broken.number,
        ),
        media=tuple(_medium(state, plan) for state in register.in_use()),
        copies=tuple(copy for state in register.in_use() for copy in _copies(state)),
        findings=custody_findings(register, plan, calendar, now, databases),
    )


def _medium(state: MediumState, plan: BackupPlan) -> MediumFacts:
    added, read = state.added, state.read_since_written
    return MediumFacts(
        medium=state.medium,
        kind=added.kind,
        place=state.place,
        since=state.since,
        file_system_uuid=state.file_system_uuid,
        is_in_vault=not state.is_in_transit and plan.custody.is_vault(state.place),
        is_in_transit=state.is_in_transit,
        read_at=None if read is None else read.at,
        is_read_good=None if read is None else read.is_good,
        key_id=(added.key_id or added.encryption) if added.encryption else "",
        key_escrow=added.key_escrow,
        key_tested_at=state.key_proven_at,
    )


def _copies(state: MediumState) -> Iterator[MediumCopy]:
    for file in state.sound_files():
        if file.job:
            yield MediumCopy(
                medium=state.medium,
                name=file.name,
                job=file.job,
                object=file.object,
                sha256=file.sha256,
                slots=file.slots,
                made_at=file.made_at,
                level=file.level,
            )
