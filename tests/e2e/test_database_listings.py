"""Which databases a real PostgreSQL and a real MariaDB have, as their repositories tell it."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from itops.backup.copies import Database
from itops.backup.repositories import Look, LookGap
from itops.errors import SourceUnavailable
from itops.repositories.mariadb import MariadbServer, MariadbSettings
from itops.repositories.mariadb.ask import ask as ask_mariadb
from itops.repositories.postgresql import PostgresqlServer, PostgresqlSettings
from itops.repositories.postgresql.ask import DATABASES, SERVER, by_psql, by_psycopg
from itops.secrets import Secret
from tests.contracts.repository_contract import MakeRepository, RepositoryContract
from tests.e2e import mariadb, postgresql
from tests.e2e.self_signed import SelfSigned, self_signed

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
NASTY = ("insurance", "بیمه و حقوق", 'quo"te', "apo'strophe", "com,ma", "back\\slash", "line\nbreak", "a=b", "tab\tbed")


def databases(look: Look) -> dict[str, Database]:
    return {one.name: one for one in look.seen if isinstance(one, Database)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def certificate() -> SelfSigned:
    return self_signed("127.0.0.1")


@pytest.fixture(scope="module")
def authority(certificate: SelfSigned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ca_file:` is to name."""
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_text(certificate.certificate)
    return path


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority that signed neither server's certificate."""
    path = tmp_path_factory.mktemp("stranger") / "ca.pem"
    path.write_text(self_signed("127.0.0.1").certificate)
    return path


def encrypt(connection: psycopg.Connection[tuple[object, ...]], certificate: SelfSigned) -> None:
    """Let a running PostgreSQL speak TLS too."""
    row = connection.execute(b"SHOW data_directory").fetchone()
    assert row is not None
    data = Path(str(row[0]))
    for name, content in (("server.crt", certificate.certificate), ("server.key", certificate.key)):
        (data / name).touch(mode=0o600)
        (data / name).write_text(content)
        shutil.chown(data / name, data.owner(), data.group())
    connection.execute(b"ALTER SYSTEM SET ssl = on")
    connection.execute(b"SELECT pg_reload_conf()")
    while connection.execute(b"SHOW ssl").fetchone() != ("on",):
        time.sleep(0.05)


@pytest.fixture(scope="module")
def pg(certificate: SelfSigned) -> Iterator[postgresql.Server]:
    with postgresql.running_server() as server:
        with server.connect("postgres") as connection:
            encrypt(connection, certificate)
            for name in NASTY:
                connection.execute(f'CREATE DATABASE "{name.replace(chr(34), chr(34) * 2)}"'.encode())
            connection.execute(b"CREATE ROLE small LOGIN PASSWORD 'co:lon\\back'")
            connection.execute(b"REVOKE CONNECT ON DATABASE insurance FROM PUBLIC")
        yield server


def settings_of(server: postgresql.Server, **changes: Any) -> PostgresqlSettings:
    told = {"host": "127.0.0.1", "username": "itops", "password": Secret(server.password), "tls": "off"}
    return PostgresqlSettings(port=server.port, **{**told, **changes})


class TestPostgresql:
    def test_every_database_is_listed_whatever_its_name(self, pg: postgresql.Server) -> None:
        look = PostgresqlServer("pg01", settings_of(pg), TEHRAN).look(NOW, {})
        found = databases(look)
        assert set(found) == {*NASTY, "postgres", "template0", "template1"}
        assert {name for name, one in found.items() if one.is_system} == {"postgres", "template0", "template1"}
        assert {one.server for one in found.values()} == {"pg01"}
        assert found["template0"].state == "closed"
        assert str(look.facts["version"]).split(".")[0].isdigit()
        assert look.facts["is_standby"] is False

    def test_psql_tells_the_same_as_psycopg(self, pg: postgresql.Server) -> None:
        settings = settings_of(pg)
        assert by_psql(settings, (SERVER, DATABASES)) == by_psycopg(settings, (SERVER, DATABASES))

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_login_without_any_right_sees_all_names(self, pg: postgresql.Server, ask: Any) -> None:
        settings = settings_of(pg, username="small", password=Secret("co:lon\\back"))
        assert {row[0] for row in ask(settings, (DATABASES,))[0]} >= set(NASTY)

    @pytest.mark.parametrize("name", [*NASTY, "postgres"])
    def test_psql_logs_in_to_a_database_of_any_name(self, pg: postgresql.Server, name: str) -> None:
        assert by_psql(settings_of(pg, database=name), (SERVER,))[0][0][2] == name

    def test_the_maintenance_database_counts_once_somebody_keeps_tables_in_it(self, pg: postgresql.Server) -> None:
        repository = PostgresqlServer("pg01", settings_of(pg), TEHRAN)
        with pg.connect("postgres") as connection:
            connection.execute(b"CREATE TABLE ledger (id int)")
            try:
                assert not databases(repository.look(NOW, {}))["postgres"].is_system
            finally:
                connection.execute(b"DROP TABLE ledger")
        assert databases(repository.look(NOW, {}))["postgres"].is_system

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_wrong_password_is_unavailable_and_not_repeated(self, pg: postgresql.Server, ask: Any) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            ask(settings_of(pg, password=Secret("wrong-horse")), (SERVER,))
        assert "password" in caught.value.remedy
        assert "wrong-horse" not in f"{caught.value.problem}{caught.value.remedy}"

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_server_of_the_named_authority_is_asked_through_tls(
        self, pg: postgresql.Server, authority: Path, ask: Any
    ) -> None:
        asked = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        for changes in ({"tls": "require", "ca_file": authority}, {"tls": "prefer"}):
            assert ask(settings_of(pg, **changes), (asked,)) == [[("true",)]]
        assert ask(settings_of(pg), (asked,)) == [[("false",)]]

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_server_of_another_authority_is_not_believed(
        self, pg: postgresql.Server, stranger: Path, ask: Any
    ) -> None:
        with pytest.raises(SourceUnavailable):
            ask(settings_of(pg, tls="require", ca_file=stranger), (SERVER,))

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_server_without_proof_is_not_believed(self, pg: postgresql.Server, ask: Any) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            ask(settings_of(pg, tls="require"), (SERVER,))
        assert "ca_file" in caught.value.remedy

    def test_nothing_can_be_written(self, pg: postgresql.Server) -> None:
        for ask in (by_psql, by_psycopg):
            with pytest.raises(SourceUnavailable) as caught:
                ask(settings_of(pg), ("CREATE TABLE forbidden (id int)",))
            assert "read-only" in caught.value.problem

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_statement_that_takes_too_long_is_given_up(self, pg: postgresql.Server, ask: Any) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            ask(settings_of(pg, timeout_seconds=1.0), ("SELECT pg_sleep(30)::text",))
        assert "timeout" in caught.value.problem

    @pytest.mark.parametrize("ask", [by_psql, by_psycopg])
    def test_a_dead_server_is_unavailable(self, pg: postgresql.Server, ask: Any) -> None:
        settings = PostgresqlSettings(host="127.0.0.1", port=free_port(), username="itops", tls="off")
        with pytest.raises(SourceUnavailable):
            ask(settings, (SERVER,))

    def test_a_missing_psql_is_named(self, pg: postgresql.Server) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            by_psql(settings_of(pg, program="psql-that-is-not-here"), (SERVER,))
        assert "psql-that-is-not-here" in caught.value.remedy


class TestPostgresqlContract(RepositoryContract):
    @pytest.fixture
    def make_repository(self, pg: postgresql.Server) -> MakeRepository:
        return lambda name: PostgresqlServer(name, settings_of(pg), TEHRAN)

    @pytest.fixture
    def make_broken(self) -> MakeRepository:
        settings = PostgresqlSettings(host="127.0.0.1", port=free_port(), username="itops", tls="off")
        return lambda name: PostgresqlServer(name, settings, TEHRAN)


PASSWORDS = (
    "plain",
    "hash # inside",
    'quo"te',
    "apo'strophe",
    "back\\slash\\n",
    " blanks ",
    "رمز",
    "a\"#b'#c",
    "end\\",
)


@pytest.fixture(scope="module")
def maria(certificate: SelfSigned, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[mariadb.Server, int]]:
    port = free_port()
    pem = certificate.write(tmp_path_factory.mktemp("maria"))
    # The later of two options wins: this server listens on loopback too.
    options = ("--skip-networking=0", "--bind-address=127.0.0.1", f"--port={port}", f"--ssl-cert={pem}")
    with mariadb.running_server(*options, f"--ssl-key={pem}") as server:
        for name in NASTY:
            server.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4;")
        for number, password in enumerate(PASSWORDS):
            literal = password.replace("\\", "\\\\").replace("'", "\\'")
            server.run(f"CREATE USER user{number}@'127.0.0.1' IDENTIFIED BY '{literal}';")
            server.run(f"GRANT SHOW DATABASES ON *.* TO user{number}@'127.0.0.1';")
        server.run("CREATE USER small@'%' IDENTIFIED BY 'small'; GRANT SELECT ON insurance.* TO small@'%';")
        yield server, port


def told(port: int, **changes: Any) -> MariadbSettings:
    given = {"host": "127.0.0.1", "username": "user0", "password": Secret("plain"), "tls": "off"}
    return MariadbSettings(port=port, **{**given, **changes})


class TestMariadb:
    def test_every_database_is_listed_whatever_its_name(self, maria: tuple[mariadb.Server, int]) -> None:
        look = MariadbServer("db01", told(maria[1]), TEHRAN).look(NOW, {})
        listed = list(look.seen)
        found = {one.name: one for one in listed if isinstance(one, Database)}
        assert not [one for one in listed if isinstance(one, LookGap)]
        system = {"mysql", "information_schema", "performance_schema", "sys"}
        assert set(NASTY) <= set(found) <= {*NASTY, *system}
        assert {name for name, one in found.items() if one.is_system} <= system
        assert "mysql" in found
        assert found["insurance"].facts["character_set"] == "utf8mb4"
        assert "MariaDB" in str(look.facts["version"])

    @pytest.mark.parametrize("program", ["mariadb", "mysql"])
    def test_either_client_program_will_do(self, maria: tuple[mariadb.Server, int], program: str) -> None:
        found = databases(MariadbServer("db01", told(maria[1], program=program), TEHRAN).look(NOW, {}))
        assert set(NASTY) <= set(found)

    @pytest.mark.parametrize("number", range(len(PASSWORDS)), ids=PASSWORDS)
    def test_a_password_of_any_characters_reaches_the_server(
        self, maria: tuple[mariadb.Server, int], number: int
    ) -> None:
        settings = told(maria[1], username=f"user{number}", password=Secret(PASSWORDS[number]))
        assert databases(MariadbServer("db01", settings, TEHRAN).look(NOW, {}))

    def test_the_local_socket_serves_too(self, maria: tuple[mariadb.Server, int]) -> None:
        settings = MariadbSettings(username="root", socket=maria[0].socket)
        assert set(NASTY) <= set(databases(MariadbServer("db01", settings, TEHRAN).look(NOW, {})))

    def test_an_account_that_does_not_see_all_says_so(self, maria: tuple[mariadb.Server, int]) -> None:
        settings = told(maria[1], username="small", password=Secret("small"))
        listed = list(MariadbServer("db01", settings, TEHRAN).look(NOW, {}).seen)
        (gap,) = [one for one in listed if isinstance(one, LookGap)]
        assert (gap.code, gap.hides) == ("permission.missing", True)
        assert "GRANT SHOW DATABASES ON *.* TO 'small'@'%'" in gap.remedy
        assert {one.name for one in listed if isinstance(one, Database)} == {"insurance", "information_schema"}
        maria[0].run(gap.remedy.split("run: ")[1])
        healed = list(MariadbServer("db01", settings, TEHRAN).look(NOW, {}).seen)
        maria[0].run("REVOKE SHOW DATABASES ON *.* FROM small@'%'")
        assert not [one for one in healed if isinstance(one, LookGap)]
        assert set(NASTY) <= {one.name for one in healed if isinstance(one, Database)}

    def test_a_wrong_password_is_unavailable_and_not_repeated(self, maria: tuple[mariadb.Server, int]) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            MariadbServer("db01", told(maria[1], password=Secret("wrong-horse")), TEHRAN).look(NOW, {})
        assert "password" in caught.value.remedy
        assert "wrong-horse" not in f"{caught.value.problem}{caught.value.remedy}"

    def test_a_server_of_the_named_authority_is_asked_through_tls(
        self, maria: tuple[mariadb.Server, int], authority: Path
    ) -> None:
        asked = "SHOW SESSION STATUS LIKE 'Ssl_version'"
        for changes in ({"tls": "require", "ca_file": authority}, {"tls": "prefer"}):
            assert ask_mariadb(told(maria[1], **changes), asked)[0][1].startswith("TLS")
        assert ask_mariadb(told(maria[1]), asked) == [("Ssl_version", "")]

    def test_a_server_without_proof_is_not_believed(self, maria: tuple[mariadb.Server, int], stranger: Path) -> None:
        for changes in ({}, {"ca_file": stranger}):
            with pytest.raises(SourceUnavailable) as caught:
                MariadbServer("db01", told(maria[1], tls="require", **changes), TEHRAN).look(NOW, {})
            assert "tls: prefer" in caught.value.remedy

    def test_nothing_can_be_written(self, maria: tuple[mariadb.Server, int]) -> None:
        with pytest.raises(SourceUnavailable) as caught:
            ask_mariadb(
                MariadbSettings(username="root", socket=maria[0].socket), "CREATE TABLE insurance.forbidden (id int)"
            )
        assert "READ ONLY" in caught.value.problem

    def test_a_dead_server_is_unavailable(self) -> None:
        with pytest.raises(SourceUnavailable):
            MariadbServer("db01", told(free_port()), TEHRAN).look(NOW, {})


class TestMariadbContract(RepositoryContract):
    @pytest.fixture
    def make_repository(self, maria: tuple[mariadb.Server, int]) -> MakeRepository:
        return lambda name: MariadbServer(name, told(maria[1]), TEHRAN)

    @pytest.fixture
    def make_broken(self) -> MakeRepository:
        settings = told(free_port())
        return lambda name: MariadbServer(name, settings, TEHRAN)


@contextmanager
def recording_client(folder: Path) -> Iterator[Path]:
    """A client program that writes down how it was called, and what file it was given."""
    program = folder / "mariadb"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >>{folder}/arguments\n'
        f'case "$1" in --defaults-file=*) ls -l "${{1#--defaults-file=}}" >{folder}/mode;; esac\n'
        f'exec {shutil.which("mariadb")} "$@"\n'
    )
    program.chmod(0o700)
    yield program


def test_no_password_ever_stands_on_a_command_line(maria: tuple[mariadb.Server, int], tmp_path: Path) -> None:
    with recording_client(tmp_path) as program:
        settings = told(maria[1], username="user1", password=Secret(PASSWORDS[1]), program=str(program))
        databases(MariadbServer("db01", settings, TEHRAN).look(NOW, {}))
    assert PASSWORDS[1] not in (tmp_path / "arguments").read_text()
    assert (tmp_path / "mode").read_text().startswith("-rw-------")
