"""One PostgreSQL and one MariaDB for all makers of a process, started when first asked for, ended with the process."""

import atexit
import os
import subprocess
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.e2e import mariadb, postgresql

_running = ExitStack()
atexit.register(_running.close)

_POSTGRESQL = {
    "Insurance": "CREATE TABLE policies (id serial PRIMARY KEY, holder text, amount numeric);"
    "INSERT INTO policies (holder, amount) SELECT md5(i::text) || ' بیمه', i * 1.5 FROM generate_series(1, 4000) i;"
    "CREATE TABLE empty_one (id int);"
    "CREATE TABLE scans (id int, page bytea); INSERT INTO scans SELECT i, decode(md5(i::text), 'hex')"
    " FROM generate_series(1, 300) i;"
    "SELECT lo_from_bytea(0, '\\xdeadbeef'); SELECT lo_from_bytea(0, repeat('abc', 40000)::bytea);",
    "Payroll": "CREATE TABLE salaries (id serial PRIMARY KEY, person text, amount int);"
    "INSERT INTO salaries (person, amount) SELECT md5((i * 7)::text), i FROM generate_series(1, 5000) i;",
}
_MARIADB = {
    "Insurance": "CREATE TABLE policies (id int PRIMARY KEY, holder varchar(90), amount int, KEY (holder));"
    "INSERT INTO policies SELECT seq, concat(md5(seq), ' بیمه'), seq FROM seq_1_to_4000;"
    "CREATE TABLE notes (id int) ENGINE=Aria; INSERT INTO notes VALUES (1), (2);"
    "CREATE TABLE old_pages (id int PRIMARY KEY, t text) ROW_FORMAT=COMPRESSED;"
    "INSERT INTO old_pages SELECT seq, repeat('abc', 100) FROM seq_1_to_300;"
    "CREATE TABLE packed (id int PRIMARY KEY, t text) PAGE_COMPRESSED=1;"
    "INSERT INTO packed SELECT seq, repeat('abc', 100) FROM seq_1_to_300;"
    "CREATE VIEW holders AS SELECT holder FROM policies;",
    "Payroll": "CREATE TABLE salaries (id int PRIMARY KEY, person varchar(90), amount int);"
    "INSERT INTO salaries SELECT seq, md5(seq * 7), seq FROM seq_1_to_4000;",
}


def program(name: str) -> str:
    """A program of PostgreSQL's newest version here."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise FileNotFoundError(f"no {name}: install the package postgresql")
    return str(found[-1])


def fill(server: postgresql.Server) -> postgresql.Server:
    """The two databases of the office."""
    for name, statements in _POSTGRESQL.items():
        with server.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        with server.connect(name) as connection:
            connection.execute(statements.encode())
    return server


@cache
def postgresql_server() -> postgresql.Server:
    """With the two databases of the office."""
    return fill(_running.enter_context(postgresql.running_server()))


@cache
def mariadb_server() -> mariadb.Server:
    """With the two databases of the office."""
    server = _running.enter_context(mariadb.running_server())
    for name, statements in _MARIADB.items():
        server.run(f"CREATE DATABASE {name}")
        server.run(statements, name)
    return server


def write_out(server: mariadb.Server) -> None:
    """Let every table be on disk, as those are that were not made in the same second as their backup."""
    query = "SELECT concat(table_schema, '.', table_name) FROM information_schema.tables WHERE engine = 'InnoDB'"
    tables = ", ".join(server.run(f"{query} AND table_schema NOT IN ('mysql', 'sys')").split())
    server.run(f"FLUSH TABLES {tables} FOR EXPORT; UNLOCK TABLES")


def pg_dump(database: str, *options: str) -> bytes:
    """What pg_dump writes to its output, or below the folder that `options` name."""
    server = postgresql_server()
    environment = {**os.environ, "PGPASSWORD": server.password, "TZ": "Asia/Tehran"}
    command = [program("pg_dump"), "--dbname", server.url(database), *options]
    return subprocess.run(command, check=True, capture_output=True, env=environment).stdout


def pg_basebackup(server: postgresql.Server, target: Path, *options: str) -> Path:
    """A base backup of the server."""
    environment = {**os.environ, "PGPASSWORD": server.password}
    where = ["--host=127.0.0.1", f"--port={server.port}", "--username=itops", "--checkpoint=fast", "--no-sync"]
    command = [program("pg_basebackup"), *where, f"--pgdata={target}", *options]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return target
