"""Runs of programs as they were recorded."""

from itops.programs import Outcome


def outcome(stdout: str = "", stderr: str = "", code: int = 0, **more) -> Outcome:
    return Outcome(arguments=("it",), code=code, stdout=stdout.encode(), stderr=stderr, seconds=1.0, **more)
