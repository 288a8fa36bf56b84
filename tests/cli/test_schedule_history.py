"""`itops schedule history`: what ran, newest first, and what was noted, in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.cli.schedule import schedule
from itops.cli.schedule_history import note_sentences
from itops.reports.words import load_words
from itops.schedule.records import RunState
from tests.cli.test_changes import Ran, run
from tests.cli.test_schedule_list import JOBS, NOW, due, office_of, record

EN, FA = load_words("en"), load_words("fa", marks=False)
BAD = due(
    "zeta", 2, RunState.FAILED, exit_code=69, attempt=2, note="coalesced 2, retry failed", pid=7, host="watch01",
    output="\x1b[31mlooking\nerror:  =vc01 refused\n\n",
)  # fmt: skip
RUNS = [
    due("zeta", 2, RunState.SKIPPED, day=20, started_at=None, note="first-sight"),
    due("zeta", 2, RunState.OK, day=21),
    due("old", 5, RunState.OK, day=21),
    BAD,
]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return office_of(tmp_path, JOBS)


def ask(folder, *words) -> Ran:
    return run(folder, schedule, "history", *words, now=NOW)


def test_the_newest_due_time_comes_first_with_everything_about_it(office):
    record(office, RUNS)
    rows = ask(office, "--output", "json").data
    assert [(row["job"], row["state"]) for row in rows] == [
        ("zeta", "failed"), ("old", "ok"), ("zeta", "ok"), ("zeta", "skipped"),
    ]  # fmt: skip
    assert rows[0] == {
        "job": "zeta",
        "due_at": "2026-11-21T22:30:00Z",
        "started_at": "2026-11-21T22:30:00Z",
        "ended_at": "2026-11-21T22:35:00Z",
        "seconds": 300,
        "state": "failed",
        "exit_code": 69,
        "attempt": 2,
        "not_before_at": None,
        "host": "watch01",
        "pid": 7,
        "note": "coalesced 2, retry failed",
        "notes": ["makes up for earlier due times too: 2", "tried again after: failed"],
        "output": BAD.output,
        "last_line": "error:  =vc01 refused",
    }
    assert rows[3]["seconds"] is None


def test_a_table_shows_the_last_line_of_what_went_wrong_and_no_other(office):
    record(office, RUNS)
    ran = ask(office)
    assert "error:  =vc01 refused" in ran.stdout
    assert "looking" not in ran.stdout
    assert "\x1b" not in ran.stdout
    assert "1405-09-01 02:00" in ran.stdout
    assert "5 min" in ran.stdout


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", None),
        (" \n\r\n", None),
        ("one\n two \n\n", "two"),
        ("error:  first\nerror:  vc01 refused\nremedy: look at the password\n", "error:  vc01 refused"),
        ("remedy: cut off above", "remedy: cut off above"),
    ],
)
def test_the_line_that_tells_most_is_shown(office, output, line):
    record(office, [due("zeta", 2, RunState.FAILED, output=output)])
    assert ask(office, "--output", "json").data[0]["last_line"] == line


def test_csv_cannot_be_computed_with(office):
    record(office, [due("zeta", 2, RunState.TIMEOUT, output="=1+1")])
    assert ask(office, "--output", "csv").stdout.splitlines()[1].endswith(",'=1+1")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["zeta"], 3),
        (["old"], 1),
        (["verify"], 0),
        (["--since", "1405-08-30"], 3),
        (["--since", "2026-11-22"], 1),
        (["zeta", "--since", "1405-08-30", "--limit", "1"], 1),
    ],
)
def test_it_can_be_asked_for_a_job_a_time_and_a_number(office, words, found):
    record(office, RUNS)
    assert len(ask(office, *words, "--output", "json").data) == found


def test_a_job_that_only_the_ledger_knows_is_known_and_another_one_is_refused_with_those_that_are(office):
    record(office, RUNS)
    ran = ask(office, "verifi")
    assert ran.code == 64
    assert ran.failure is not None
    assert ran.failure.remedy == "use one of: busy, long, night, old, verify, watch, zeta"


def test_when_there_are_more_it_says_how_to_see_them(office):
    record(office, RUNS)
    assert "there are older ones: --limit 4 shows more" in ask(office, "--limit", "2").stderr
    assert "older" not in ask(office, "--limit", "4").stderr


def test_before_anything_ran_it_says_so(office):
    ran = ask(office)
    assert (ran.code, ran.stdout) == (0, "")
    assert "nothing has run by itself" in ran.stderr


@pytest.mark.parametrize("words", [["--since", "yesterday"], ["--limit", "0"], ["--limit", "many"]])
def test_what_cannot_be_is_refused(office, words):
    assert ask(office, *words).code == 64


@pytest.mark.parametrize(
    ("note", "english"),
    [
        ("", []),
        ("first-sight", ["seen for the first time; what was due before is not made up for"]),
        ("superseded", ["made up for by a later run"]),
        ("missed 3", ["due times that passed while nobody ticked and are not made up for: 3"]),
        ("too-late", ["could not begin in time; not made up for"]),
        ("no-such-job", ["no longer in the schedule"]),
        ("window, needs verify", ["waited for its window", "waited for verify"]),
        ("retry timeout", ["tried again after: timeout"]),
        ("of-a-later-itops 4", ["of-a-later-itops 4"]),
    ],
)
def test_notes_are_told_in_words(note, english):
    assert list(note_sentences(note, EN)) == english
    assert len(list(note_sentences(note, FA))) == len(english)


@given(st.text(max_size=40))
def test_no_note_breaks_the_telling(note):
    assert len(list(note_sentences(note, EN))) == len([part for part in note.split(", ") if part])


def test_a_clock_that_was_set_back_makes_no_negative_time(office):
    record(office, [due("zeta", 2, RunState.OK, ended_at=NOW - timedelta(days=9))])
    assert ask(office, "--output", "json").data[0]["seconds"] == 0
