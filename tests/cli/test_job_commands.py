"""What is no command is told before it is due."""

import pytest

from itops.cli.job_commands import refuse_wrong_commands, wrong_commands
from itops.config.settings import Plugins, load
from itops.errors import ConfigInvalid
from itops.schedule.policy import JobPolicy, When

DAILY = When.from_setting("daily 02:00", None)  # type: ignore[arg-type]


def problems(run: str) -> list[str]:
    return [one.problem for one in wrong_commands({"night": JobPolicy(run=run, at=DAILY)})]


@pytest.mark.parametrize(
    "run",
    [
        "backup verify",
        "backup verify --budget 2h",
        "inventory scan vc01",
        "report upload --period {period}",
        "heartbeat",
        "alerts evaluate",
        "metrics --textfile itops.prom",
    ],
)
def test_commands_are_jobs(run):
    assert problems(run) == []


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ("bakup verify", "run: bakup verify: there is no command bakup; did you mean backup?"),
        ("backup verfy", "there is no command verfy; did you mean verify?"),
        ("itops backup verify", "there is no command itops"),
        ("backup", "names no command; one of plan, coverage"),
        ("backup verify --nope", "No such option"),
        ("backup verify --budget soon", "Invalid value for '--budget'"),
        ("backup verify --help", "only prints a help page"),
        ("tick", "is no job: it starts jobs itself"),
        ("schedule run", "is no job: it starts jobs itself"),
        ("demo --folder x", "is no job"),
    ],
)
def test_what_cannot_be_run_is_told_with_what_was_probably_meant(run, said):
    (problem,) = problems(run)
    assert said in problem


def test_each_of_them_is_named(tmp_path):
    path = tmp_path / "itops.yaml"
    path.write_text(
        "office: {id: a}\nschedule:\n  jobs:\n"
        "    one: {run: bakup, at: 'daily 02:00'}\n    two: {run: backup verify, at: 'daily 02:00'}\n"
        "    three: {run: tick, at: 'every 1h'}\n"
    )
    path.chmod(0o600)
    with pytest.raises(ConfigInvalid) as caught:
        refuse_wrong_commands(load(path, Plugins()).schedule.jobs)
    assert [line.split()[0] for line in caught.value.problem.splitlines()] == [
        "schedule.jobs.one",
        "schedule.jobs.three",
    ]
