"""Gather the papers of a period: the documents that systems ask for, and the services beside what stands behind them.

What people recorded of a document counts whenever they did. Two things are of the day the report is built: whether
the files that were recorded still lie there, and whether they are the same.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from itops.assets.records import AssetKind
from itops.backup.ledger import DrillRecord, KnownDatabase
from itops.backup.policy import BackupPlan
from itops.inventory.entities import Kind
from itops.reports.monthly.papers import PaperFacts, paper_part
from itops.reports.monthly.parts import PaperPart
from itops.tasks.report.asking import Asking, Memory
from itops.tasks.report.hardware import ReadRegister, register_at
from itops.tasks.track_documents import PeriodDocuments, read_documents
from itops.worklog.policy import ServiceCatalogue
from itops.worklog.services import Estate, ServiceVerdict, judge_services


def gather_papers(asking: Asking, read: ReadRegister | None = None) -> PaperPart:
    """The paper part. `read`: the register, where it was read before. Raises ConfigInvalid for a wrong register."""
    judged_on = asking.judged_at.astimezone(asking.zone).date()
    documents = _documents(asking)
    return paper_part(
        PaperFacts(
            period=asking.period,
            today=asking.today,
            judged_on=judged_on,
            zone=asking.zone,
            catalogue=asking.report.catalogue,
            documents=documents.report if documents else None,
            judged=documents.findings if documents else (),
            services=_services(asking, read),
        )
    )


def _documents(asking: Asking) -> PeriodDocuments | None:
    catalogue = asking.report.catalogue
    if not catalogue.documents:
        return None
    judged_on = asking.judged_at.astimezone(asking.zone).date()
    return read_documents(catalogue, asking.memory.documents, asking.period, judged_on, asking.folder)


def _services(asking: Asking, read: ReadRegister | None) -> tuple[ServiceVerdict, ...]:
    catalogue = ServiceCatalogue(services=asking.settings.services, rules=asking.report.services)
    links = _links(asking, catalogue, read)
    estate = estate_at(asking.plan, asking.memory, links, as_of=asking.as_of, judged_at=asking.judged_at)
    return judge_services(catalogue, estate, asking.period, asking.today)


def estate_at(
    plan: BackupPlan, memory: Memory, links: frozenset[str] | None, *, as_of: datetime, judged_at: datetime
) -> Estate:
    """What services stood on: the servers of `as_of`, the databases and the restores known at `judged_at`."""
    if memory.reader is None:
        return Estate(plan=plan, links=links)
    vms = frozenset(
        name for vm in memory.reader.entities(Kind.VM, as_of=as_of) for name in (vm.name, str(vm.key)) if name
    )
    return Estate(
        plan=plan,
        drills=_drills(memory.drills, judged_at),
        vms=vms or None,
        databases=_databases(memory.databases, judged_at),
        links=links,
    )


def _drills(drills: Iterable[DrillRecord], moment: datetime) -> tuple[DrillRecord, ...]:
    """Those that were over by then: one that still ran had not told anything."""
    return tuple(one for one in drills if one.started_at + timedelta(seconds=one.seconds) <= moment)


def _databases(databases: Iterable[KnownDatabase], moment: datetime) -> frozenset[str] | None:
    """Those that were there then; None where no server had told of any."""
    listed = [one for one in databases if one.first_seen_at <= moment]
    here = (one.database for one in listed if one.gone_at is None or one.gone_at > moment)
    return frozenset(f"{one.server}/{one.name}" for one in here) if listed else None


def _links(asking: Asking, catalogue: ServiceCatalogue, read: ReadRegister | None) -> frozenset[str] | None:
    """The links of the hardware register; it is only read where some service names one."""
    if not any(one.depends_on.links for one in catalogue.services.values()):
        return None
    entries = register_at(asking, read)
    if entries is None:
        return None
    return frozenset(asset_id for asset_id, entry in entries.items() if entry.get("kind") == AssetKind.LINK)
