"""Messages of alerts in both languages; and that nothing which leaves the office names anything."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.alerts.channels import Message
from itops.alerts.grouping import Draft
from itops.alerts.records import Event, EventKind, Incident, Key, Phase
from itops.documents import from_document, to_document
from itops.reports.alert_messages import (
    WeekOfWork,
    alive_message,
    incident_text,
    message_of,
    subject_text,
    thread_of,
    trial_message,
)
from itops.reports.words import Words, load_words
from itops.verdict import State

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 10, 24, 6, 0, tzinfo=UTC)
EN = load_words("en", zone=TEHRAN)
FA = load_words("fa", calendar="jalali", zone=TEHRAN)
BOTH = pytest.mark.parametrize("words", [EN, FA], ids=["en", "fa"])
TOLD = [kind for kind in EventKind if kind not in {EventKind.ALIVE, EventKind.TEST}]
FACTS = {"age_hours": 30, "limit_hours": 26}


def incident(name: str = "insurance-db sql01/Insurance", check: str = "backup", **more: object) -> Incident:
    held = Incident(
        key=Key(check, name),
        phase=Phase.FIRING,
        state=State.CRITICAL,
        code="too-old",
        table="backup",
        facts=FACTS,
        owner="dept5",
        opened_at=NOW - timedelta(hours=5),
        notify_count=1,
    )
    return replace(held, **more)


def draft(*events: Event, **more: object) -> Draft:
    first = events[0]
    check = first.incident.key.check
    held = Draft(channel="mail", kind=first.kind, check=check, events=events, made_at=NOW, not_before=NOW)
    return replace(held, **more)


def event(kind: EventKind = EventKind.OPENED, *, at: datetime = NOW, **more: object) -> Event:
    return Event(kind=kind, incident=incident(**more), at=at)


def said(words: Words, *events: Event, **more: object) -> Message:
    return message_of(draft(*events, **more), words, office="alborz")


# What a message says.


def test_one_incident_stands_in_title_line_and_summary():
    message = said(EN, event())
    assert message.title == "New (critical): backup: insurance-db sql01/Insurance"
    assert message.summary == "New: 1 critical"
    (line,) = message.lines
    assert line.text == "the newest good copy is too old: 30 hours, at most 26 hours"
    assert (line.owner, line.since, line.state) == ("dept5", NOW - timedelta(hours=5), State.CRITICAL)
    assert (message.kind, message.state, message.language, message.office) == (
        EventKind.OPENED,
        State.CRITICAL,
        "en",
        "alborz",
    )


def test_the_same_in_persian():
    message = said(FA, event())
    assert "پشتیبان‌گیری" in message.title
    assert "\u2068insurance-db sql01/Insurance\u2069" in message.title
    assert message.summary == "مورد تازه: ۱ بحرانی"
    assert "۳۰ ساعت" in message.lines[0].text


def test_many_are_counted_by_state_and_the_worst_comes_first():
    events = [event(name=f"w{number}", state=State.WARNING) for number in range(3)]
    events += [event(name="u", state=State.UNKNOWN), event(name="c")]
    message = said(EN, *events)
    assert message.title == "New: 1 critical, 1 unknown, 3 warning (backup)"
    assert message.summary == "New: 1 critical, 1 unknown, 3 warning"
    assert [line.state for line in message.lines][:2] == [State.CRITICAL, State.UNKNOWN]


def test_ten_thousand_incidents_are_counted_and_some_are_shown():
    message = said(EN, *(event(name=f"db{number:05}") for number in range(10_000)))
    assert message.summary == "New: 10,000 critical"
    assert len(message.lines) == 201
    assert message.lines[-1].text == "and 9,800 more"


@pytest.mark.parametrize(
    ("lasted", "english", "persian"),
    [
        (timedelta(minutes=7), "7 min", "۷ دقیقه"),
        (timedelta(hours=1, minutes=59), "119 min", "۱۱۹ دقیقه"),
        (timedelta(hours=3), "3 h", "۳ ساعت"),
        (timedelta(hours=50), "2 d", "۲ روز"),
        (timedelta(), "0 min", "۰ دقیقه"),
    ],
)
def test_a_recovery_says_how_long_it_lasted(lasted, english, persian):
    opened = NOW - timedelta(days=9)
    over = event(EventKind.RECOVERED, phase=Phase.OK, opened_at=opened, closed_at=opened + lasted)
    assert said(EN, over).lines[0].text.startswith(f"well again after {english}; it was: the newest")
    assert f"پس از {persian} برطرف شد" in said(FA, over).lines[0].text
    assert said(EN, over).title == "Well again: backup: insurance-db sql01/Insurance"
    assert (said(EN, over).state, said(EN, over).summary) == (State.OK, "Well again: 1")


def test_what_is_judged_no_more_is_never_called_well():
    gone = event(EventKind.RECOVERED, phase=Phase.OK, table="alert", code="gone", facts={}, closed_at=NOW)
    message = said(EN, gone)
    assert message.title.startswith("Closed:")
    assert "nobody says that it is well" in message.lines[0].text
    assert "well again" not in message.title + message.summary + message.lines[0].text


@pytest.mark.parametrize(
    ("kind", "english"),
    [
        (EventKind.WORSENED, "Got worse (critical)"),
        (EventKind.REMINDER, "Still open (critical)"),
        (EventKind.ESCALATED, "Nobody has answered (critical)"),
        (EventKind.FLAPPING, "Keeps changing (critical)"),
        (EventKind.STEADY, "Steady again (critical)"),
    ],
)
def test_the_title_says_why_somebody_is_told(kind, english):
    assert said(EN, event(kind)).title.startswith(english)


def test_a_reminder_says_how_long_it_has_been_open():
    (line,) = said(EN, event(EventKind.REMINDER)).lines
    assert line.since == NOW - timedelta(hours=5)
    (over,) = said(EN, event(EventKind.RECOVERED, phase=Phase.OK, closed_at=NOW)).lines
    assert over.since is None, "or it would look as if it had been well since then"


def test_what_is_steady_and_well_says_both():
    assert said(EN, event(EventKind.STEADY, phase=Phase.OK)).lines[0].text == "well, and it has stopped changing"


def test_a_digest_says_what_is_open_and_what_is_over():
    over = event(EventKind.RECOVERED, name="db02", phase=Phase.OK, closed_at=NOW)
    message = said(EN, event(), over, check="", is_digest=True)
    assert message.title == "In the quiet hours: 1 critical, 1 closed"
    assert message.summary == message.title
    late = said(EN, event(), over, check="", is_digest=True, has_failed=True)
    assert late.title == "While this channel was down: 1 critical, 1 closed"


def test_of_a_delivery_the_period_and_the_day_it_is_due_leave_the_office():
    late = event(name="1405-08", check="delivery", facts={"due_on": "2026-11-26"}, code="late", table="no-such-table")
    assert said(EN, late).summary == "New: 1 critical; report 1405-08; due 2026-11-26"
    assert said(FA, late).summary == "مورد تازه: ۱ بحرانی؛ گزارش \u20681405-08\u2069؛ مهلت \u20681405-09-05\u2069"
    assert said(EN, late).report == "1405-08"


def test_a_finding_is_called_by_its_title_and_not_by_its_code():
    alarm = incident(name="alarm.open SAN-LUN02", check="inventory")
    assert subject_text(alarm, EN) == "inventory: Alarm: SAN-LUN02"
    assert subject_text(incident(name="warranty.ended", check="inventory"), EN).endswith("(warranty.ended)")
    assert subject_text(incident(name="vc01", check="inventory"), EN) == "inventory: vc01"
    assert "\u2068SAN-LUN02\u2069" in subject_text(alarm, FA)


def test_many_months_are_some_and_a_count():
    events = [event(name=f"14{year:02}-{month:02}", check="delivery") for year in (4, 5) for month in range(1, 13)]
    assert said(EN, *events).summary == "New: 24 critical; report 1405-10, 1405-11, 1405-12 and 21 more"


@pytest.mark.parametrize("due_on", ["20261126", "2026-W48-4", "0001-01-01", "9999-12-31", "1998-01-02", "2026-11-26x"])
def test_a_number_that_could_be_read_as_a_day_stays_in_the_office(due_on):
    for words in (EN, FA):
        late = event(name="x", check="delivery", facts={"due_on": due_on})
        assert said(words, late).summary == said(words, event(name="x", check="delivery")).summary


@pytest.mark.parametrize("period", ["1234", "0912-03", "1998", "622-01"])
def test_a_number_that_could_be_read_as_a_month_stays_in_the_office(period):
    assert said(EN, event(name=period, check="delivery")).summary == "New: 1 critical"
    assert said(EN, event(name=period, check="delivery")).report == ""


def test_a_day_of_a_thing_is_no_deadline_of_the_office():
    ended = event(name="warranty.ended", check="inventory", facts={"due_on": "2026-11-01"})
    assert said(EN, ended).summary == "New: 1 critical"


def test_a_code_without_words_is_shown_as_it_is():
    assert incident_text(incident(code="no.such-code", table="plugin"), EN) == "no.such-code"
    assert subject_text(incident(check="of a plugin"), EN).startswith("of a plugin:")


def test_codes_of_findings_are_said_by_their_message():
    found = incident(code="snapshot.old", table="health", facts={"snapshot": "before", "age_days": 40})
    assert "before" in incident_text(found, EN)


@pytest.mark.parametrize("code", ["gone", "stale"])
@BOTH
def test_the_codes_of_the_engine_have_words(words, code):
    told = incident_text(incident(code=code, table="alert", facts={"until_at": NOW.isoformat()}), words)
    assert told not in {"", code}


@BOTH
@pytest.mark.parametrize("kind", TOLD)
def test_every_kind_can_be_said(words, kind):
    message = said(words, event(kind), event(kind, name="db02"))
    assert message.title
    assert message.summary
    assert all(line.text and line.subject for line in message.lines)
    assert from_document(Message, to_document(message)) == message


@BOTH
def test_the_weekly_message_proves_the_channel(words):
    work = WeekOfWork(ran=412, failed=3, open={State.CRITICAL: 2, State.WARNING: 1})
    message = alive_message(work, words, office="alborz", channel="sms", now=NOW)
    assert (message.kind, message.state) == (EventKind.ALIVE, State.CRITICAL)
    assert words.value("count", 412) in message.summary
    calm = alive_message(replace(work, open={}), words, office="alborz", channel="sms", now=NOW)
    assert calm.state is State.OK
    assert words.template("alert", "line", "nothing_open") in calm.summary


@BOTH
def test_a_trial_says_that_nothing_is_wrong(words):
    message = trial_message(words, office="alborz", channel="sms", now=NOW)
    assert (message.kind, message.state) == (EventKind.TEST, State.OK)


# What a message is.


def test_the_same_message_has_the_same_id_and_another_has_another():
    one = said(EN, event())
    assert said(EN, event()).id == one.id
    others = [
        said(EN, event(), channel="sms"),
        said(EN, event(EventKind.REMINDER)),
        said(EN, event(name="db02")),
        said(EN, event(), made_at=NOW + timedelta(days=1)),
        said(EN, event(notify_count=2)),
    ]
    assert len({one.id, *(other.id for other in others)}) == 6


def test_an_incident_is_one_conversation_from_its_opening_to_its_recovery():
    kinds = [EventKind.OPENED, EventKind.REMINDER, EventKind.WORSENED, EventKind.RECOVERED]
    assert len({thread_of(draft(event(kind))) for kind in kinds}) == 1
    assert thread_of(draft(event(opened_at=NOW))) != thread_of(draft(event()))


def test_a_group_goes_on_in_the_conversation_of_what_opened_first():
    later = event(name="aaa", opened_at=NOW)
    assert thread_of(draft(event(), later)) == thread_of(draft(event()))


# Hostile names.

NASTY = "db\x1b[31m\u202e\r\nBcc: x@example.org {count} {text} =1+1"


@BOTH
@pytest.mark.parametrize("kind", TOLD)
def test_a_hostile_name_stays_on_one_line_and_steers_nothing(words, kind):
    held = {
        "name": NASTY,
        "owner": NASTY,
        "code": "snapshot.old",
        "table": "health",
        "facts": {"snapshot": NASTY, "age_days": 3},
    }
    message = said(words, event(kind, **held))
    for text in (message.title, *(part for line in message.lines for part in (line.subject, line.text, line.owner))):
        assert not set(text) & set("\x1b\r\n\u202e")
        assert text.count("\u2068") == text.count("\u2069")


@given(st.text(max_size=400), st.text(max_size=40), st.text(max_size=40))
def test_no_text_of_outside_breaks_a_message(name, code, table):
    message = said(FA, event(name=name, check=code, code=code, table=table, owner=name, facts={"age_hours": name}))
    assert len(message.title) < 600
    assert "\n" not in message.title + message.summary


# What leaves the office.

DENIED = (
    "sql01",
    "Insurance",
    "بیمه‌شدگان",
    "vc01.alborz.example",
    "10.20.30.40",
    "fe80::1ff:fe23:4567:890a",
    "00:50:56:ab:cd:ef",
    "7CE1234XYZ",
    r"\\nas01\backup\Insurance.bak",
    "/srv/backup/insurance_1405-08-01.bak",
    "SEAL-004417",
    "AST-1405-0012",
    "a.karimi",
    "کریمی",
    "backup-operators@alborz.example",
    "LTO-0042",
)


def full_office() -> list[Incident]:
    """Incidents in which every field that may hold a text holds one that must not leave."""
    checks = ("backup", "inventory", "delivery", "schedule", "custody", "channel", "sql01")
    return [
        incident(
            name=name,
            check=check,
            state=state,
            code=code,
            table=table,
            owner=name,
            acked_by=name,
            ack_note=name,
            facts={"age_hours": name, "limit_hours": name, "snapshot": name, "path": name, "due_on": name},
        )
        for number, name in enumerate(DENIED)
        for check in checks
        for state in (State.WARNING, State.CRITICAL, State.UNKNOWN)
        for code, table in [[("too-old", "backup"), ("snapshot.old", "health"), (name, name)][number % 3]]
    ]


def leaving(words: Words) -> Iterable[str]:
    """Every summary that the full office makes: of each incident alone, of all of one check, of all."""
    everything = full_office()
    for kind in TOLD:
        for one in everything:
            yield said(words, Event(kind=kind, incident=one, at=NOW)).summary
        events = [Event(kind=kind, incident=one, at=NOW) for one in everything]
        yield said(words, *events).summary
        yield said(words, *events, check="", is_digest=True).summary


@BOTH
def test_nothing_of_the_deny_list_leaves_the_office(words):
    for summary in leaving(words):
        assert [denied for denied in DENIED if denied.casefold() in summary.casefold()] == [], summary


@BOTH
def test_the_deny_list_would_be_found_if_it_left(words):
    titles = {said(words, Event(kind=EventKind.OPENED, incident=one, at=NOW)).title for one in full_office()}
    assert all(any(denied in title for title in titles) for denied in DENIED)


@given(st.text(max_size=40), st.sampled_from(["backup", "inventory", "delivery", "x"]), st.sampled_from(TOLD))
def test_the_summary_is_the_same_whatever_things_are_called(name, check, kind):
    hidden = incident(name="x", check=check, facts=FACTS)
    named = replace(hidden, key=Key(check, f"#{name}"), owner=name, code=name, table=name, facts={"due_on": f"#{name}"})
    for words in (EN, FA):
        summaries = {said(words, Event(kind=kind, incident=one, at=NOW)).summary for one in (hidden, named)}
        assert len(summaries) == 1
