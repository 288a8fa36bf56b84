"""Rounds of the watch with real mail over TLS and real web requests; killed, too. `make e2e`."""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from itops.alerts.channels import Channel
from itops.alerts.records import Evaluation, Key
from itops.notify.smtp import SmtpChannel, SmtpSettings
from itops.secrets import Secret
from itops.store import open_store
from itops.tasks.evaluation.channels import evaluate_channels
from itops.tls import Trust
from itops.verdict import State
from tests.e2e.delivery_servers import HOST, PASSWORD, WRONG, Sink, running_smtp
from tests.e2e.test_channels import LEAVING, Make, Web
from tests.e2e.tls_server import Reply, TlsServer
from tests.notify.messages import NAMED, NASTY
from tests.tasks.alerting.watch_office import DAY, HOUR, JOB, MINUTE, NOW, WatchedOffice

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]
INCIDENTS = 40
PATIENCE_SECONDS = 90


def mail(port: int, pin: str, name: str = "mail", password: str = PASSWORD) -> Channel:
    settings = SmtpSettings(
        host=HOST,
        port=port,
        sender="itops@office.example",
        recipients=("duty@office.example",),
        username="office",
        password=Secret(password),
        tls=Trust(pin=pin),
        timeout_seconds=20.0,
    )
    return SmtpChannel(name, settings)


def to(sink: Sink, name: str = "mail") -> Channel:
    return mail(sink.port, sink.identity.pin, name)


def test_an_incident_is_one_mail_and_its_end_another_in_the_same_conversation(tmp_path: Path) -> None:
    with running_smtp(tmp_path / "sink") as sink:
        office = WatchedOffice(tmp_path, channels=[to(sink)], bad={JOB: State.CRITICAL})
        _, sent = office.go()
        assert [one.receipt for one in sent.tried] == ["OK"]
        for _ in range(3):
            office.go()
        assert len(sink.mails) == 1
        office.bad, office.good = {}, {JOB}
        for _ in range(3):
            office.go()
    opened, recovered = sink.mails
    assert (opened["X-Itops-Kind"], recovered["X-Itops-Kind"]) == ("opened", "recovered")
    assert recovered["In-Reply-To"] == opened["Message-ID"]
    assert str(recovered["References"]).split()[0] == str(opened["References"]).split()[0]


def test_a_channel_that_is_down_for_a_day_loses_nothing_and_the_other_one_tells(tmp_path: Path) -> None:
    with running_smtp(tmp_path / "down") as down, running_smtp(tmp_path / "up") as up:
        office = WatchedOffice(tmp_path, channels=[to(down), to(up, "head")], bad={JOB: State.CRITICAL})
        office.more = {"channel": evaluate_channels}
        down.refuses["data"] = "451 4.3.0 come back later"
        for _ in range(13):
            office.go(2 * HOUR)
        assert down.mails == []
        about = [one for one in up.mails if "alert channel: mail" in str(one["Subject"])]
        assert [one["X-Itops-Kind"] for one in about] == ["opened"]
        body = about[0].get_body(("plain",))
        assert body is not None
        assert "451 4.3.0 come back later" in body.get_content()
        del down.refuses["data"]
        for _ in range(4):
            office.go(HOUR)
        assert [one["X-Itops-Kind"] for one in down.mails[:2]] == ["opened", "reminder"]
        assert Counter(one["Message-ID"] for one in down.mails).most_common(1)[0][1] == 1
        assert office.rows(only_open=True) == []
        assert "recovered" in {one["X-Itops-Kind"] for one in up.mails}


def test_a_refused_login_is_a_warning_at_once_and_is_not_asked_again_and_again(tmp_path: Path) -> None:
    with running_smtp(tmp_path / "down") as down, running_smtp(tmp_path / "up") as up:
        wrong = mail(down.port, down.identity.pin, password=WRONG)
        office = WatchedOffice(tmp_path, channels=[wrong, to(up, "head")], bad={JOB: State.CRITICAL})
        office.more = {"channel": evaluate_channels}
        tries = 0
        for number in range(12):
            office.bad[Key("delivery", f"vm{number}")] = State.WARNING  # a message in every round
            _, sent = office.go(5 * MINUTE)
            tries += sum(one.row.channel == "mail" for one in sent.tried)
        assert tries <= 3
        subjects = [str(one["Subject"]) for one in up.mails]
        assert "New (warning): alert channel: mail" in subjects
        assert not any(WRONG in one.as_string() for one in up.mails)


def children() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def judge_and_send(folder: Path, port: int, pin: str) -> None:
    """One more thing is wrong in each round; killed at any moment, and begun again."""
    office = WatchedOffice(folder, channels=[mail(port, pin)])
    with open_store(office.location, NOW):
        pass  # who was killed while it was made left half of it
    while (done := len(office.incidents())) < INCIDENTS or office.rows(only_open=True):
        office.now = NOW + (done + 1) * MINUTE
        office.bad = {Key("delivery", f"vm{number}"): State.CRITICAL for number in range(min(done + 1, INCIDENTS))}
        office.round()
        office.send()


def begin(folder: Path, sink: Sink) -> BaseProcess:
    process = children().Process(target=judge_and_send, args=(folder, sink.port, sink.identity.pin), daemon=True)
    process.start()
    return process


def test_killed_at_any_moment_nothing_is_lost_and_what_comes_twice_is_the_same_mail(tmp_path: Path) -> None:
    chance = random.Random(11)
    kills = 0
    with running_smtp(tmp_path / "sink") as sink:
        process = begin(tmp_path, sink)
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while process.is_alive() or process.exitcode != 0:
                process.join(chance.uniform(0.05, 0.4))
                assert time.monotonic() < deadline, "it never ended"
                if process.is_alive() and kills < 24:
                    assert process.pid is not None
                    os.kill(process.pid, signal.SIGKILL)
                    process.join()
                    kills += 1
                    process = begin(tmp_path, sink)
                elif not process.is_alive() and process.exitcode != 0:
                    pytest.fail(f"it ended with {process.exitcode}")
        finally:
            process.kill()
            process.join()
    assert kills >= 10
    rows = WatchedOffice(tmp_path).rows()
    assert all(row.sent_at is not None for row in rows)
    told = Counter(key.object for row in rows for key in row.keys)
    assert told == {f"vm{number}": 1 for number in range(INCIDENTS)}
    arrived = Counter(str(one["Message-ID"]) for one in sink.mails)
    assert len(arrived) == len(rows)
    assert len(sink.mails) - len(rows) <= kills
    assert len({one.as_bytes() for one in sink.mails}) == len(rows)


@pytest.mark.parametrize(("make", "said"), LEAVING)
def test_nothing_that_leaves_the_office_names_anything(tmp_path: Path, make: Make, said: object) -> None:
    web = Web()
    with TlsServer(HOST, web) as server:
        channel = make(f"https://{HOST}:{server.port}", Trust(pin=server.identity.pin))
        office = WatchedOffice(tmp_path, channels=[channel])
        office.policy = replace(office.policy, group_wait=timedelta())
        office.more = {"channel": evaluate_channels}
        names = [*NAMED, NASTY, "1405-08 insurance-db"]
        facts = {"due_on": "insurance-db", "object": "SQL01", "path": "/vol1/dump", "report": "SN-7781-QX"}
        hostile = [Key(check, name) for check in ("delivery", "custody", "backup") for name in names]

        def judged(check: str, state: State) -> list[Evaluation]:
            keys = [key for key in hostile if key.check == check]
            return [
                replace(
                    office.judged(key, state, office.now),
                    facts=facts,
                    owner="خانم نمونه",
                    code="seal-0099 insurance-db",
                    table="vol1",
                )
                for key in keys
            ]

        for state in (State.WARNING, State.CRITICAL, State.CRITICAL, State.CRITICAL, State.OK, State.OK):
            for check in ("delivery", "custody", "backup"):
                office.more[check] = lambda watched, check=check, state=state: judged(check, state)
            office.go(25 * HOUR)
        web.reply = Reply(503, [], b"no")
        office.go(7 * DAY)
        asked = list(web.asked)
    assert len(asked) > 8
    for _, path, headers, body in asked:
        seen = f"{path} {headers} {body.decode()}".lower()
        assert [name for name in (*NAMED, "<b>", "bcc") if name.lower() in seen] == []
