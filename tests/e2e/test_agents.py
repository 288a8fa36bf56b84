"""A real FusionInventory agent: what it writes into a folder, what it sends, and what of it is kept."""

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from itops.assets.sightings import Sighting, sighting_of
from itops.cli.assets_receive import greet, receive
from itops.cli.office import Office
from itops.cli.setting import setting_of
from itops.config.settings import Plugins, load
from itops.inventory.entities import Entity, Gap
from itops.plugins import Registry
from itops.secrets import Secret
from itops.sources.agents import AgentsSource, Settings
from itops.sources.agents.receiver import Receiver
from itops.sources.agents.settings import Listen, ReceiverSettings
from tests.e2e.self_signed import self_signed

pytestmark = pytest.mark.e2e

AGENT = "/usr/bin/fusioninventory-agent"
LIBRARY = "/usr/share/fusioninventory"
TASKS = "deploy,collect,esx,netdiscovery,netinventory,wakeonlan"
CANARY = "canary-that-must-not-be-kept"
NOW = datetime(2036, 1, 1, tzinfo=UTC)
"""Later than any run of the agent: what it says is never in a time to come."""


class Agent:
    """The agent with a state of its own; whoever it is, its environment holds the canary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        state = folder / "state"
        state.mkdir()
        (folder / "setup.pm").write_text(
            "package setup; use parent qw(Exporter); our @EXPORT = ('%setup');\n"
            f"our %setup = (datadir => '{LIBRARY}', libdir => '{LIBRARY}/lib', vardir => '{state}');\n1;\n"
        )

    def run(self, *words: str) -> str:
        """What it printed; it must have ended well."""
        command = ["perl", f"-I{self._folder}", "-Msetup", AGENT, "--config=none", "--logger=stderr", "--force"]
        ended = subprocess.run(
            [*command, f"--no-task={TASKS}", *words],
            env={**os.environ, "ITOPS_SECRET": CANARY, "no_proxy": "127.0.0.1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stderr


@pytest.fixture
def agent(tmp_path) -> Agent:
    (tmp_path / "agent").mkdir()
    return Agent(tmp_path / "agent")


@pytest.fixture
def inbox(tmp_path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def look(folder: Path) -> tuple[list[Sighting], list[Gap], str]:
    """Sightings, gaps, and all of it as text."""
    (observation,) = AgentsSource("pcs", Settings(folder=folder)).observe(NOW)
    things = list(observation.seen)
    sightings = [sighting_of(thing) for thing in things if isinstance(thing, Entity)]
    return sightings, [thing for thing in things if isinstance(thing, Gap)], repr(things)


@contextmanager
def receiving(folder: Path, **settings: Any) -> Iterator[Receiver]:
    told = ReceiverSettings(listen=Listen("127.0.0.1", 0), timeout=timedelta(seconds=60), **settings)
    receiver = Receiver(folder, told, clock=lambda: NOW)
    thread = threading.Thread(target=receiver.serve)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stop()
        thread.join(10)
        receiver.close()


def is_this_machine(sighting: Sighting) -> bool:
    """Compared with what the system itself says."""
    cpu = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return (
        sighting.host_name == socket.gethostname().partition(".")[0]
        and (sighting.cpu or "").split() == cpu.partition(":")[2].split()
        and (sighting.os or "").startswith("Debian")
        and bool(sighting.memory_bytes)
    )


def test_a_file_that_the_agent_writes_is_read_without_what_is_private(agent, inbox):
    agent.run(f"--local={inbox}")
    (written,) = inbox.iterdir()
    assert CANARY in written.read_text(), "the agent tells its environment by default"
    (sighting,), gaps, held = look(inbox)
    assert is_this_machine(sighting)
    assert sighting.cards
    assert CANARY not in held
    assert [gap.code for gap in gaps] == ["agents.private-sections"]


def test_the_remedy_against_private_sections_is_one(agent, inbox):
    agent.run(f"--local={inbox}", "--no-category=environment,process,local_user,local_group")
    (sighting,), gaps, _ = look(inbox)
    assert is_this_machine(sighting)
    assert gaps == []


@pytest.mark.parametrize("words", [(), ("--no-compression",)], ids=["packed", "plain"])
def test_what_the_agent_sends_is_kept_without_what_is_private(agent, inbox, words):
    with receiving(inbox) as receiver:
        said = agent.run(f"--server={receiver.url}", *words)
    assert "error" not in said.lower()
    (written,) = inbox.iterdir()
    assert CANARY not in written.read_text()
    (sighting,), gaps, _ = look(inbox)
    assert is_this_machine(sighting)
    assert sighting.seen_at == NOW
    assert gaps == []


def test_a_file_and_a_request_of_one_agent_tell_the_same(agent, inbox, tmp_path):
    (tmp_path / "dropped").mkdir()
    agent.run(f"--local={tmp_path / 'dropped'}")
    with receiving(inbox) as receiver:
        agent.run(f"--server={receiver.url}")
    (one,), (other,) = look(tmp_path / "dropped")[0], look(inbox)[0]
    assert (one.key, one.serial, one.uuid, one.cards, one.drives) == (
        other.key, other.serial, other.uuid, other.cards, other.drives,
    )  # fmt: skip


def test_the_agent_sends_again_and_has_one_file(agent, inbox):
    with receiving(inbox) as receiver:
        agent.run(f"--server={receiver.url}")
        agent.run(f"--server={receiver.url}")
    assert len(list(inbox.iterdir())) == 1


@pytest.mark.parametrize(("password", "count"), [("s3cret", 1), ("wrong", 0)])
def test_the_agent_says_name_and_password(agent, inbox, password, count):
    with receiving(inbox, username="agents", password=Secret("s3cret")) as receiver:
        agent.run(f"--server={receiver.url}", "--user=agents", f"--password={password}")
    assert len(list(inbox.iterdir())) == count


@pytest.mark.parametrize(("path", "count"), [("t0ken", 1), ("", 0)])
def test_the_agent_carries_the_token_in_its_address(agent, inbox, path, count):
    with receiving(inbox, token=Secret("t0ken")) as receiver:
        agent.run(f"--server={receiver.url}{path}")
    assert len(list(inbox.iterdir())) == count


def test_the_agent_sends_over_tls_to_a_certificate_that_it_knows(agent, inbox, tmp_path):
    identity = self_signed("127.0.0.1")
    (tmp_path / "ca.pem").write_text(identity.certificate)
    pem = identity.write(tmp_path)
    with receiving(inbox, certificate=pem, key=pem) as receiver:
        agent.run(f"--server={receiver.url}", f"--ca-cert-file={tmp_path / 'ca.pem'}")
    assert len(list(inbox.iterdir())) == 1


# -- the command


CONFIG = """
office: {{id: demo, calendar: gregorian}}
sources:
  pcs:
    type: agents
    folder: inbox
    timezone: Asia/Tehran
    receive: {{listen: "127.0.0.1:{port}", most_agents: 10, timeout: 30s}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def office(inbox, tmp_path) -> Office:
    path = tmp_path / "itops.yaml"
    path.write_text(CONFIG.format(port=free_port()), encoding="utf-8")
    settings = load(path, Plugins(sources=Registry({"agents": AgentsSource})))
    made = Office(setting=setting_of(settings), now=NOW, config_path=path)
    made.settings = settings
    return made


def test_the_command_receives_until_it_has_as_many_as_were_asked_for(agent, office, inbox):
    listen = office.settings.sources[0].settings.receive.listen

    def send() -> None:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex((listen.host, listen.port)) == 0:
                    break
            time.sleep(0.1)
        agent.run(f"--server=http://{listen}/")

    sender = threading.Thread(target=send)
    sender.start()
    ended = CliRunner().invoke(receive, ["pcs", "--count", "1"], obj=office, catch_exceptions=False)
    sender.join(60)
    assert ended.exit_code == 0
    (written,) = inbox.iterdir()
    assert f"kept  {written.name}" in ended.stdout
    assert f"server = http://{listen}/" in ended.stderr
    assert "received 1 inventory; refused 0" in ended.stderr
    assert "note:" not in ended.stderr
    assert json.loads(written.read_text())["schema"] == "itops.agents.inventory/1"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nobody"], "there is no source 'nobody'"),
        (["pcs", "--listen", "nowhere"], "--listen 'nowhere'"),
        (["pcs", "--listen", "192.0.2.77:62380"], "cannot receive at 192.0.2.77:62380"),
    ],
)
def test_the_command_says_what_cannot_be(office, words, problem):
    ended = CliRunner().invoke(receive, words, obj=office)
    assert problem in str(ended.exception)
    assert getattr(ended.exception, "remedy", "")


def test_the_command_warns_where_anybody_may_send_in_the_clear(office, capsys):
    settings = office.settings.sources[0].settings
    receiver = Receiver(settings.folder, settings.receive, clock=lambda: NOW, listen=Listen("0.0.0.0", 0))
    receiver.close()
    greet(receiver, settings)
    said = capsys.readouterr().err
    assert "whoever reaches this port" in said
    assert "without TLS" in said
