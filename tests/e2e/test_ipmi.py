"""The source `ipmi` by the real ipmitool against ipmi_sim, and by simulations of ipmitool. `make e2e`."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.assets.sightings import NetworkCard, sighting_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.ipmi import IpmiSource, Settings
from tests.contracts.source_contract import NOW, MakeSource, SourceContract
from tests.e2e.bmc import FEW_RIGHTS, ITS_PASSWORD, PASSWORD, USERNAME, Bmc, fru_of, ipmitool, running_bmc

pytestmark = pytest.mark.e2e
HOST = "127.0.0.1"
FRU = fru_of(
    chassis=("CH-PART", "CH-SERIAL"),
    board=("BoardCo", "X11-Board", "BRD0001", "B-PART", "file"),
    product=("Example Inc.", "Rackstar 200", "RS-200", "1.0", "SRV12345", "INV-0042", "file"),
    made=datetime(2018, 3, 26, 10, 24, tzinfo=UTC),
)
QUICK = timedelta(seconds=6)


@pytest.fixture(scope="module")
def bmc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bmc]:
    with running_bmc(tmp_path_factory.mktemp("bmc"), FRU) as running:
        ipmitool(running.port, "lan", "set", "1", "macaddr", "02:00:5e:00:00:09")
        yield running


def settings(port: int, **more: Any) -> Settings:
    known: dict[str, Any] = {
        "addresses": (Addresses(HOST),),
        "username": USERNAME,
        "password": Secret(PASSWORD),
        "port": port,
        "timeout": QUICK,
    }
    return Settings(**{**known, **more})


def look(asked: Settings) -> tuple[list[Entity], list[Gap]]:
    """What was seen, also where in the end the source says that it was nothing."""
    things: list[Any] = []
    (observation,) = IpmiSource("bmc", asked).observe(NOW)
    try:
        things.extend(observation.seen)  # keeps what came before an error
    except SourceUnavailable as nothing:
        assert "read by IPMI" in nothing.problem  # noqa: PT017  anything else is a bug
        assert not any(isinstance(thing, Entity) for thing in things)
    return [one for one in things if isinstance(one, Entity)], [one for one in things if isinstance(one, Gap)]


class TestContract(SourceContract):
    @pytest.fixture
    def make_source(self, bmc: Bmc) -> MakeSource:
        return lambda name: IpmiSource(name, settings(bmc.port))

    @pytest.fixture
    def make_broken(self, bmc: Bmc) -> MakeSource:
        return lambda name: IpmiSource(name, settings(bmc.port, ipmitool="no-such-ipmitool"))


def test_a_server_is_told_by_its_bmc(bmc: Bmc) -> None:
    (entity,), gaps = look(settings(bmc.port, privilege="operator", site="head-office"))
    server = sighting_of(entity)
    assert gaps == []
    assert entity.key == f"bmc/{HOST}"
    assert (server.vendor, server.model, server.serial) == ("Example Inc.", "Rackstar 200", "SRV12345")
    assert (server.asset_tag, server.made_on) == ("INV-0042", date(2018, 3, 26))
    assert (server.board_vendor, server.board_model, server.board_serial) == ("BoardCo", "X11-Board", "BRD0001")
    assert server.uuid == "efcdab89-6745-23a1-efcd-ab89674523a1"
    assert server.cards == (NetworkCard(mac="02005e000009", medium="bmc", is_permanent=True, addresses=(HOST,)),)
    assert (server.site, server.is_partial) == ("head-office", False)
    assert server.description
    assert "BMC firmware 9.08" in server.description


def test_a_bmc_that_knows_only_cipher_suite_3_is_read_and_it_is_said(bmc: Bmc) -> None:
    (entity,), _ = look(settings(bmc.port))
    assert sighting_of(entity).findings == ("ipmi.cipher-3",)


def test_an_account_of_few_rights_reads_all_but_the_mac_and_that_is_no_gap(bmc: Bmc) -> None:
    (entity,), gaps = look(settings(bmc.port, username=FEW_RIGHTS, password=Secret(ITS_PASSWORD)))
    assert gaps == []
    assert (sighting_of(entity).serial, sighting_of(entity).cards) == ("SRV12345", ())
    assert not sighting_of(entity).is_partial


@pytest.mark.parametrize(
    "wrong",
    [{"password": Secret("not-that-one")}, {"username": "nobody"}, {"password": Secret("")}],
    ids=["password", "user name", "no password"],
)
def test_a_refused_login_is_a_gap_that_does_not_show_the_password(bmc: Bmc, wrong: dict[str, Any]) -> None:
    entities, (gap,) = look(settings(bmc.port, **wrong))
    assert entities == []
    assert gap.code == "device.refused"
    assert Kind.DEVICE in gap.hides
    assert "not-that-one" not in repr(gap)


def test_a_bmc_without_a_fru_is_seen_in_part(tmp_path: Path) -> None:
    with running_bmc(tmp_path, None) as bare:
        (entity,), gaps = look(settings(bare.port))
    assert sighting_of(entity).is_partial
    assert [gap.code for gap in gaps] == ["device.partly-read"]
    assert "fru print 0" in gaps[0].problem


@pytest.mark.parametrize("fru", [b"\xff" * 64, bytes(64), FRU[:40] + bytes(24), FRU[:-9] + b"\xff" * 9])
def test_a_damaged_fru_harms_nobody(tmp_path: Path, fru: bytes) -> None:
    with running_bmc(tmp_path, fru) as bare:
        entities, gaps = look(settings(bare.port))
    assert len(entities) == 1
    assert {gap.code for gap in gaps} <= {"device.partly-read"}


def test_unused_addresses_of_a_network_are_one_gap_and_a_listed_one_its_own(bmc: Bmc) -> None:
    listed = (Addresses("127.0.0.1-5"), Addresses("127.0.0.4"), Addresses("bmc.invalid"))
    entities, gaps = look(settings(bmc.port, addresses=listed))
    assert [entity.ref for entity in entities] == [HOST]
    assert {gap.code: gap.subject for gap in gaps} == {
        "sweep.silent": "3 addresses",
        "device.silent": "127.0.0.4",
        "dns.unknown": "bmc.invalid",
    }


def test_without_ipmitool_the_source_says_so_once(bmc: Bmc) -> None:
    (observation,) = IpmiSource("bmc", settings(bmc.port, ipmitool="no-such-ipmitool")).observe(NOW)
    with pytest.raises(SourceUnavailable, match="no-such-ipmitool") as failure:
        list(observation.seen)
    assert "install" in failure.value.remedy


def simulation(folder: Path, script: str) -> str:
    """A simulation of ipmitool; it notes its arguments."""
    path = folder / "ipmitool"
    path.write_text(
        f'#!/bin/sh\n[ "$1" = -V ] && exit 0\necho "$@" >> {folder / "calls"}\n{script}\n', encoding="utf-8"
    )
    path.chmod(0o755)
    return str(path)


def test_cipher_suite_17_is_asked_for_first_and_kept_where_it_is_known(tmp_path: Path) -> None:
    program = simulation(tmp_path, 'case "$*" in *fru*) echo "Product Serial : S1";; *) echo "x : y";; esac')
    (entity,), gaps = look(settings(623, ipmitool=program))
    assert (sighting_of(entity).findings, sighting_of(entity).serial, gaps) == ((), "S1", [])
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 4
    assert all(" -C 17 " in call and " -L USER " in call for call in calls)


def test_the_password_is_never_on_the_command_line(tmp_path: Path) -> None:
    look(settings(623, ipmitool=simulation(tmp_path, 'echo "password : $IPMI_PASSWORD" >> "$0.seen"')))
    assert PASSWORD not in (tmp_path / "calls").read_text()
    assert PASSWORD in (tmp_path / "ipmitool.seen").read_text()


UNABLE = "echo 'Error: Unable to establish IPMI v2 / RMCP+ session' >&2; exit 1"
SAYINGS = {  # what ipmitool says before that; the code of the gap; how often it is called
    "no suite is known": ("Error in open session response message : no matching cipher suite", "unreadable", 2),
    "less privilege": ("RAKP 2 message indicates an error : unauthorized role or privilege level", "refused", 1),
    "silence": ("Error issuing Get Channel Authentication Capabilities request", "silent", 1),
    "something new": ("what nobody has seen \x1b[31m", "unreadable", 1),
}


@pytest.mark.parametrize(("said", "code", "calls"), SAYINGS.values(), ids=SAYINGS.keys())
def test_each_way_to_fail_has_its_code(tmp_path: Path, said: str, code: str, calls: int) -> None:
    entities, (gap,) = look(settings(623, ipmitool=simulation(tmp_path, f"echo '{said}' >&2; {UNABLE}")))
    assert entities == []
    assert gap.code == f"device.{code}"
    assert gap.problem.isprintable()
    assert len((tmp_path / "calls").read_text().splitlines()) == calls


def test_a_bmc_that_breaks_off_after_the_first_question_is_kept_in_part(tmp_path: Path) -> None:
    program = simulation(tmp_path, f'case "$*" in *"mc info") echo "IPMI Version : 2.0"; exit 0;; esac; {UNABLE}')
    (entity,), (gap,) = look(settings(623, ipmitool=program))
    assert sighting_of(entity).is_partial
    assert gap.code == "device.partly-read"


@pytest.mark.parametrize("script", ["kill -SEGV $$", "exit 1", "exit 0", "head -c 3000000 /dev/zero; exit 1"])
def test_a_tool_that_tells_nothing_makes_no_server(tmp_path: Path, script: str) -> None:
    """ipmitool dies of some answers; an entry of nothing would take the place of what is known."""
    entities, (gap,) = look(settings(623, ipmitool=simulation(tmp_path, script)))
    assert entities == []
    assert (gap.code, gap.hides) == ("device.unreadable", {Kind.DEVICE})
    assert gap.problem.isprintable()


def test_a_tool_that_never_ends_is_ended_in_time(tmp_path: Path) -> None:
    entities, gaps = look(settings(623, ipmitool=simulation(tmp_path, "sleep 60"), timeout=timedelta(seconds=1)))
    assert entities == []
    assert [gap.code for gap in gaps] == ["device.silent"]
