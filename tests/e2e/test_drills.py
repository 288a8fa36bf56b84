"""Restore tests into throw-away servers, with copies that the real tools made."""

import gzip
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from itops.backup.copies import Identity
from itops.backup.drills import DrillOutcome
from itops.backup.levels import Level
from itops.drills.mariadb import MariadbDrill
from itops.drills.postgresql import PostgresqlDrill
from itops.errors import SourceUnavailable
from itops.formats.effort import BoundedEffort
from tests.e2e import mariadb, postgresql

pytestmark = pytest.mark.e2e
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
ASK = "SELECT count(*) FROM insured"


MINE = f"itops-drill-{os.getpid()}-"  # beside us, other tests may have servers of their own


def drilled(place, copy: Path, question: str | None = ASK, identity: Identity | None = None) -> DrillOutcome:
    """As the task does it: a copy of the copy in a folder of its own, and room beside it."""
    with tempfile.TemporaryDirectory(prefix=MINE, dir="/tmp") as folder:
        scratch = Path(folder, "restored")
        scratch.mkdir()
        fetched = Path(folder, copy.name)
        shutil.copytree(copy, fetched) if copy.is_dir() else shutil.copy(copy, fetched)
        effort = BoundedEffort(level=Level.ANSWERED, scratch=scratch, max_seconds=120)
        return place.restore(fetched, identity, question, scratch, effort)


@pytest.fixture(scope="module")
def postgres() -> Iterator[postgresql.Server]:
    with postgresql.running_server() as server:
        url = server.new_database()
        with server.connect(url.rpartition("/")[2]) as connection:
            connection.execute("CREATE TABLE insured (number int PRIMARY KEY)")
            connection.execute("INSERT INTO insured SELECT generate_series(1, 1500)")
        object.__setattr__(server, "insured", url)
        yield server


def pg(server: postgresql.Server, program: str, *arguments: str | Path) -> None:
    environment = {**os.environ, "PGPASSWORD": server.password}
    subprocess.run([BINARIES / program, *arguments], check=True, env=environment, capture_output=True)


@pytest.mark.parametrize("flag", ["-Fc", "-Fd", "-Ft", "-Fp"])
def test_every_form_of_dump_is_restored_and_answers(flag, postgres, tmp_path):
    dump = tmp_path / "insured"
    pg(postgres, "pg_dump", flag, "-f", dump, postgres.insured)
    outcome = drilled(PostgresqlDrill(), dump)
    assert (outcome.is_restored, outcome.answer, outcome.faults) == (True, 1500, ())


def test_a_packed_dump_is_unpacked_first(postgres, tmp_path):
    dump = tmp_path / "insured.sql"
    pg(postgres, "pg_dump", "-Fp", "-f", dump, postgres.insured)
    packed = tmp_path / "insured.sql.gz"
    packed.write_bytes(gzip.compress(dump.read_bytes()))
    assert drilled(PostgresqlDrill(), packed).answer == 1500


@pytest.mark.parametrize("flags", [("-Fp",), ("-Ft",), ("-Ft", "-z")])
def test_a_base_backup_is_started_as_it_is_and_answers(flags, postgres, tmp_path):
    base = tmp_path / "base"
    pg(postgres, "pg_basebackup", *flags, "-c", "fast", "-X", "stream", "-D", base, "-d", postgres.url("postgres"))
    outcome = drilled(PostgresqlDrill(), base)
    assert (outcome.is_restored, outcome.answer) == (True, 1500), outcome


def test_a_base_backup_whose_archive_is_cut_is_not_restored(postgres, tmp_path):
    base = tmp_path / "base"
    how = ("-Ft", "-z", "-c", "fast", "-X", "stream", "-D", base, "-d", postgres.url("postgres"))
    pg(postgres, "pg_basebackup", *how)
    archive = base / "base.tar.gz"
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    outcome = drilled(PostgresqlDrill(), base)
    assert (outcome.is_restored, outcome.answer) == (False, None)
    assert outcome.faults


def test_the_demo_offices_dump_holds_what_it_should(tmp_path):
    with resources.as_file(resources.files("itops.demo").joinpath("insured.dump")) as dump:
        assert drilled(PostgresqlDrill(), dump).answer == 1500


def test_a_cut_dump_is_not_restored_and_a_wrong_question_has_no_answer(tmp_path):
    with resources.as_file(resources.files("itops.demo").joinpath("insured.dump")) as dump:
        cut = tmp_path / "cut.dump"
        cut.write_bytes(dump.read_bytes()[:-100])
        outcome = drilled(PostgresqlDrill(), cut)
        assert (outcome.is_restored, [fault.code for fault in outcome.faults]) == (False, ["restore-failed"])
        unanswered = drilled(PostgresqlDrill(), dump, "SELECT count(*) FROM nobody")
        assert (unanswered.is_restored, unanswered.answer) == (True, None)
        assert "nobody" in str(unanswered.evidence["said"])


def test_nothing_is_left_running():
    with resources.as_file(resources.files("itops.demo").joinpath("insured.dump")) as dump:
        drilled(PostgresqlDrill(), dump)
    listed = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert [line for line in listed if MINE.encode() in line and b"postgres" in line] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")
@pytest.mark.parametrize("place", [PostgresqlDrill(), MariadbDrill()], ids=lambda place: place.name)
def test_a_folder_that_the_server_cannot_reach_says_nothing_of_the_copy(place, tmp_path):
    closed = tmp_path / "closed"
    scratch = closed / "drill" / "restored"
    scratch.mkdir(parents=True)
    closed.chmod(0o700)
    dump = closed / "drill" / "dump.sql"
    dump.write_text("SELECT 1;")
    with pytest.raises(SourceUnavailable, match="cannot reach"):
        place.restore(dump, None, None, scratch, BoundedEffort(level=Level.ANSWERED, scratch=scratch, max_seconds=60))


@pytest.fixture(scope="module")
def maria() -> Iterator[mariadb.Server]:
    with mariadb.running_server() as server:
        server.run("CREATE DATABASE insurance; CREATE TABLE insurance.insured (number int PRIMARY KEY)")
        server.run("INSERT INTO insurance.insured SELECT seq FROM insurance.seq_1_to_700", "insurance")
        yield server


def test_a_dump_of_mariadb_is_restored_and_answers(maria, tmp_path):
    dump = tmp_path / "insurance.sql"
    maria.client("mariadb-dump", "insurance", into=dump)
    assert drilled(MariadbDrill(), dump).answer == 700
    packed = tmp_path / "insurance.sql.gz"
    packed.write_bytes(gzip.compress(dump.read_bytes()))
    assert drilled(MariadbDrill(), packed).answer == 700


def test_a_dump_of_mariadb_with_a_mistake_is_not_restored(maria, tmp_path):
    dump = tmp_path / "insurance.sql"
    maria.client("mariadb-dump", "insurance", into=dump)
    dump.write_bytes(dump.read_bytes().replace(b"CREATE TABLE", b"CREATE TABEL"))
    outcome = drilled(MariadbDrill(), dump)
    assert (outcome.is_restored, [fault.code for fault in outcome.faults]) == (False, ["restore-failed"])


def test_a_physical_backup_of_mariadb_is_prepared_started_and_answers(maria, tmp_path):
    folder = tmp_path / "physical"
    maria.client("mariabackup", "--backup", f"--datadir={maria.data}", f"--target-dir={folder}")
    outcome = drilled(MariadbDrill(), folder)
    assert (outcome.is_restored, outcome.answer) == (True, 700), outcome


@pytest.mark.parametrize("place", [PostgresqlDrill, MariadbDrill])
def test_what_a_dump_tells_the_client_to_run_is_not_run_as_root(place, tmp_path):
    """`\\!` is a command of both clients; a file that comes back from somewhere may hold any."""
    home = tmp_path / "mine"
    home.mkdir(mode=0o700)
    dump = tmp_path / "hostile.sql"
    dump.write_text(f"CREATE TABLE insured (n int);\n\\! touch {home}/ran\n")
    if os.geteuid() != 0:
        pytest.skip("only root runs anything as another account")
    drilled(place(), dump, tmp_path, None)
    assert list(home.iterdir()) == []
