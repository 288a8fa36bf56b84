"""Stamps on VMs become copies; those that cannot be read become gaps; no stamp is no copy."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, CopyKind
from itops.backup.repositories import LookGap, StampedVm
from itops.errors import SourceUnavailable
from itops.repositories.vm_stamps import VmStamps, VmStampsSettings

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
KEY = "50231f4e-0000-4000-8000-000000000001"
VEEAM = (
    "Veeam Backup: Job name: [Daily VMs], Job run time: [11/21/2026 11:30:05 PM], "
    "Backup host: [backup01], Backup folder: [D:\\Backups\\Daily VMs]"
)
EVENING = datetime(2026, 11, 21, 20, 0, 5, tzinfo=UTC)


def read(attributes: Mapping[str, str] | None = None, notes: str = "", **settings: Any) -> list[Any]:
    repository = VmStamps("stamps", VmStampsSettings(**settings), TEHRAN)
    look = repository.read([("dc01", KEY, attributes or {}, notes)], NOW)
    assert (look.repository, look.looked_at) == ("stamps", NOW)
    return list(look.seen)


def only_copy(*arguments: Any, **settings: Any) -> Copy:
    (copy,) = read(*arguments, **settings)
    assert isinstance(copy, Copy), copy
    return copy


def only_gap(*arguments: Any, **settings: Any) -> LookGap:
    (gap,) = read(*arguments, **settings)
    assert isinstance(gap, LookGap), gap
    return gap


def test_an_attribute_becomes_a_copy_of_the_vm() -> None:
    copy = only_copy({"Last Backup": "2026-11-21 23:30:05"})
    assert (copy.repository, copy.object, copy.kind) == ("stamps", "vm/dc01", CopyKind.UNKNOWN)
    assert copy.key == f"{KEY}@2026-11-21T20:00:05+00:00"
    assert copy.catalogue.object == "dc01"
    assert copy.catalogue.finished_at == EVENING
    assert copy.catalogue.started_at is None
    assert copy.catalogue.facts == {"place": "attribute Last Backup", "text": "2026-11-21 23:30:05"}


def test_the_note_of_veeam_tells_job_host_folder_and_the_beginning() -> None:
    copy = only_copy({}, f"Domain controller\nرمز در گاوصندوق\n{VEEAM}\nowner: infra")
    identity = copy.catalogue
    assert (identity.started_at, identity.finished_at, identity.made_by) == (EVENING, EVENING, "Veeam")
    facts = identity.facts
    assert (facts["job"], facts["host"], facts["folder"]) == ("Daily VMs", "backup01", "D:\\Backups\\Daily VMs")
    assert facts["tells_start"] is True


def test_the_same_text_in_an_attribute_is_read_the_same() -> None:
    assert only_copy({"Last Backup": VEEAM}).catalogue.facts["job"] == "Daily VMs"


def test_two_jobs_in_the_notes_are_two_copies() -> None:
    weekly = VEEAM.replace("Daily VMs", "Weekly").replace("11/21", "11/20")
    copies = read({}, f"{VEEAM}\n{weekly}")
    assert [copy.catalogue.facts["job"] for copy in copies] == ["Daily VMs", "Weekly"]
    assert len({copy.key for copy in copies}) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LAST_BACKUP", "2026-11-21 23:30:05"),
        ("NB_LAST_BACKUP", "Sat Nov 21 23:30:05 2026,nbmaster01,VMware-daily"),
        ("Last EMC vProxy Backup", "Backup Server=nw01, Policy=Gold, StartTime=2026-11-21T20:00:05Z, EndTime=x"),
        ("VeeamBackup", VEEAM),
        ("Last successful backup", "21.11.2026 23:30:05"),
    ],
)
def test_the_attributes_of_known_products_are_found_by_themselves(name: str, value: str) -> None:
    assert only_copy({"Owner": "infra", name: value}).catalogue.finished_at == EVENING


@pytest.mark.parametrize("note", ["Last backup: 2026-11-21 23:30:05", "آخرین پشتیبان: ۱۴۰۵/۰۸/۳۰ ۲۳:۳۰:۰۵"])
def test_a_line_that_a_person_keeps_in_the_notes_counts(note: str) -> None:
    assert only_copy({}, f"mail server\n{note}\nask the mail team").catalogue.finished_at == EVENING


def test_the_attribute_named_in_the_settings_is_the_only_one() -> None:
    attributes = {"Last Backup": "2026-11-20 10:00", "Saved on": "2026-11-21 23:30:05"}
    assert only_copy(attributes, attribute=("saved *",)).catalogue.finished_at == EVENING


def test_a_status_beside_the_date_does_no_harm() -> None:
    attributes = {"Last Backup Status": "Success", "Last Backup Time": "2026-11-21 23:30:05"}
    assert only_copy(attributes).catalogue.finished_at == EVENING


def test_an_attribute_that_cannot_be_read_gives_way_to_the_notes() -> None:
    assert only_copy({"Last Backup": "ask Veeam"}, VEEAM).catalogue.finished_at == EVENING


@pytest.mark.parametrize("value", ["", "  ", "-", "Never", "n/a", "ندارد"])
def test_no_stamp_is_neither_copy_nor_gap(value: str) -> None:
    assert read({"Last Backup": value, "Owner": "infra"}, "backup is important!") == []


def test_notes_can_be_left_alone() -> None:
    repository = VmStamps("stamps", VmStampsSettings(notes=False), TEHRAN)
    assert list(repository.read([("dc01", KEY, {}, VEEAM)], NOW).seen) == []


def test_a_stamp_that_cannot_be_read_is_a_gap_that_says_where() -> None:
    gap = only_gap({"Last Backup": "yesterday evening"})
    assert (gap.code, gap.subject, gap.hides) == ("stamp.unreadable", "vm dc01", True)
    assert "attribute Last Backup" in gap.problem


def test_a_date_that_is_two_days_is_a_gap_until_the_order_is_said() -> None:
    gap = only_gap({"Last Backup": "11/12/2026 10:00"})
    assert gap.code == "stamp.ambiguous"
    assert "order: mdy" in gap.remedy
    assert only_copy({"Last Backup": "11/12/2026 10:00"}, order="dmy").catalogue.finished_at.month == 12


def test_a_pattern_of_ones_own_finds_the_stamp() -> None:
    pattern = r"saved by (?P<job>\w+) at (?P<when>[\d. :]+)"
    copy = only_copy({}, "saved by nakivo at 21.11.2026 23:30:05", pattern=pattern)
    assert (copy.catalogue.finished_at, copy.catalogue.facts["job"]) == (EVENING, "nakivo")


@pytest.mark.parametrize(
    ("settings", "mistake"),
    [
        ({"pattern": "("}, "no regular expression"),
        ({"pattern": "last (.*)"}, re.escape("(?P<when>...)")),
        ({"format": "dd.mm.yyyy"}, "should be like"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        VmStampsSettings(**settings)


def test_the_zone_of_the_backup_server_can_be_another() -> None:
    copy = only_copy({"Last Backup": "2026-11-21 20:00:05"}, zone=ZoneInfo("UTC"))
    assert copy.catalogue.finished_at == EVENING


def test_one_vm_does_not_stand_in_the_way_of_the_next() -> None:
    vms = [
        StampedVm(f"vm{number}", f"key{number}", {"Last Backup": text}, "")
        for number, text in enumerate(["2026-11-21 23:30:05", "rubbish", "2026-11-21 23:30:05"])
    ]
    seen = list(VmStamps("stamps", VmStampsSettings(), TEHRAN).read(vms, NOW).seen)
    assert [type(one) for one in seen] == [Copy, LookGap, Copy]
    assert [one.object for one in seen if isinstance(one, Copy)] == ["vm/vm0", "vm/vm2"]


def test_by_itself_it_cannot_look() -> None:
    with pytest.raises(SourceUnavailable):
        VmStamps("stamps", VmStampsSettings(), TEHRAN).look(NOW, {})


@given(st.dictionaries(st.sampled_from(["Last Backup", "VeeamBackup"]), st.text(max_size=200)), st.text(max_size=300))
def test_any_text_on_a_vm_is_survived(attributes: dict[str, str], notes: str) -> None:
    for one in read(attributes, notes):
        assert isinstance(one, Copy | LookGap)


def test_a_text_made_to_be_slow_is_not() -> None:
    notes = "Veeam Backup: " + "Job name: [" * 50_000 + "last backup:" * 50_000
    assert all(isinstance(one, Copy | LookGap) for one in read({"Last Backup": "Nov " * 50_000}, notes))
