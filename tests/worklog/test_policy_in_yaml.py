"""The parts of itops.yaml are read strictly into the records of this room."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from itops.config.building import build
from itops.config.mistakes import Mistake
from itops.config.yaml import load
from itops.inventory.facts import Action
from itops.worklog.policy import ChangePolicy, DocumentCatalogue, Service, ServiceRules

GOOD = """\
changes: {match_within: 40d, explain: [removed, added]}
report:
  systems: {goals: {fa: اهداف عملیاتی, en: Operational goals}}
  documents:
    servers:
      {title: {fa: فایل اطلاعات فنی, en: Technical file}, systems: [goals], made_by: itops, report: servers, due: 5}
rules: {id_length: 11, id_digits: true, warn_before: 90d}
services:
  record:
    title: پرونده الکترونیک
    service_id: "11141141104"
    kind: G2C
    sla: {introduction: متن, purpose: {fa: هدف, en: aim}, valid_to: 1406-12-29, term_months: 36, renewal_months: 12}
    depends_on: {vms: [sql01], databases: [sql01/Insurance], links: [LINK-1]}
    rpo: 24h
    rto: 4h
    availability_target: 99.9
"""
BAD = """\
report:
  documents: {plan: {title: x, systems: [nowhere]}}
services:
  record: {title: x, availability_target: 120}
  other: {title: x, depends_on: {databases: [Insurance]}, sla: {costz: x}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    changes: ChangePolicy = field(default_factory=ChangePolicy)
    report: DocumentCatalogue = field(default_factory=DocumentCatalogue)
    rules: ServiceRules = field(default_factory=ServiceRules)
    services: dict[str, Service] = field(default_factory=dict)


def read(folder: Path, text: str) -> tuple[_File | None, list[Mistake]]:
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    document, mistakes = load(path), list[Mistake]()
    return build(_File, document.texts, document, (), folder, mistakes), mistakes


def test_what_the_office_wrote_is_what_the_records_say(tmp_path):
    file, mistakes = read(tmp_path, GOOD)
    assert mistakes == []
    assert file is not None
    assert file.changes == ChangePolicy(match_within=timedelta(days=40), explain=(Action.REMOVED, Action.ADDED))
    assert file.report.documents["servers"].due is not None
    record = file.services["record"]
    assert record.service_id == "11141141104"
    assert record.availability_target is not None
    assert record.availability_target == Decimal("99.9")
    assert record.sla is not None
    assert (record.sla.valid_to, record.sla.introduction.fa) == (date(2028, 3, 19), "متن")
    assert "costs" in record.sla.missing()


def test_every_mistake_is_told_with_its_place(tmp_path):
    file, mistakes = read(tmp_path, BAD)
    assert file is None
    told = {one.path: one.problem for one in mistakes}
    assert "nowhere" in told["report"]
    assert "availability" in told["services.record.availability_target"]
    assert "databases" in told["services.other.depends_on"]
    assert told["services.other.sla.costz"] == "unknown key; did you mean costs?"
