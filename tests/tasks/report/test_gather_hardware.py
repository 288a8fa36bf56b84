"""The hardware of a month, read from the register's file and the memory of it: the same on every later day."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.assets.sightings import Readings, Sighting, UpsReading, Via
from itops.dates import parse_period
from itops.inventory.entities import EntityKey
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.parts import HardwarePart
from itops.tasks.report.hardware import gather_hardware, read_register
from itops.worklog.exports import Exported
from tests.tasks.report.register_office import BEGIN, DAY, END, SETTLED, RegisterOffice, entry

LATER = END + 200 * DAY


@pytest.fixture
def office(tmp_path: Path) -> RegisterOffice:
    made = RegisterOffice(tmp_path)
    made.write(entry("PC-1"), entry("PRN-1", "printer", serial="PRN0001", vendor="Kyocera"))
    made.notice(BEGIN - DAY)
    return made


def gathered(office: RegisterOffice, now: datetime = SETTLED, period: str = "1405-08") -> HardwarePart:
    with office.asked(now, period) as asking:
        return gather_hardware(asking)


def figure(part: HardwarePart, name: str) -> Figure:
    (found,) = [one for one in part.figures if one.id == f"hardware.{name}"]
    return found


def exported(profile: str = "budget", period: str = "1405-08", *items: str) -> Exported:
    held = dict.fromkeys(items, "0")
    return Exported(profile=profile, period=period, at=SETTLED, by="A", path="x.xlsx", sha256="f" * 64, items=held)


def record(office: RegisterOffice, *exports: Exported) -> None:
    with office.store(SETTLED) as store:
        for one in exports:
            store.worklog.record_export(one, SETTLED)


def codes(part: HardwarePart) -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in part.findings}


def seen_printer(**more: Any) -> Sighting:
    known: dict[str, Any] = {"serial": "PRN0001", "vendor": "Kyocera", "kind": "printer"}
    key = EntityKey("net/10.1.0.5")
    return Sighting(source="net", key=key, seen_at=BEGIN, via=Via.SNMP, address="10.1.0.5", **(known | more))


def test_the_register_at_the_end_of_the_month_is_counted_whatever_came_later(office):
    office.write(entry("PC-1", site="fardis"), entry("UPS-1", "ups"))
    office.notice(BEGIN + 10 * DAY, by="operator", how="set")
    first = gathered(office)
    office.write(entry("PC-1", status="disposed"))
    office.notice(END + 5 * DAY, by="operator", how="set")
    assert gathered(office, LATER) == first
    assert first.counts == {"computer": {"fardis": 1}, "ups": {"head": 1}}
    assert [(row.asset, row.what, row.by) for row in first.changes] == [
        ("PC-1", "moved", "operator"), ("PRN-1", "removed", "operator"), ("UPS-1", "added", "operator"),
    ]  # fmt: skip
    names = ("added", "removed", "moved", "changed", "retired")
    assert [figure(first, name).value for name in names] == [1, 1, 1, 0, 0]


def test_what_was_typed_by_hand_and_nobody_noticed_is_of_now(office):
    before = gathered(office)
    office.write(entry("PC-1"), entry("PC-2"))
    assert gathered(office, LATER) == before
    office.notice(LATER)
    assert gathered(office, LATER + DAY) == before


def test_while_the_month_runs_what_was_typed_by_hand_counts_at_once(office):
    office.write(entry("PC-1"), entry("PC-2"))
    part = gathered(office, now := BEGIN + 3 * DAY)
    assert figure(part, "total").value == 2
    assert [(row.asset, row.what, row.at) for row in part.changes] == [
        ("PC-2", "added", now), ("PRN-1", "removed", now),
    ]  # fmt: skip
    office.notice(now)
    assert gathered(office, now) == part


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.dictionaries(
                st.sampled_from(["A", "B", "C"]), st.sampled_from(["in_use", "lost", "repair", "retired", "disposed"])
            ),
        ),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_a_report_asked_for_later_is_equal_whatever_people_do_to_the_register(tmp_path_factory, edits):
    made = RegisterOffice(tmp_path_factory.mktemp("office"))
    made.write(entry("Z"))
    made.notice(BEGIN - DAY)
    asked = []
    for day, statuses in sorted(edits, key=lambda edit: edit[0]):
        at = BEGIN + day * DAY
        if at > SETTLED:
            asked.append(gathered(made, at))
        made.write(entry("Z"), *(entry(name, status=status) for name, status in statuses.items()))
        made.notice(at, how="set")
    asked += [gathered(made, LATER), gathered(made, LATER + DAY)]
    assert all(one == asked[0] for one in asked)


def test_347_entries_are_347_items(office):
    office.write(*(entry(f"PC-{number}") for number in range(300)), *(entry(f"L-{n}", "link") for n in range(47)))
    office.notice(BEGIN + DAY)
    part = gathered(office)
    assert [figure(part, name).value for name in ("total", "kind.computer", "kind.link", "site.head")] == [347, 300, 47, 347]  # noqa: E501  # fmt: skip


def test_without_a_register_nothing_is_known(tmp_path):
    part = gathered(RegisterOffice(tmp_path))
    assert {(one.value, one.reason) for one in part.figures} == {(None, "no-register")}
    assert part.items == ()


def test_without_a_memory_the_file_is_counted_and_changes_are_unknown(tmp_path):
    made = RegisterOffice(tmp_path)
    made.write(entry("PC-1"))
    part = gathered(made)
    assert figure(part, "total").value == 1
    assert (figure(part, "added").value, figure(part, "added").reason) == (None, "not-remembered")


def test_a_register_that_was_read_once_serves_every_period(office):
    office.write(entry("PC-1"))
    office.notice(END - DAY)
    with office.asked(LATER, "1405-07") as asking:
        read = read_register(asking)
        assert read is not None
        for period, count in (("1405-07", 2), ("1405-08", 1)):
            part = gather_hardware(replace(asking, period=parse_period(period)), read)
            assert figure(part, "total").value == count
            assert part == gathered(office, LATER, period)


def test_verified_is_counted_to_the_last_day_of_the_month(tmp_path):
    made = RegisterOffice(tmp_path, "assets: {verify_within: 30d}\n")
    made.write(entry("A", verified_on="2026-10-22"), entry("B", verified_on="2026-10-21"), entry("C"))
    assert (figure(gathered(made, LATER), "verified").part, figure(gathered(made), "verified").of) == (1, 3)


def test_findings_are_those_of_the_months_end(office):
    office.write(entry("PC-1", warranty_end="2026-11-10"), entry("PC-2", warranty_end="2026-12-10"))
    office.notice(BEGIN + DAY)
    first = gathered(office)
    assert {("warranty.ended", "PC-1"), ("warranty.soon", "PC-2")} <= codes(first)
    (ended,) = [one for one in first.findings if one.code == "warranty.ended"]
    assert ended.since == BEGIN + 19 * DAY  # 11 November in Tehran
    office.write(entry("PC-1", warranty_end="2029-11-10"))
    assert gathered(office, LATER) == first


def test_what_machines_saw_later_is_not_known_yet(office):
    assert ("scan.none", "inventory.yaml") in codes(gathered(office))
    office.saw(END + DAY, seen_printer())
    assert ("scan.none", "inventory.yaml") in codes(gathered(office, LATER))
    assert not any(row.seen_at for row in gathered(office, LATER).items)


def test_an_item_shows_when_it_was_last_seen_in_the_month_or_before(office):
    office.saw(BEGIN + DAY, seen_printer())
    first = gathered(office)
    office.saw(END + DAY, seen_printer(host_name="renamed"))
    assert gathered(office, LATER) == first
    assert {row.id: row.seen_at for row in first.items} == {"PC-1": None, "PRN-1": BEGIN + DAY}


def test_what_a_ups_said_of_a_moment_is_not_told_of_a_month(office):
    """Its readings are kept for now only: a report of last month does not know them, nor does one of this month."""
    office.write(entry("UPS-1", "ups", serial="UPS0001", vendor="APC"))
    office.notice(BEGIN + DAY)
    asks = Readings(ups=UpsReading(needs_new_battery=True))
    office.saw(BEGIN + 2 * DAY, seen_printer(serial="UPS0001", vendor="APC", kind="ups", readings=asks))
    for now in (BEGIN + 2 * DAY + timedelta(hours=1), SETTLED):
        assert ("ups.asks-for-battery", "UPS-1") not in codes(gathered(office, now))


def test_the_last_list_of_the_period_is_what_is_registered(office):
    record(
        office, exported("budget", "1405-08", "PC-1"), exported("budget", "1405-09", "PC-1", "PRN-1", "X"),
        exported("budget", "1405-08", "PC-1", "PRN-1"),
    )  # fmt: skip
    assert figure(gathered(office), "registered").value == 2
    assert figure(gathered(office, LATER, "1405"), "registered").value == 3
    assert figure(gathered(office, period="1405-07"), "registered").reason == "not-exported"


FORM = "sheet: list\ncolumns: [{header: id, from: id}]\n"
SYSTEMS = "report: {systems: {budget-it: {fa: سامانه بودجه IT, en: IT budget system}}}\n"


def test_a_form_that_names_no_system_registers_nowhere(tmp_path):
    made = RegisterOffice(tmp_path, f"assets: {{templates: {{budget: form.yaml}}}}\n{SYSTEMS}")
    (tmp_path / "form.yaml").write_text(FORM, encoding="utf-8")
    made.write(entry("PC-1"))
    record(made, exported("budget", "1405-08", "PC-1"))
    assert gathered(made).registered_in == ()


def test_a_list_of_every_month_is_registered_in_the_system_of_its_form(tmp_path):
    from itops.assets.tables.mapping import TemplateMapping  # noqa: PLC0415  beside what asks whether it knows systems

    if "system" not in TemplateMapping.__dataclass_fields__:
        pytest.skip("a form cannot name its system yet")
    made = RegisterOffice(tmp_path, f"assets: {{templates: {{budget: form.yaml, old: gone.yaml}}}}\n{SYSTEMS}")
    (tmp_path / "form.yaml").write_text(f"{FORM}system: budget-it\n", encoding="utf-8")
    made.write(entry("PC-1"))
    record(made, *(exported("budget", f"1405-{month:02}", "PC-1") for month in range(1, 12)))
    assert [one.en for one in gathered(made).registered_in] == ["IT budget system"]
    assert gathered(made, period="1405").registered_in == ()
    record(made, exported("budget", "1405-12", "PC-1"))
    assert [one.en for one in gathered(made, LATER, "1405").registered_in] == ["IT budget system"]


def test_a_form_that_was_never_filled_is_not_even_read(tmp_path):
    made = RegisterOffice(tmp_path, "assets: {templates: {old: gone.yaml}}\n")
    made.write(entry("PC-1"))
    assert gathered(made).registered_in == ()


def test_a_list_without_an_item_that_is_kept_does_not_register_the_hardware_of_the_office(tmp_path):
    made = RegisterOffice(tmp_path, f"assets: {{templates: {{budget: form.yaml}}}}\n{SYSTEMS}")
    (tmp_path / "form.yaml").write_text(f"{FORM}system: budget-it\n", encoding="utf-8")
    made.write(entry("PC-1"), entry("PC-2"), entry("PC-3", status="retired"), entry("PC-4", status="lost"))
    record(made, exported("budget", "1405-08", "PC-1"))
    assert gathered(made).registered_in == ()
    record(made, exported("budget", "1405-08", "PC-1", "PC-2"))
    assert [one.en for one in gathered(made).registered_in] == ["IT budget system"]
