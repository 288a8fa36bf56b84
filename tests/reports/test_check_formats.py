"""What `itops check` prints, read by small parsers of our own: hostile names included."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.alerts.checking import CheckLimits, check_results, heartbeat
from itops.alerts.records import Evaluation, Key
from itops.reports.checked import FORMATS, page_in
from itops.reports.checked.checked import Checked
from itops.reports.checked.few_words import few_words
from itops.reports.words import LANGUAGES, load_words
from itops.verdict import State

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EN = load_words("en", calendar="jalali", zone=ZoneInfo("Asia/Tehran"))
FA = load_words("fa", calendar="jalali", zone=ZoneInfo("Asia/Tehran"))
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")

HOSTILE = {
    "pipe": "sql01/a|b=9;9",
    "newline": "sql01/a\nCRITICAL - all lost",
    "return": "sql01/a\r\nb",
    "double quote": 'sql01/"db"',
    "single quote": "sql01/it's",
    "backslash": "sql01\\NEW/db\\",
    "braces": 'x{a="b"} 1',
    "a placeholder": "{name}{total_count}",
    "markup": "[/][link=x]",
    "escape": "sql01/\x1b[2J\x07",
    "right to left": "sql01/\u202eofni\u2066",
    "Persian": "sql01/حقوق\u200cو دستمزد ۱۴۰۵",
    "a lone surrogate": "sql01/\ud800",
    "nothing": "",
    "spaces only": "   ",
    "10,000 letters": "x" * 10_000,
    "10,000 signs": "|\n" * 5_000,
    "10,000 emoji": "🐘" * 10_000,
}


def judged(name: str, state: State = State.OK, *, check: str = "backup", **facts) -> Evaluation:
    held = {"code": "fresh" if state is State.OK else "no-good-copy", "table": "backup", **facts}
    held.setdefault("judged_at", NOW - 5 * MINUTE)
    return Evaluation(key=Key(check, name), state=state, **held)


def checked(*evaluations: Evaluation, words=EN, **more) -> Checked:
    beat_at = more.pop("beat_at", NOW - MINUTE)
    return Checked(results=check_results(evaluations, NOW, **more), now=NOW, words=words, beat_at=beat_at)


OLD = judged(
    "nightly sql01/Insurance",
    State.CRITICAL,
    code="too-old",
    facts={"age_hours": 76, "limit_hours": 36},
    owner="dept5",
    since=NOW - 40 * HOUR,
    last_good_at=NOW - 76 * HOUR,
)
WELL = judged("nightly sql01/Payroll", last_good_at=NOW - 9 * HOUR)
MAIL = Key("backup", "mail files/fs01/mail")


# Nagios


def read_nagios(text: str) -> tuple[str, dict[str, tuple[float, str, list[str]]], list[str]]:
    """Text, performance data and long text, as a monitoring system reads them: strictly, knowing nothing of us."""
    assert text.endswith("\n")
    first, *rest = text[:-1].split("\n")
    said, bar, numbers = first.partition("|")
    assert bar
    found = {}
    for word in numbers.split():
        label, _, value = word.partition("=")
        amount, *limits = value.split(";")
        number = re.fullmatch(r"(-?\d+(?:\.\d+)?)(s?)", amount)
        assert number, word
        assert re.fullmatch(r"[a-z_]{1,19}", label), word
        assert len(limits) <= 4
        assert all(re.fullmatch(r"(\d+)?", limit) for limit in limits), word
        found[label] = (float(number[1]), number[2], limits)
    return said, found, rest


def test_the_line_of_nagios_is_as_the_contract_says():
    said, numbers, details = read_nagios(
        page_in(
            "nagios",
            checked(
                OLD,
                WELL,
                expected=[OLD.key, WELL.key, MAIL],
                limits={"backup": CheckLimits(age_warning=DAY, age_critical=2 * DAY)},
            ),
        )
    )
    assert said == (
        "BACKUP CRITICAL - 2 of 3 need action: nightly sql01/Insurance last good 3d 4h ago; "
        "mail files/fs01/mail never judged "
    )
    assert numbers == {
        "failed": (1, "", ["0", "0", "0", "3"]),
        "warning": (0, "", ["0", "", "0", "3"]),
        "unknown": (1, "", ["0", "", "0", "3"]),
        "stale": (0, "", ["0", "", "0", "3"]),
        "never": (1, "", ["0", "0", "0", "3"]),
        "oldest_age": (273_600, "s", ["86400", "172800", "0"]),
    }
    assert details == [
        "nightly sql01/Insurance: the newest good copy is too old: 76 hours, at most 36 hours; "
        "last good 3d 4h ago; owner dept5; since 1405-08-29 20:30",
        "mail files/fs01/mail: it was never judged",
    ]


@pytest.mark.parametrize(
    ("told", "first"),
    [
        pytest.param(checked(WELL), "BACKUP OK - 1 of 1 in order; oldest good 9h 0m ago ", id="well"),
        pytest.param(checked(judged("a")), "BACKUP OK - 1 of 1 in order ", id="well, nothing known of copies"),
        pytest.param(
            checked(judged("a", last_good_at=NOW + HOUR)),
            "BACKUP OK - 1 of 1 in order; oldest good 0m ago ",
            id="a clock ahead",
        ),
        pytest.param(checked(checks=("backup",)), "BACKUP UNKNOWN - nothing was ever judged ", id="nothing"),
        pytest.param(
            checked(judged("a", judged_at=NOW - 30 * HOUR)),
            "BACKUP UNKNOWN - 1 of 1 need action: a not judged for 1d 6h ",
            id="stale",
        ),
        pytest.param(
            checked(judged("vc01", State.WARNING, check="inventory")),
            "INVENTORY WARNING - 1 of 1 need action: vc01 ",
            id="a name alone",
        ),
        pytest.param(
            checked(
                WELL, judged("1405-08", State.CRITICAL, check="delivery"), checks=("backup", "delivery", "custody")
            ),
            "ITOPS CRITICAL - 2 of 3 need action: delivery 1405-08; custody never judged ",
            id="several checks as one",
        ),
        pytest.param(checked(), "ITOPS UNKNOWN - nothing was ever judged ", id="no check at all"),
        pytest.param(
            checked(judged("x", State.CRITICAL, check="a-check-of-somebody-else")),
            "A-CHECK-OF-SOMEB CRITICAL - 1 of 1 need action: x ",
            id="a check of others",
        ),
    ],
)
def test_the_first_line_says_the_state_and_the_counts_first(told, first):
    said, _, _ = read_nagios(page_in("nagios", told))
    assert said == first
    assert re.match(r"[A-Z-]+ (OK|WARNING|CRITICAL|UNKNOWN) - (\d+ of \d+|nothing was ever judged)", said[:60])


def beat(at: datetime | None) -> Checked:
    return Checked(results=(heartbeat(at, NOW, 5 * MINUTE),), now=NOW, words=EN)


@pytest.mark.parametrize(
    ("at", "said", "code"),
    [
        (NOW - MINUTE, "HEARTBEAT OK - the scheduler ticked on 1405-09-01 12:29; last good 1m ago ", 0),
        (NOW - 3 * HOUR, "HEARTBEAT CRITICAL - the scheduler has not ticked since 1405-09-01 09:30; ", 2),
        (NOW + 3 * HOUR, "HEARTBEAT UNKNOWN - the scheduler ticked on 1405-09-01 15:30, which is still to come", 3),
        (None, "HEARTBEAT CRITICAL - nothing shows that the scheduler ever ticked ", 2),
    ],
)
def test_the_heartbeat_is_one_sentence(at, said, code):
    line, _, details = read_nagios(page_in("nagios", beat(at)))
    assert line.startswith(said)
    assert details == []
    assert beat(at).exit_code == code


@pytest.mark.parametrize("state", list(State))
def test_the_exit_code_is_the_state(state):
    assert checked(judged("a", state), WELL).exit_code == state.value


def test_the_exit_code_of_several_is_the_worst_and_of_none_unknown():
    assert checked(judged("a", State.UNKNOWN), judged("b", State.CRITICAL, check="delivery")).exit_code == 2
    assert checked().exit_code == 3


@pytest.mark.parametrize("words", [EN, FA], ids=["en", "fa"])
@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in HOSTILE.items()])
def test_no_name_steers_what_nagios_reads(name, words):
    bad = judged(name, State.CRITICAL, code=name, table=name, owner=name, facts={"faults": name})
    worse = judged(f"{name}2", State.CRITICAL, code="damaged", facts={"faults": name}, last_good_at=NOW - DAY)
    text = page_in("nagios", checked(bad, worse, words=words))
    said, numbers, details = read_nagios(text)
    assert numbers["failed"][0] == 2
    assert len(details) == 2
    assert "|" not in "".join((said, *details))
    assert all(len(line) <= 310 for line in details)
    assert not STEERING.search(text.translate({0x2068: None, 0x2069: None}) if words is FA else text)
    assert all(line.count("\u2068") == line.count("\u2069") for line in text.split("\n"))
    text.encode()


def test_five_thousand_disasters_fit_into_what_nagios_keeps():
    many = [judged(f"{'🐘' * 300} {number}", State.CRITICAL, owner="🐘" * 300) for number in range(5000)]
    for words in (EN, FA):
        text = page_in("nagios", checked(*many, words=words))
        assert len(text.encode()) < 8192
    text = page_in("nagios", checked(*many))
    said, numbers, details = read_nagios(text)
    assert said.startswith("BACKUP CRITICAL - 5,000 of 5,000 need action: ")
    assert re.search(r"and 4,9\d\d more $", said)
    assert numbers["failed"][0] == 5000
    assert re.fullmatch(r"and 4,9\d\d more", details[-1])


def test_every_bad_object_is_told_or_counted():
    text = page_in("nagios", checked(*(judged(f"db{number:03}", State.WARNING) for number in range(60))))
    _, _, details = read_nagios(text)
    assert len(details) == 51
    assert details[-1] == "and 10 more"


def test_persian_is_for_people_and_keeps_what_machines_read():
    said, numbers, details = read_nagios(page_in("nagios", checked(OLD, WELL, words=FA)))
    assert said.startswith("پشتیبان‌گیری بحرانی - \u2068۱\u2069 از \u2068۲\u2069 مورد نیازمند اقدام است: ")
    assert "\u2068nightly sql01/Insurance\u2069 (آخرین مورد سالم \u2068۳ روز و ۴ ساعت\u2069 پیش)" in said
    assert numbers["failed"] == (1, "", ["0", "0", "0", "2"])
    assert "مسئول: \u2068dept5\u2069؛ از \u20681405-08-29 20:30\u2069" in details[0]


@pytest.mark.parametrize(
    ("evaluation", "said"),
    [
        pytest.param(judged("a", State.WARNING, code="no-such-code"), "a: no-such-code", id="a code without words"),
        pytest.param(
            judged("a", State.WARNING, code="vm.cdrom-connected", table="health", facts={"device": "CD 1"}),
            "a: ",
            id="a table whose words lie deeper",
        ),
        pytest.param(
            judged("a", State.WARNING, code="future-dated", facts={"reference_at": "9999-12-31T23:59:00+00:00"}),
            "a: unknown copies are dated after they were first seen (unknown)",
            id="a moment that no calendar shows",
        ),
        pytest.param(
            judged("a", State.WARNING, code="look-stale", facts={"age_hours": float("nan"), "limit_hours": 10**400}),
            "a: unknown was last seen whole unknown ago; at most unknown",
            id="numbers without an end",
        ),
        pytest.param(
            judged("a", State.WARNING, since=datetime.min.replace(tzinfo=UTC)),
            "a: there is no good copy at all; since unknown",
            id="since for ever",
        ),
        pytest.param(
            judged("a", State.CRITICAL, judged_at=NOW - 40 * HOUR),
            "a: there is no good copy at all; judged on 1405-08-29 20:30, and not since",
            id="bad and stale: both are said",
        ),
        pytest.param(
            judged("a", State.CRITICAL, judged_at=NOW + HOUR),
            "a: there is no good copy at all; judged on 1405-09-01 13:30, which is still to come: a clock is wrong",
            id="bad and judged in the future",
        ),
    ],
)
def test_every_fact_can_be_said(evaluation, said):
    _, _, details = read_nagios(page_in("nagios", checked(evaluation)))
    assert details[0].startswith(said)
    assert "{" not in details[0]


texts = (
    st.text(max_size=40)
    | st.sampled_from(list(HOSTILE.values()))
    | st.text("|\n\"'\\{}= ;~\u2068\u202e\x00a", max_size=12)
)
facts_of = st.dictionaries(
    st.sampled_from(["age_hours", "faults", "limit_hours", "reference_at", "copies", "size_bytes", "size_ratio"]),
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
)
any_moment = st.datetimes(timezones=st.just(UTC))
near = st.timedeltas(-40 * HOUR, HOUR).map(lambda apart: NOW + apart)
any_evaluation = st.builds(
    Evaluation,
    key=st.builds(Key, st.sampled_from(["backup", "delivery", "of|others\n"]), texts),
    state=st.sampled_from(list(State)),
    code=st.sampled_from(["too-old", "damaged", "future-dated", "size-shrunk"]) | texts,
    table=st.sampled_from(["backup", "fault"]) | texts,
    judged_at=near,
    valid_until=st.none() | near,
    facts=facts_of,
    since=st.none() | any_moment,
    owner=texts,
    last_good_at=st.none() | any_moment,
)


@settings(max_examples=150)
@given(st.lists(any_evaluation, max_size=6), st.sampled_from([EN, FA]))
def test_the_first_line_of_nagios_has_one_bar_and_can_always_be_read(evaluations, words):
    told = checked(*evaluations, words=words)
    text = page_in("nagios", told)
    assert text.split("\n")[0].count("|") == 1
    assert text.count("|") == 1
    said, _, _ = read_nagios(text)
    if words is EN:
        assert f" {told.whole.state.name} - " in said[:60]
        assert not STEERING.search(text)
    assert len(text.encode()) < 8192


# Checkmk

LOCAL = re.compile(r'([0-3P]) "([^"|\\\n]+)" (-|\S+) (.+)')


def read_checkmk(text: str) -> list[tuple[int, str, dict[str, str], str]]:
    """As the agent's section is read: a line each, the second word in quotes."""
    found = []
    for line in text.split("\n")[:-1]:
        parts = LOCAL.fullmatch(line)
        assert parts, line
        metrics = {} if parts[3] == "-" else dict(one.split("=", 1) for one in parts[3].split("|"))
        assert all(re.fullmatch(r"\d+(;\d*){0,4}", value) for value in metrics.values()), line
        found.append((int(parts[1]), parts[2], metrics, parts[4]))
    return found


def test_checkmk_gets_a_service_for_each_check_and_for_each_object():
    found = read_checkmk(page_in("checkmk", checked(OLD, WELL, expected=[OLD.key, WELL.key, MAIL])))
    assert [(state, name) for state, name, _, _ in found] == [
        (2, "itops backup"),
        (2, "itops backup nightly sql01/Insurance"),
        (3, "itops backup mail files/fs01/mail"),
        (0, "itops backup nightly sql01/Payroll"),
    ]
    assert found[0][2]["failed"] == "1;0;0;0;3"
    assert found[0][3].startswith("2 of 3 need action: nightly sql01/Insurance last good 3d 4h ago")
    assert [metrics for _, _, metrics, _ in found[1:]] == [{"age": "273600;;;0"}, {}, {"age": "32400;;;0"}]
    assert found[3][3] == "young enough; last good 9h 0m ago"


@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in HOSTILE.items()])
def test_no_name_steers_what_checkmk_reads(name):
    found = read_checkmk(page_in("checkmk", checked(judged(name, State.WARNING, owner=name, code=name))))
    assert [state for state, *_ in found] == [1, 1]
    assert len(found[1][1]) < 250
    assert not any("\\n" in text or STEERING.search(text) for *_, text in found)


def test_where_nothing_was_checked_every_system_hears_of_it():
    assert read_checkmk(page_in("checkmk", checked())) == [
        (3, "itops", {label: f"0;0;{crit};0;0" for label, crit in _EMPTY}, "nothing was ever judged")
    ]
    assert read_prometheus(page_in("prometheus", checked()))["itops_check_worst_state", (("check", "itops"),)] == 3
    assert json.loads(page_in("zabbix", checked()))["checks"]["itops"]["state"] == 3
    assert json.loads(page_in("json", checked()))["state"] == "UNKNOWN"


_EMPTY = (("failed", "0"), ("warning", ""), ("unknown", ""), ("stale", ""), ("never", "0"))


def test_a_service_keeps_its_name_whatever_stands_beside_it():
    one = judged('sql01/"db"', State.WARNING)
    alone = read_checkmk(page_in("checkmk", checked(one)))[1][1]
    beside = read_checkmk(page_in("checkmk", checked(one, judged("sql01/'db'", State.CRITICAL))))
    assert {name for _, name, *_ in beside} == {"itops backup", "itops backup sql01/'db'", alone}


# Prometheus

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\\\|\\"|\\n)*",?)*)\})? (-?\d+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")


def read_prometheus(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], int]:
    """Every series by name and labels; a series told twice, or without help and type before it, is a mistake."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
    told: list[str] = []
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            told = [*told[-1:], line]
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        assert told[0].startswith(f"# HELP {sample[1]} ")
        assert told[1] == f"# TYPE {sample[1]} gauge"
        labels = [
            (name, ESCAPED.sub(lambda one: {"n": "\n"}.get(one[1], one[1]), value))
            for name, value in LABEL.findall(sample[2] or "")
        ]
        key = sample[1], tuple(labels)
        assert key not in found, line
        found[key] = int(sample[3])
    return found


def test_prometheus_gets_states_and_time_stamps():
    found = read_prometheus(page_in("prometheus", checked(OLD, WELL, expected=[OLD.key, WELL.key, MAIL])))
    insurance = (("check", "backup"), ("object", "nightly sql01/Insurance"))
    assert found["itops_check_state", insurance] == 2
    assert found["itops_check_state", (("check", "backup"), ("object", MAIL.object))] == 3
    assert found["itops_check_worst_state", (("check", "backup"),)] == 2
    assert found["itops_check_judged_timestamp_seconds", insurance] == int((NOW - 5 * MINUTE).timestamp())
    good = "itops_backup_last_success_timestamp_seconds"
    assert found[good, (("job", "nightly"), ("object", "sql01/Insurance"))] == int((NOW - 76 * HOUR).timestamp())
    assert found[good, (("job", "mail"), ("object", "files/fs01/mail"))] == 0
    assert found["itops_scheduler_heartbeat_timestamp_seconds", ()] == int((NOW - MINUTE).timestamp())


def test_a_scheduler_that_never_ticked_has_a_series_too():
    name = "itops_scheduler_heartbeat_timestamp_seconds"
    assert read_prometheus(page_in("prometheus", checked(WELL, beat_at=None)))[name, ()] == 0
    unasked = Checked(results=check_results([WELL], NOW), now=NOW, words=EN, has_beat=False)
    assert name not in page_in("prometheus", unasked)


def test_the_states_of_each_check_are_counted_and_the_oldest_judgement_is_told():
    found = read_prometheus(page_in("prometheus", checked(OLD, WELL, expected=[OLD.key, WELL.key, MAIL])))
    counts = {dict(labels)["state"]: value for (name, labels), value in found.items() if name == "itops_check_objects"}
    assert counts == {"ok": 1, "warning": 0, "critical": 1, "unknown": 1, "stale": 0, "missing": 1}
    assert found["itops_check_oldest_judged_timestamp_seconds", (("check", "backup"),)] == 0  # mail never was
    found = read_prometheus(page_in("prometheus", checked(OLD, WELL)))
    oldest = found["itops_check_oldest_judged_timestamp_seconds", (("check", "backup"),)]
    assert oldest == int((NOW - 5 * MINUTE).timestamp())


def test_checkmk_hears_of_all_checks_as_one_where_there_are_several():
    told = read_checkmk(page_in("checkmk", checked(OLD, judged("vc01", check="inventory"))))
    assert [(state, name) for state, name, *_ in told[:2]] == [(2, "itops"), (2, "itops backup")]


def test_a_check_that_judged_nothing_has_a_series_too():
    found = read_prometheus(page_in("prometheus", checked(checks=("backup",))))
    assert found["itops_check_worst_state", (("check", "backup"),)] == 3


@pytest.mark.parametrize("name", [pytest.param(name, id=what) for what, name in HOSTILE.items()])
def test_a_label_says_the_name_or_wears_its_digest(name):
    found = read_prometheus(page_in("prometheus", checked(judged(name, State.WARNING))))
    (shown,) = {dict(labels)["object"] for (family, labels), _ in found.items() if family == "itops_check_state"}
    assert len(shown) <= 200
    assert shown == name or re.search(r"~[0-9a-f]{8}$", shown)
    assert not STEERING.search(shown)


@settings(max_examples=150)
@given(st.lists(any_evaluation, max_size=8))
def test_no_two_names_become_one(evaluations):
    told = checked(*evaluations)
    found = read_prometheus(page_in("prometheus", told))
    objects = [one for result in told.results for one in result.objects]
    assert sum(family == "itops_check_state" for family, _ in found) == len(objects)
    services = [name for _, name, *_ in read_checkmk(page_in("checkmk", told))]
    assert len(services) == len(set(services)) == len(objects) + max(len(told.results), 1) + (len(told.results) > 1)


def test_a_thing_called_by_the_digest_of_another_stays_another():
    twin = judged("a\nb", State.WARNING)
    ((_, labels),) = [
        key for key in read_prometheus(page_in("prometheus", checked(twin))) if key[0] == "itops_check_state"
    ]
    told = checked(twin, judged(dict(labels)["object"], State.CRITICAL))
    found = read_prometheus(page_in("prometheus", told))
    assert sorted(value for (family, _), value in found.items() if family == "itops_check_state") == [1, 2]


# Zabbix and JSON


def test_zabbix_finds_each_object_by_an_id_and_its_items_beside():
    page = json.loads(page_in("zabbix", checked(OLD, WELL)))
    rows = {row["{#OBJECT}"]: row for row in page["discovery"]}
    assert set(rows) == {"nightly sql01/Insurance", "nightly sql01/Payroll"}
    row = rows["nightly sql01/Insurance"]
    assert row["{#CHECK}"] == "backup"
    assert re.fullmatch(r"[0-9a-f]{16}", row["{#ID}"])
    item = page["objects"][row["{#ID}"]]
    assert (item["state"], item["stale"], item["last_good"]) == (2, 0, int((NOW - 76 * HOUR).timestamp()))
    assert item["text"].startswith("the newest good copy is too old: 76 hours")
    assert page["checks"]["backup"]["state"] == 2
    assert page["checks"]["backup"]["failed"] == 1
    assert page["heartbeat"] == int((NOW - MINUTE).timestamp())


def test_json_has_the_envelope_of_every_listing_and_every_name_as_it_is():
    name = HOSTILE["right to left"]
    page = json.loads(
        page_in("json", checked(judged(name, State.WARNING, facts={"copies": 3, "size_ratio": float("inf")})))
    )
    assert (page["schema"], page["generated_at"], page["state"]) == ("itops.check/1", "2026-11-22T09:00:00Z", "WARNING")
    (row,) = page["data"]
    assert (row["check"], row["state"], row["counts"]["warning"]) == ("backup", "WARNING", 1)
    (one,) = row["objects"]
    assert (one["object"], one["state"], one["code"]) == (name, "WARNING", "no-good-copy")
    assert one["facts"] == {"copies": 3, "size_ratio": None}
    assert one["judged_at"] == "2026-11-22T08:55:00Z"


@settings(max_examples=60)
@given(st.lists(any_evaluation, max_size=5), st.sampled_from(sorted(FORMATS)))
def test_every_format_can_be_sent_and_is_the_same_each_time(evaluations, name):
    text = page_in(name, checked(*evaluations))
    assert text == page_in(name, checked(*reversed(evaluations)))
    assert text.endswith("\n")
    text.encode()
    if name in ("json", "zabbix"):
        assert text.isascii()
        json.loads(text, parse_constant=pytest.fail)


# Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_few_words_are_the_words(language):
    few = few_words(language, calendar="jalali", zone=ZoneInfo("Asia/Tehran"))
    assert dict(few.tables) == load_words(language).tables
    assert few_words(language, calendar="jalali", zone=ZoneInfo("Asia/Tehran")).marks == load_words(language).marks


def test_words_that_there_are_not_are_missed_in_the_same_way():
    few = few_words("en", calendar="jalali", zone=ZoneInfo("Asia/Tehran"))
    with pytest.raises(KeyError):
        few.template("nosuch", "word")
    with pytest.raises(KeyError):
        few.template("check", "nosuch")


def test_what_is_about_a_check_as_a_whole_has_a_name_that_can_be_read():
    beat = judged("", State.CRITICAL, check="schedule", last_good_at=NOW - 3 * HOUR)
    late = judged("nightly", State.CRITICAL, check="schedule")
    said, _, details = read_nagios(page_in("nagios", checked(beat, late)))
    assert said == "SCHEDULE CRITICAL - 2 of 2 need action: the scheduler last good 3h 0m ago; nightly "
    assert details[0].startswith("the scheduler: ")
    whole, other = judged("", State.UNKNOWN), judged("x", State.UNKNOWN)
    said, _, _ = read_nagios(page_in("nagios", checked(whole, other)))
    assert said == "BACKUP UNKNOWN - 2 of 2 need action: as a whole; x "
