"""What lay off-site: month by month, though media come home and are written over, and never what a reading denied."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from itops.backup.custody.labels import label_of
from itops.backup.custody.policy import CustodyPolicy, PlaceOfCustody
from itops.backup.custody.records import (
    Added,
    BadFile,
    Entry,
    Incident,
    ManifestFile,
    MediumRead,
    Moved,
    Received,
    Reconciled,
    Retired,
    Sealed,
    Written,
)
from itops.backup.levels import Level
from itops.backup.policy import BackupPlan, MonthDay, MonthlyPolicy, Protected, ProtectedList
from itops.dates import Period, parse_period
from itops.names import Names
from itops.reports.monthly.parts import BackupPart
from itops.verdict import State
from tests.backup.custody.building import rows_of
from tests.reports.monthly.test_backups_building import (
    DAY,
    HOUR,
    JOB,
    OBJECT,
    database,
    figure,
    findings,
    job,
    looks_of,
    night,
    nightly,
    part,
    plan,
    settled,
    value,
)

YEAR = parse_period("1402")
MONTHS = [parse_period(f"1402-{number:02}") for number in range(1, 13)]
MEHR = MONTHS[6]
MEDIA = tuple(label_of("M", number) for number in (1, 2))
POLICY = CustodyPolicy(
    places={
        "office": PlaceOfCustody(name=Names.same("اتاق سرور"), kind="office"),
        "bank": PlaceOfCustody(name=Names.same("صندوق امانات بانک نمونه"), box="214"),
    }
)
MONTHLY = job(daily=None, monthly=MonthlyPolicy(keep=3, on=MonthDay(None), offsite="bank"), since=date(2023, 3, 21))


def held(**settings: Any) -> BackupPlan:
    return plan(replace(MONTHLY, **settings), custody=POLICY)


def file(slot: str, about: str = OBJECT) -> ManifestFile:
    return ManifestFile(
        name=f"{slot}.bak", size_bytes=1, sha256="ab" * 32, job=JOB, object=about, slots=(slot,), level=Level.COMPLETE
    )


class Register:
    """Grows by one call a deed; every deed is an hour after the one before."""

    def __init__(self, *media: str) -> None:
        self.at = datetime(2023, 3, 21, 8, tzinfo=night(YEAR.first).tzinfo)
        self.entries: list[Entry] = []
        self.places = dict.fromkeys(media or MEDIA, "office")
        self.seals: dict[str, str] = {}
        for medium in self.places:
            self.add(Added(medium=medium, at=self.at, by="R. Karimi", place="office"))

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.at = entry.at + HOUR

    def on(self, day: date) -> "Register":
        """The next deed is of that day's morning, if it is not earlier than the last."""
        self.at = max(self.at, night(day) - 13 * HOUR)
        return self

    def deposit(self, medium: str, *slots: str, about: str = OBJECT) -> None:
        """Fetch it home where it is away, write it, seal it, carry it to the bank."""
        if self.places[medium] == "bank":
            self.carry(medium, "office")
        files = tuple(file(slot, about) for slot in slots)
        opened = self.seals.pop(medium, "")
        self.add(Written(medium=medium, at=self.at, by="R. Karimi", files=files, opened_seal=opened))
        self.seals[medium] = f"A-{len(self.entries)}"
        self.add(Sealed(medium=medium, at=self.at, by="R. Karimi", seal=self.seals[medium]))
        self.carry(medium, "bank")

    def carry(self, medium: str, to: str) -> None:
        origin, seal = self.places[medium], self.seals.get(medium, "")
        told = {"medium": medium, "by": "R. Karimi", "to": "S. Rahimi", "seal": seal}
        self.add(Moved(at=self.at, origin=origin, destination=to, **told))
        self.add(Received(at=self.at, place=to, is_seal_intact=True if seal else None, **told))
        self.places[medium] = to

    def read(self, medium: str, *bad: str) -> None:
        told = tuple(BadFile(name, "differs") for name in bad)
        seal = self.seals.pop(medium, "")
        self.add(
            MediumRead(medium=medium, at=self.at, by="S. Rahimi", place=self.places[medium], bad=told, opened_seal=seal)
        )


def of_year(*, without: Iterable[int] = ()) -> Register:
    """Two media in turn: each month's copy is carried to the bank on its last day."""
    register = Register()
    for number, month in enumerate(MONTHS):
        if number not in set(without):
            register.on(month.last).deposit(MEDIA[number % 2], month.name)
    return register


def told(register: Register | Sequence[Entry], period: Period, **more: Any) -> BackupPart:
    entries = register.entries if isinstance(register, Register) else register
    copies = more.pop("copies", nightly(YEAR))
    return part(more.pop("plan", held()), period, copies=copies, looks=looks_of(YEAR), custody=rows_of(entries), **more)


def test_a_year_of_deposits_stays_whole_though_two_media_are_written_over_and_over() -> None:
    found = told(of_year(), YEAR)
    assert (figure(found, "custody.months").part, figure(found, "custody.months").of) == (12, 12)
    assert value(found, "custody.deposits") == 1
    assert [row.month for row in found.deposits] == [month.name for month in MONTHS]
    assert findings(found, "report.deposit-missing") == []
    assert value(found, "custody.media") == 2


def test_eleven_of_twelve_deposits_name_the_month_that_has_none() -> None:
    found = told(of_year(without=[5]), YEAR)
    months = figure(found, "custody.months")
    assert (months.part, months.of, months.value) == (11, 12, 11 / 12)
    assert [one.ref for one in months.evidence if one.note != "deposited"] == ["1402-06"]
    (late,) = findings(found, "report.deposit-missing")
    assert late.facts == {"place": "bank", "month": "1402-06", "slot_count": 1}
    assert (late.room, late.table, late.state, late.subject) == ("custody", "report", State.CRITICAL, "bank 1402-06")
    assert [row.slot for row in found.deposits if row.is_late] == ["1402-06"]


def test_a_deposit_whose_last_day_has_not_passed_is_missing_but_not_late() -> None:
    found = told(of_year(without=[6]), MEHR)
    (row,) = found.deposits
    assert (row.is_deposited, row.is_late, value(found, "custody.deposits")) == (False, False, 0)
    assert [one.note for one in figure(found, "custody.months").evidence] == ["due"]
    assert findings(found, "report.deposit-missing") == []


def test_a_row_tells_the_medium_the_day_it_came_and_the_day_it_was_due() -> None:
    (row,) = told(of_year(), MEHR).deposits
    assert (row.place, row.job, row.object, row.media) == ("bank", JOB, OBJECT, (MEDIA[0],))
    assert row.received_at is not None
    assert row.received_at.date() == MEHR.last
    assert row.due_on == MEHR.last + DAY


def test_the_places_are_named_as_itops_yaml_has_them() -> None:
    assert told(of_year(), MEHR).places["bank"] == Names(fa="صندوق امانات بانک نمونه", en="صندوق امانات بانک نمونه")


def test_what_is_carried_after_the_report_was_settled_does_not_count_for_it() -> None:
    register = of_year(without=range(6, 12))
    register.on(MEHR.last + 4 * DAY).deposit(MEDIA[0], MEHR.name)
    assert not told(register, MEHR).deposits[0].is_deposited
    assert told(register, YEAR).deposits[6].is_deposited


def test_what_is_dated_in_time_counts_whenever_it_was_written_down() -> None:
    register = of_year()
    late = rows_of(register.entries, recorded_after=timedelta(days=90))
    found = part(held(), MEHR, copies=nightly(YEAR), looks=looks_of(YEAR), custody=late)
    assert found == told(register, MEHR)


def test_a_row_that_cannot_have_happened_deposits_nothing() -> None:
    register = Register()
    register.on(MEHR.last).deposit(MEDIA[0], MEHR.name)
    out, came = register.entries[-2:]
    assert told(register, MEHR).deposits[0].is_deposited
    for impossible in ([came], [replace(out, medium=MEDIA[1]), came], [out, replace(came, by="S. Rahimi")]):
        found = told([*register.entries[:-2], *impossible], MEHR)
        assert not found.deposits[0].is_deposited


def test_the_same_month_asked_after_the_media_went_round_says_the_same() -> None:
    whole = of_year()
    then = [entry for entry in whole.entries if entry.at <= settled(MEHR)]
    assert told(whole, MEHR) == told(then, MEHR)


def _lost(register: Register, what: str) -> None:
    register.add(Incident(medium=MEDIA[0], at=register.at, by="S. Rahimi", what=what))  # type: ignore[arg-type]


def _home(register: Register) -> None:
    register.carry(MEDIA[0], "office")


def _on_the_way(register: Register) -> None:
    register.carry(MEDIA[0], "office")
    register.entries.pop()


def _counted_out(register: Register) -> None:
    register.add(
        Reconciled(at=register.at, by="R. Karimi", witness="S. Rahimi", place="bank", missing=(MEDIA[0],), found=())
    )


def _retired(register: Register, method: str) -> None:
    register.add(
        Retired(medium=MEDIA[0], at=register.at, by="R. Karimi", witness="S. Rahimi", method=method)  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("deeds", "is_deposited"),
    [
        pytest.param([], True, id="it lies there"),
        pytest.param([_home], True, id="it came home"),
        pytest.param([_home, lambda one: one.read(MEDIA[0])], True, id="read at home, and good"),
        pytest.param([_home, lambda one: one.read(MEDIA[0], "1402-07.bak")], False, id="read at home, and bad"),
        pytest.param([_home, lambda one: one.read(MEDIA[0], "other.bak")], True, id="another file was bad"),
        pytest.param([_home, lambda one: _lost(one, "unreadable")], False, id="unreadable at home"),
        pytest.param([_home, lambda one: _lost(one, "lost")], True, id="lost when it was home again"),
        pytest.param([_home, lambda one: _retired(one, "destroy")], True, id="destroyed at home"),
        pytest.param([_on_the_way, lambda one: _lost(one, "lost")], True, id="lost on the way home"),
        pytest.param([lambda one: _retired(one, "destroy")], True, id="destroyed where it lay"),
        pytest.param([lambda one: _lost(one, "lost")], False, id="lost in the box"),
        pytest.param([_counted_out], False, id="not found in the box"),
        pytest.param([lambda one: _retired(one, "lost")], False, id="given up while it should be in the box"),
        pytest.param([_home, lambda one: one.deposit(MEDIA[0], "1402-08")], True, id="written over and brought back"),
    ],
)
def test_a_deposit_is_undone_only_by_what_says_that_it_never_was_good(deeds: list[Any], is_deposited: bool) -> None:
    register = Register()
    register.on(MEHR.last - DAY).deposit(MEDIA[0], MEHR.name)
    for deed in deeds:
        deed(register)
    assert register.at <= settled(MEHR)
    assert told(register, MEHR).deposits[0].is_deposited is is_deposited


def test_what_is_still_on_the_way_is_not_there() -> None:
    register = Register()
    register.on(MEHR.last).deposit(MEDIA[0], MEHR.name)
    assert not told(register.entries[:-1], MEHR).deposits[0].is_deposited


def test_a_copy_written_in_a_place_counts_while_it_lies_there_only() -> None:
    at_office = held(monthly=MonthlyPolicy(keep=3, on=MonthDay(None), offsite="office"))
    register = Register()
    register.on(MEHR.last - DAY).deposit(MEDIA[0], MEHR.name)
    assert not told(register, MEHR, plan=at_office).deposits[0].is_deposited
    assert told(register.entries[:3], MEHR, plan=at_office).deposits[0].is_deposited


def test_a_copy_of_another_database_is_no_deposit_of_this_one() -> None:
    two = ProtectedList([Protected.parse(OBJECT), Protected.parse("sql01/Personnel")])
    copies = [*nightly(YEAR), *nightly(YEAR, about="sql01/Personnel")]
    found = told(of_year(), MEHR, plan=held(protects=two), copies=copies)
    assert {row.object: row.is_deposited for row in found.deposits} == {OBJECT: True, "sql01/Personnel": False}
    assert (figure(found, "custody.deposits").part, figure(found, "custody.deposits").of) == (1, 2)
    assert value(found, "custody.months") == 0


def test_a_database_made_in_the_month_after_owes_no_copy_of_this_month() -> None:
    every = held(protects=ProtectedList([Protected.parse("sql01/*")]), since=None)
    listed = [database("Insurance"), database("New", created_at=night(MEHR.last) + DAY)]
    found = told(of_year(), MEHR, plan=every, databases=listed)
    assert [row.object for row in found.deposits] == [OBJECT]


def test_no_tier_names_a_place_and_so_nothing_is_owed() -> None:
    found = told(of_year(), MEHR, plan=held(monthly=MonthlyPolicy(keep=3, on=MonthDay(None))))
    assert found.deposits == ()
    assert (value(found, "custody.deposits"), figure(found, "custody.deposits").reason) == (None, "nothing")
    assert value(found, "custody.media") == 2
