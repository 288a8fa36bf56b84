"""The section `alerts` of itops.yaml is read strictly into the records of this room."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from itops.alerts.policy import AlertPolicy, LocalMoment, Pending, Rule, rule_of
from itops.config.building import build
from itops.config.mistakes import Mistake
from itops.config.yaml import load
from itops.dates import Hours
from itops.verdict import State
from tests.alerts.making import TEHRAN

GOOD = """\
alerts:
  language: en
  channels: {mail: {type: smtp}, sms: {type: sms}}
  rules:
    default: {remind_every: 12h}
    inventory: {pending: 15m, clear: 3}
    delivery: {pending: 2, rest: 1h}
  routes:
    - {channels: [mail]}
    - {channels: [sms], states: [critical], checks: [backup, delivery], objects: ["*/Insurance"]}
  escalation: [{after: 4h, channels: [sms]}, {after: 1d, channels: [mail, sms]}]
  escalates: [critical]
  quiet: {sms: {hours: 22:00-07:30, but: [critical, unknown], digest: "08:00"}}
  maintenance:
    - {begin: 1405-08-10 20:00, until: 2026-11-02 02:00, reason: moving, checks: [inventory]}
    - {begin: ۱۴۰۵-۰۸-۱۲ ۰۸:۰۰, until: 1405-08-12 10:00, reason: جابه‌جایی}
  group_wait: 5m
  alive: {weekday: monday, at: "09:00", channels: [mail]}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    alerts: AlertPolicy = field(default_factory=AlertPolicy)


def read(folder: Path, text: str) -> tuple[_File | None, list[Mistake]]:
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    document, mistakes = load(path), list[Mistake]()
    return build(_File, document.texts, document, (), folder, mistakes), mistakes


def test_what_the_office_wrote_is_what_the_records_say(tmp_path):
    file, mistakes = read(tmp_path, GOOD)
    assert mistakes == []
    assert file is not None
    policy = file.alerts
    assert list(policy.channels) == ["mail", "sms"]
    assert policy.routes[1].states == ("critical",)
    assert policy.quiet["sms"].hours == Hours(begin=time(22), until=time(7, 30))
    assert policy.quiet["sms"].digest == time(8)
    assert policy.maintenance[0].begin == LocalMoment(day=date(2026, 11, 1), at=time(20))
    assert policy.maintenance[1].begin.moment(TEHRAN) == datetime(2026, 11, 3, 4, 30, tzinfo=UTC)
    assert (policy.alive.weekday, policy.alive.at, policy.alive.channels) == ("monday", time(9), ("mail",))


def test_a_rule_is_put_together_from_what_was_said_of_the_check_of_all_and_by_itops(tmp_path):
    file, _ = read(tmp_path, GOOD)
    assert file is not None
    steps = (timedelta(hours=4), timedelta(days=1))
    common = {"remind_every": timedelta(hours=12), "escalate_after": steps, "escalates": frozenset({State.CRITICAL})}
    assert rule_of("inventory", file.alerts) == Rule(pending=Pending(lasting=timedelta(minutes=15)), clear=3, **common)
    assert rule_of("delivery", file.alerts) == Rule(
        pending=Pending(count=2), clear=1, rest=timedelta(hours=1), **common
    )
    assert rule_of("backup", file.alerts) == Rule(pending=Pending(count=2), **common)


def test_without_a_section_there_is_a_policy_that_works():
    rule = rule_of("inventory", AlertPolicy())
    assert (rule.pending, rule.clear, rule.remind_every) == (Pending(count=3), 2, timedelta(hours=24))
    assert rule_of("delivery", AlertPolicy()).pending == Pending(count=1)
    assert rule_of("one of a plugin", AlertPolicy()) == rule


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("rules: {backups: {clear: 2}}", "there is no check backups"),
        ("rules: {backup: {clear: 0}}", "not between 1 and 100"),
        ("rules: {backup: {pending: soon}}", "neither a count"),
        ("rules: {backup: {pending: 0m}}", "neither a count"),
        ("rules: {backup: {pending: 0}}", "neither a count"),
        ("rules: {backup: {pending: 101}}", "neither a count"),
        ("rules: {backup: {remind_every: 50s}}", "at least 5m"),
        ("routes: [{channels: [sms]}]", "routes[1]: there is no channel sms"),
        ("routes: [{channels: []}]", "names none"),
        (
            "routes: [{channels: [mail], checks: [invntory]}]",
            "there is no check invntory; one of",
        ),
        (
            "maintenance: [{begin: 1405-08-10 20:00, until: 1405-08-11 20:00, reason: x, checks: [nowhere*]}]",
            "maintenance[1].checks: there is no check nowhere*; one of backup, inventory",
        ),
        ("escalation: [{after: 4h, channels: [sms]}]", "escalation[1]: there is no channel sms"),
        ("quiet: {sms: {hours: 22:00-07:00}}", "quiet: there is no channel sms"),
        ("quiet: {mail: {hours: 22-7}}", "no part of a day"),
        ("quiet: {mail: {hours: 07:00-07:00}}", "no part of a day"),
        ("quiet: {mail: {hours: 24:00-07:00}}", "no part of a day"),
        ("alive: {channels: [sms]}", "alive.channels: there is no channel sms"),
        ("escalation: [{after: 4h, channels: [mail]}, {after: 4h, channels: [mail]}]", "after the one before"),
        ("maintenance: [{begin: 1405-08-10 20:00, until: 1405-08-10 20:00, reason: x}]", "is not after begin"),
        ("maintenance: [{begin: 1405-12-30 20:00, until: 1406-01-01 20:00, reason: x}]", "does not exist"),
        ("maintenance: [{begin: 1405-08-10, until: 1405-08-11 20:00, reason: x}]", "is no moment"),
        ("maintenance: [{begin: 1405-08-10 20:00, until: 1405-08-11 20:00}]", "missing"),
        ("group_wait: 2h", "at most 1h"),
        ("language: de", "not one of"),
        ("routs: []", "unknown key"),
    ],
)
def test_what_makes_no_sense_is_named(tmp_path, line, problem):
    file, mistakes = read(tmp_path, f"alerts:\n  channels: {{mail: {{type: smtp}}}}\n  {line}\n")
    assert file is None
    assert problem in " ".join(mistake.problem for mistake in mistakes)
    assert all(mistake.path.startswith("alerts") for mistake in mistakes)


@pytest.mark.parametrize(
    ("text", "held", "free"),
    [
        ("22:00-07:30", ["22:00", "23:59", "00:00", "07:29"], ["07:30", "21:59", "12:00"]),
        ("01:00-05:00", ["01:00", "04:59"], ["00:59", "05:00", "23:00"]),
    ],
)
def test_hours_hold_their_beginning_and_not_their_end(text, held, free):
    hours = Hours.from_setting(text, Path())
    assert all(hours.holds(time.fromisoformat(one)) for one in held)
    assert not any(hours.holds(time.fromisoformat(one)) for one in free)
