"""The snmp source against Debian's snmpd, through both libraries. `make e2e`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from itops import clock
from itops.assets.sightings import Sighting, Via, sighting_of
from itops.inventory.entities import Entity, Gap, Kind, Seen
from itops.secrets import Secret
from itops.sources.addresses import Addresses
from itops.sources.snmp import SnmpSettings, SnmpSource
from itops.sources.snmp.client import Library, MakeLibrary, NoAnswer, Refused, Timing, Value, make_library
from itops.sources.snmp.gufo_client import GufoLibrary
from itops.sources.snmp.pysnmp_client import PysnmpLibrary
from itops.sources.snmp.settings import AuthProtocol, Credentials, PrivacyProtocol
from itops.verdict import State
from tests.contracts.source_contract import MakeSource, SourceContract
from tests.e2e.snmpd import USERS, Snmpd, running_snmpd

pytestmark = pytest.mark.e2e

BOTH = pytest.mark.parametrize("library", [GufoLibrary, PysnmpLibrary])
_AUTH = {"MD5": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
_PRIVACY = {"DES": "des", "AES": "aes", "AES-256": "aes256", None: "aes"}
NAME, OBJECT_ID, UP_TIME, ABSENT = (f"1.3.6.1.2.1.1.{number}.0" for number in (5, 2, 3, 99))
WRONG = Secret("not the key of tests")


@pytest.fixture(scope="module")
def snmpd() -> Iterator[Snmpd]:
    with running_snmpd() as daemon:
        yield daemon


def user(daemon: Snmpd, name: str, auth: str, privacy: str | None) -> Credentials:
    return Credentials(
        user=name,
        auth_key=Secret(daemon.auth_key),
        auth_protocol=AuthProtocol(_AUTH[auth]),
        privacy_key=Secret(daemon.privacy_key) if privacy else None,
        privacy_protocol=PrivacyProtocol(_PRIVACY[privacy]),
    )


@asynccontextmanager
async def opened(library: MakeLibrary, daemon: Snmpd) -> AsyncIterator[Library]:
    made = library(Timing(port=daemon.port, timeout_seconds=1.0, retries=0))
    try:
        yield made
    finally:
        made.close()


async def asked(library: MakeLibrary, daemon: Snmpd, credentials: Credentials) -> tuple[dict[str, Value], list[str]]:
    async with opened(library, daemon) as made:
        client = await made.open("127.0.0.1", credentials)
        got = await client.get([NAME, OBJECT_ID, UP_TIME, ABSENT])
        return got, [oid async for oid, _ in client.walk("1.3.6.1.2.1.2.2.1.2", 3)]


def source(daemon: Snmpd, *addresses: str, library: MakeLibrary = make_library, **changes: object) -> SnmpSource:
    chosen: dict[str, object] = {
        "addresses": tuple(map(Addresses, addresses or ("127.0.0.1",))),
        "community": Secret(daemon.community),
        "port": daemon.port,
        "retries": 0,
    }
    return SnmpSource("net", SnmpSettings(**{**chosen, **changes}), library)  # type: ignore[arg-type]


def look(chosen: SnmpSource) -> list[Seen]:
    (observation,) = chosen.observe(clock.now())
    return list(observation.seen)


# The libraries


@BOTH
def test_every_kind_of_user_and_the_community_are_let_in(snmpd: Snmpd, library: MakeLibrary) -> None:
    all_credentials = [Credentials(community=Secret(snmpd.community)), *(user(snmpd, *each) for each in USERS)]
    for credentials in all_credentials:
        got, interfaces = asyncio.run(asked(library, snmpd, credentials))
        assert got[NAME] == snmpd.name.encode()
        assert got[OBJECT_ID] == "1.3.6.1.4.1.8072.3.2.10"
        assert isinstance(got[UP_TIME], int)
        assert got.get(ABSENT) is None
        assert interfaces
        assert all(oid.startswith("1.3.6.1.2.1.2.2.1.2.") for oid in interfaces)


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"auth_key": WRONG}, id="auth key"),
        pytest.param({"privacy_key": WRONG}, id="privacy key"),
        pytest.param({"user": "nobody"}, id="user"),
        pytest.param({"auth_protocol": AuthProtocol.SHA1}, id="auth protocol"),
        pytest.param({"privacy_key": None}, id="no privacy where it is demanded"),
    ],
)
def test_a_user_that_is_wrong_in_one_thing_is_refused_and_not_silent(
    snmpd: Snmpd, library: MakeLibrary, changes: dict[str, object]
) -> None:
    good = {"user": "sha256aes", "auth_key": Secret(snmpd.auth_key), "privacy_key": Secret(snmpd.privacy_key)}
    wrong = Credentials(**{**good, **changes})  # type: ignore[arg-type]
    with pytest.raises(Refused):
        asyncio.run(asked(library, snmpd, wrong))


@BOTH
def test_a_wrong_community_is_met_by_silence(snmpd: Snmpd, library: MakeLibrary) -> None:
    with pytest.raises(NoAnswer):
        asyncio.run(asked(library, snmpd, Credentials(community=WRONG)))


@BOTH
def test_where_nobody_is_a_user_is_met_by_silence(snmpd: Snmpd, library: MakeLibrary) -> None:
    async def ask() -> None:
        async with opened(library, snmpd) as made:
            await made.open("127.0.0.9", user(snmpd, *USERS[0]))

    with pytest.raises(NoAnswer):
        asyncio.run(ask())


def test_both_libraries_say_the_same(snmpd: Snmpd) -> None:
    async def table(library: MakeLibrary, root: str) -> dict[str, Value]:
        async with opened(library, snmpd) as made:
            client = await made.open("127.0.0.1", Credentials(community=Secret(snmpd.community)))
            return {oid: value async for oid, value in client.walk(root, 20)}

    for root in ("1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.2.2.1.6", "1.3.6.1.2.1.4.20.1", "1.3.6.1.2.1.25.3.2.1"):
        one, other = (asyncio.run(table(library, root)) for library in (GufoLibrary, PysnmpLibrary))
        # gufo leaves out what is NULL or empty OID-wise; what both give is the same.
        assert one
        assert {oid: other[oid] for oid in one} == one


@BOTH
def test_two_devices_with_engines_of_their_own_are_asked_at_once_with_one_user(
    snmpd: Snmpd, library: MakeLibrary
) -> None:
    async def names(first: Library, second: Library, credentials: Credentials) -> list[Value]:
        clients = await asyncio.gather(
            *(made.open("127.0.0.1", credentials) for made in (first, second) for _ in range(4))
        )
        answers = await asyncio.gather(*(client.get([NAME]) for client in clients))
        return [answer[NAME] for answer in answers]

    async def ask(other: Snmpd) -> list[Value]:
        async with opened(library, snmpd) as first, opened(library, other) as second:
            return await names(first, second, user(snmpd, *USERS[0]))

    with running_snmpd() as other:
        assert asyncio.run(ask(other)) == [snmpd.name.encode()] * 8


# The source


@BOTH
@pytest.mark.parametrize("is_v3", [False, True])
def test_a_linux_server_is_seen_as_what_it_says(snmpd: Snmpd, library: MakeLibrary, is_v3: bool) -> None:
    login: dict[str, object] = {}
    if is_v3:
        login = {
            "community": None,
            "user": "sha256aes",
            "auth_key": Secret(snmpd.auth_key),
            "privacy_key": Secret(snmpd.privacy_key),
        }
    (entity,) = look(source(snmpd, library=library, **login))
    assert isinstance(entity, Entity)
    found: Sighting = sighting_of(entity)
    assert (found.key, found.via, found.address) == ("net/127.0.0.1", Via.SNMP, "127.0.0.1")
    assert (found.host_name, found.contact_place, found.os) == (snmpd.name, snmpd.place, "Linux")
    assert (found.kind, found.serial) == (None, None)  # snmpd has no ENTITY-MIB: SSH or the BMC tell it
    assert found.memory_bytes
    assert found.readings.uptime_seconds is not None


@BOTH
def test_a_network_with_one_device_is_one_sighting_and_one_gap(snmpd: Snmpd, library: MakeLibrary) -> None:
    seen = look(source(snmpd, "127.0.0.0/27", library=library))
    assert [thing.key for thing in seen if isinstance(thing, Entity)] == ["net/127.0.0.1"]
    (gap,) = (thing for thing in seen if isinstance(thing, Gap))
    assert (gap.code, gap.subject, gap.hides) == ("sweep.silent", "29 addresses", {Kind.DEVICE})


@BOTH
def test_wrong_keys_are_a_gap_that_says_what_to_correct(snmpd: Snmpd, library: MakeLibrary) -> None:
    seen = []
    chosen = source(snmpd, library=library, community=None, user="sha256aes", auth_key=WRONG, privacy_key=WRONG)
    (observation,) = chosen.observe(clock.now())
    seen = [next(observation.seen)]
    observation.seen.close()  # type: ignore[attr-defined]
    assert [thing.code for thing in seen if isinstance(thing, Gap)] == ["device.refused"]


@BOTH
def test_doctor_sees_who_answers(snmpd: Snmpd, library: MakeLibrary) -> None:
    checks = list(source(snmpd, "127.0.0.1", "127.0.0.9", library=library).diagnose(clock.now()))
    assert [(check.code, check.state) for check in checks] == [
        ("snmp.library", State.OK),
        ("device.silent", State.WARNING),
        ("snmp.answered", State.OK),
    ]


@BOTH
def test_a_look_closed_in_the_middle_can_be_begun_again(snmpd: Snmpd, library: MakeLibrary) -> None:
    chosen = source(snmpd, "127.0.0.1-20", library=library, timeout=timedelta(seconds=5))
    for _ in range(3):
        (observation,) = chosen.observe(clock.now())
        assert isinstance(next(observation.seen), Entity)  # the others are still waited for
        observation.seen.close()  # type: ignore[attr-defined]


class TestSnmpSource(SourceContract):
    @pytest.fixture
    def make_source(self, snmpd: Snmpd) -> MakeSource:
        return lambda name: SnmpSource(name, source(snmpd, "127.0.0.1", "127.0.0.9").settings)

    @pytest.fixture
    def make_broken(self, snmpd: Snmpd) -> MakeSource:
        return lambda name: SnmpSource(name, source(snmpd, community=WRONG).settings)
