import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.heartbeat import (
    HEARTBEAT_NAMESPACE,
    Heartbeat,
    NotAHeartbeat,
    check_heartbeat,
    heartbeat_bytes,
    read_heartbeat,
    write_heartbeat,
)
from itops.bundles.keys import BUNDLE_NAMESPACE, AllowedKey
from itops.bundles.manifest import canonical
from itops.bundles.pings import Pulse
from itops.bundles.signing import Claim, check_signature
from itops.bundles.sshsig import sign
from itops.bundles.targets import HEARTBEAT_MAX_BYTES
from tests.bundles.beating import BEATS, HEARTBEAT, PULSE, beat
from tests.bundles.made import NOW, OFFICE_KEY, OTHER_KEY, allowed, later

RAW = beat().content
BODY = RAW.partition(b"\n")[0] + b"\n"


def codes(raw: bytes, keys: tuple[AllowedKey, ...] = (BEATS,), at: datetime = NOW, **more: object) -> list[str]:
    return [one.code for one in check_heartbeat(raw, keys, at, **more)[1]]  # type: ignore[arg-type]


def test_a_heartbeat_comes_back_as_it_was_written_in_one_file_of_the_offices_name() -> None:
    assert check_heartbeat(RAW, (BEATS,), NOW, office="alborz") == (HEARTBEAT, ())
    assert beat().name == "itops_alborz.heartbeat"
    assert json.loads(BODY) == {
        "schema": "itops.heartbeat/1",
        "office": "alborz",
        "made_at": "2026-11-22T08:00:00Z",
        "tool_version": "1.2.0",
        "report": "1405-08",
        "beat_at": "2026-11-22T07:59:00Z",
        "evaluated_at": "2026-11-22T07:57:00Z",
        "checks": {"ok": 38, "warning": 1, "critical": 2, "unknown": 3, "stale": 4},
        "runs": {"ok": 290, "failed": 5},
    }


def test_moments_are_said_in_whole_seconds_of_utc() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    made = beat(made_at=NOW.astimezone(tehran) + timedelta(microseconds=7), beat_at=None, evaluated_at=None)
    assert (made.made_at, read_heartbeat(made.content).made_at) == (NOW, NOW)


def test_an_office_that_never_did_anything_says_so() -> None:
    bare = Heartbeat(office="alborz", made_at=NOW, tool_version="1")
    assert read_heartbeat(write_heartbeat(bare, OFFICE_KEY).content) == bare


@pytest.mark.parametrize(
    ("raw", "keys", "code"),
    [
        pytest.param(b"", (BEATS,), "heartbeat.unreadable", id="nothing"),
        pytest.param(RAW[:100], (BEATS,), "heartbeat.unreadable", id="cut"),
        pytest.param(b"x" * 100_000, (BEATS,), "heartbeat.unreadable", id="too long"),
        pytest.param(b'{"a":' * 3_000, (BEATS,), "heartbeat.unreadable", id="deep"),
        pytest.param(BODY, (BEATS,), "heartbeat.signature-unreadable", id="unsigned"),
        pytest.param(RAW[:-40], (BEATS,), "heartbeat.signature-unreadable", id="cut in the signature"),
        pytest.param(RAW.replace(b'"critical":2', b'"critical":0'), (BEATS,), "heartbeat.signature-wrong", id="forged"),
        pytest.param(beat(OTHER_KEY).content, (BEATS,), "heartbeat.unknown-key", id="a stranger's"),
        pytest.param(RAW, (allowed(signer="qazvin"),), "heartbeat.key-of-another", id="signed by another office"),
        pytest.param(RAW, (allowed(namespaces=frozenset({BUNDLE_NAMESPACE})),), "heartbeat.unknown-key", id="no beats"),
        pytest.param(RAW, (allowed(valid_to=NOW),), "heartbeat.key-expired", id="an old key"),
        pytest.param(RAW, (allowed(valid_from=later(hours=1)),), "heartbeat.key-not-yet-valid", id="a coming key"),
        pytest.param(
            BODY + sign(BODY, OFFICE_KEY, BUNDLE_NAMESPACE).encode(),
            (allowed(),),
            "heartbeat.wrong-namespace",
            id="signed as a bundle",
        ),
        pytest.param(
            BODY + beat(made_at=later(hours=1)).content.partition(b"\n")[2],
            (BEATS,),
            "heartbeat.signature-wrong",
            id="halves of two moments",
        ),
    ],
)
def test_what_does_not_count_is_named(raw: bytes, keys: tuple[AllowedKey, ...], code: str) -> None:
    assert codes(raw, keys) == [code]


def test_what_was_signed_as_a_heartbeat_is_no_bundle() -> None:
    claim = Claim(noun="bundle", namespace=BUNDLE_NAMESPACE, signer="alborz")
    (objection,) = check_signature(BODY, RAW.partition(b"\n")[2], claim, (allowed(),), NOW)
    assert objection.code == "bundle.wrong-namespace"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"office": "alborz"}, []),
        ({"office": "qazvin"}, ["heartbeat.other-office"]),
        ({"at": later(minutes=-5)}, []),
        ({"at": later(minutes=-5, seconds=-1)}, ["heartbeat.from-future"]),
        ({"newest": later(seconds=-1)}, []),
        ({"newest": NOW}, ["heartbeat.replayed"]),
        ({"newest": later(days=1)}, ["heartbeat.replayed"]),
        (
            {"office": "qazvin", "newest": NOW, "at": later(days=-1)},
            ["heartbeat.other-office", "heartbeat.from-future", "heartbeat.replayed"],
        ),
    ],
)
def test_mixed_offices_clocks_of_the_future_and_replays_are_named(more: dict[str, object], expected: list[str]) -> None:
    assert codes(RAW, **more) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "itops.heartbeat/2"}, {"office": ""}, {"office": "../x"}, {"office": "a b"}, {"office": 7},
        {"office": "x" * 65}, {"made_at": "now"}, {"made_at": None}, {"made_at": "0001-01-01T00:00:00Z"},
        {"made_at": "2026-02-30T00:00:00Z"}, {"tool_version": "1 2"}, {"report": "sql01"}, {"report": ""},
        {"report": 1405}, {"beat_at": 7}, {"evaluated_at": ""}, {"checks": 7}, {"checks": {}}, {"runs": {"ok": 1}},
        {"runs": {"ok": True, "failed": 0}}, {"runs": {"ok": 1.0, "failed": 0}}, {"runs": {"ok": -1, "failed": 0}},
        {"runs": {"ok": 10**9, "failed": 0}}, {"checks": {"ok": 1, "name": 2}}, {"host": "sql01"},
        {"checks": {"ok": 0, "warning": 0, "critical": 0, "unknown": 0, "stale": 0, "runs_ok": 9}},
    ],
)  # fmt: skip
def test_what_no_heartbeat_says_is_refused_though_it_is_rightly_signed(change: dict[str, object]) -> None:
    body = canonical(json.loads(BODY) | change)
    raw = body + sign(body, OFFICE_KEY, HEARTBEAT_NAMESPACE).encode()
    assert codes(raw) == ["heartbeat.unreadable"]


def test_another_spelling_is_refused() -> None:
    with pytest.raises(NotAHeartbeat, match="another way"):
        read_heartbeat(RAW.replace(b'":', b'": ', 1))


@pytest.mark.parametrize(
    "changed", [{"office": "نمونه"}, {"tool_version": "1 (sql01)"}, {"report": "گزارش"}, {"pulse": Pulse(ok=-1)}]
)
def test_what_cannot_be_said_is_not_signed(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"written as one|count"):
        beat(**changed)


@given(st.binary(max_size=400))
def test_garbage_is_an_objection_and_nothing_else(garbage: bytes) -> None:
    assert codes(garbage) == ["heartbeat.unreadable"]


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_single_byte_that_changed_is_noticed(place: int, flip: int) -> None:
    changed = bytearray(RAW)
    changed[place] ^= flip
    text = bytes(changed)
    if text.split() != RAW.split():  # a line end of the armour may be another blank
        assert codes(text)


_COUNTS = st.integers(0, 10_000_000)
_MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))


@given(
    made_at=_MOMENTS,
    beat_at=st.none() | _MOMENTS,
    report=st.none() | st.from_regex(r"[0-9]{4}(-[0-9]{2})?", fullmatch=True),
    counts=st.lists(_COUNTS, min_size=7, max_size=7),
)
def test_whatever_can_be_said_comes_back_and_is_short(
    made_at: datetime, beat_at: datetime | None, report: str | None, counts: list[int]
) -> None:
    names = ("ok", "warning", "critical", "unknown", "stale", "runs_ok", "runs_failed")
    pulse = Pulse(**dict(zip(names, counts, strict=True)))
    told = replace(HEARTBEAT, made_at=made_at, beat_at=beat_at, report=report, pulse=pulse)
    raw = write_heartbeat(told, OFFICE_KEY).content
    read = read_heartbeat(raw)
    assert heartbeat_bytes(read) == raw.partition(b"\n")[0] + b"\n"
    assert (read.made_at, read.pulse, read.report) == (made_at.replace(microsecond=0), pulse, report)
    assert len(raw) < HEARTBEAT_MAX_BYTES // 8


def test_a_pulse_in_one_line_is_numbers_alone() -> None:
    assert PULSE.line == (
        "44 checked: 38 ok, 1 warning, 2 critical, 3 unknown, 4 of them stale; runs in 24 hours: 290 ok, 5 failed"
    )
    assert not PULSE.is_blind
    assert Pulse().is_blind
    assert Pulse(ok=3, stale=3).is_blind
