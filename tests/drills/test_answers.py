"""What a client printed, as a number or as words."""

import sqlite3

import pytest

from itops.backup.levels import Level
from itops.drills.answers import number_in, refused
from itops.drills.sqlite import SqliteDrill
from itops.facts import Fact
from itops.formats.effort import BoundedEffort
from itops.programs import Outcome


def outcome(stdout: str = "", stderr: str = "", code: int = 0, **more) -> Outcome:
    return Outcome(arguments=("psql",), code=code, stdout=stdout.encode(), stderr=stderr, seconds=1, **more)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("1500\n", 1500),
        (" 0.5 ", 0.5),
        ("-3", -3),
        ("", None),
        ("two", None),
        ("1\n2", None),
        ("nan", None),
        ("Infinity", None),
        ("1e999", None),
    ],
)
def test_one_finite_number_is_an_answer_and_nothing_else(printed, number):
    assert number_in(outcome(printed)) == number


@pytest.mark.parametrize(("is_timeout", "code"), [(False, "restore-failed"), (True, "restore-timeout")])
def test_what_the_tool_said_last_is_kept(is_timeout, code):
    told = refused(outcome(stderr="x" * 900 + " no such role\n", code=3, is_timeout=is_timeout), "psql", "15")
    [fault] = told.faults
    said: Fact = fault.facts["said"]
    assert (told.is_restored, fault.code, fault.facts["code"], len(str(said))) == (False, code, 3, 500)
    assert str(said).endswith("no such role")


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("SELECT count(*) FROM t", 2.0, None),
        ("SELECT 9e999", None, "the answer is no number"),
        ("SELECT 'two'", None, "the answer is no number"),
        ("SELECT NULL", None, "the answer is no number"),
        ("SELECT n FROM absent", None, "no such table: absent"),
        ("SELECT 1; SELECT 2", None, "You can only execute one statement at a time."),
        (None, None, None),
    ],
)
def test_a_question_to_a_sqlite_file_is_answered_or_told_why_not(tmp_path, question, answer, said):
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute("CREATE TABLE t (n)")
        connection.execute("INSERT INTO t VALUES (1), (2)")
    connection.close()
    effort = BoundedEffort(level=Level.ANSWERED, scratch=tmp_path)
    found = SqliteDrill().restore(tmp_path / "a.sqlite", None, question, tmp_path, effort)
    assert (found.is_restored, found.answer, found.evidence.get("said")) == (True, answer, said)
