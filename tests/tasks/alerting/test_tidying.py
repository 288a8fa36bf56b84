from datetime import timedelta
from pathlib import Path

from itops.schedule.policy import JobPolicy, SchedulePolicy, When
from itops.schedule.records import Run, RunState
from itops.store import open_reader
from itops.tasks.alerting.tidying import kept_since, tidy
from itops.verdict import State
from tests.tasks.alerting.watch_office import DAY, HOUR, JOB, NOW, Duty, WatchedOffice


def test_a_job_of_every_few_minutes_is_kept_for_a_week_and_others_as_long_as_the_schedule_says() -> None:
    jobs = {
        name: JobPolicy(run="doctor", at=When(every=timedelta(minutes=minutes)))
        for name, minutes in (("watch", 5), ("hourly", 60))
    }
    policy = SchedulePolicy(jobs=jobs, keep=timedelta(days=100))
    assert kept_since(policy, ["watch", "hourly", "gone"], NOW) == {
        "watch": NOW - 7 * DAY,
        "hourly": NOW - 100 * DAY,
        "gone": NOW - 100 * DAY,
    }


def test_what_is_old_goes_and_what_is_open_stays(tmp_path: Path) -> None:
    office = WatchedOffice(tmp_path, channels=[Duty("mail")], bad={JOB: State.CRITICAL})
    office.yaml = "schedule: {jobs: {verify: {run: backup verify, at: daily 02:00}}}\n"
    office.go()
    office.go(2 * DAY)
    with office.opened() as (store, watched):
        settings = watched.settings
        rows = [Run(job="watch", due_at=NOW - hours * HOUR, state=RunState.OK) for hours in range(400)]
        store.watch.claim_all(rows)
        tidy(store, settings, ["watch"], NOW)
        tidy(store, settings, ["watch"], NOW)
    with open_reader(office.location) as reader:
        left = [run.due_at for run in reader.watch.runs(limit=1000)]
    assert left[0] == NOW
    assert len(left) == 7 * 24 + 2  # the oldest of all is kept
    assert len(office.rows()) == 2
    office.bad, office.good = {}, {JOB}
    office.go(401 * DAY)
    with office.opened() as (store, watched):
        tidy(store, watched.settings, [], office.now)
    assert [row.number for row in office.rows()] == [3, 4]
