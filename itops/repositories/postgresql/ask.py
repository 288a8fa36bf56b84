"""Asking PostgreSQL: through psycopg when it is installed, else through psql. Both send the same two statements."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from itops.errors import SourceUnavailable
from itops.programs import run_program
from itops.repositories.postgresql.settings import PostgresqlSettings

Table: TypeAlias = list[tuple[str, ...]]
"""Rows of texts, as PostgreSQL writes them: booleans are t and f, NULL is the empty text."""

SERVER = """\
SELECT current_setting('server_version'), pg_is_in_recovery()::text, current_database(),
       coalesce(inet_server_addr()::text, ''), current_setting('port'),
       EXISTS (SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema'
                 AND n.nspname NOT LIKE 'pg\\_%')::text"""
DATABASES = """\
SELECT d.datname, d.oid::text, d.datistemplate::text, d.datallowconn::text, pg_encoding_to_char(d.encoding),
       coalesce(r.rolname, '')
FROM pg_database AS d LEFT JOIN pg_roles AS r ON r.oid = d.datdba ORDER BY d.datname"""

_MOST_ROWS = 100_000


def ask(settings: PostgresqlSettings, statements: Sequence[str]) -> list[Table]:
    """The rows of each statement, read only. Raises SourceUnavailable."""
    try:
        import psycopg  # noqa: F401, PLC0415  an optional extra; ImportError too when it finds no libpq
    except ImportError:
        return by_psql(settings, statements)
    return by_psycopg(settings, statements)


def by_psycopg(settings: PostgresqlSettings, statements: Sequence[str]) -> list[Table]:
    """Through psycopg."""
    import psycopg  # noqa: PLC0415  an optional extra

    password = settings.password.reveal() if settings.password else None
    try:
        with psycopg.connect(
            host=settings.host,
            port=settings.port,
            user=settings.username,
            password=password,
            dbname=settings.database,
            sslmode=settings.sslmode,
            sslrootcert=_authority(settings),
            connect_timeout=max(2, round(settings.timeout_seconds)),
            client_encoding="utf8",
            application_name="itops",
            autocommit=True,
        ) as connection:
            connection.execute(_limits(settings).encode())
            return [
                [tuple(map(str, row)) for row in connection.execute(text.encode()).fetchmany(_MOST_ROWS)]
                for text in statements
            ]
    except psycopg.Error as failure:
        raise _unavailable(settings, str(failure)) from None  # the connection's parameters hold the password


def by_psql(settings: PostgresqlSettings, statements: Sequence[str]) -> list[Table]:
    """Through the program psql. The password stands in a file that only we can read, never in an argument."""
    with tempfile.TemporaryDirectory(prefix="itops-psql-") as folder, _password_file(settings, Path(folder)) as file:
        environment = {
            "PGSSLMODE": settings.sslmode,
            "PGCONNECT_TIMEOUT": str(max(2, round(settings.timeout_seconds))),
            "PGCLIENTENCODING": "UTF8",
            "PGAPPNAME": "itops",
        }
        if settings.password is not None:
            environment["PGPASSFILE"] = str(file)
        if authority := _authority(settings):
            environment["PGSSLROOTCERT"] = authority
        tables = []
        for text in statements:
            command = [settings.program, "--no-psqlrc", "--no-password", "--csv", "--tuples-only", "--quiet"]
            command += ["--set=ON_ERROR_STOP=1", f"--host={settings.host}", f"--port={settings.port}"]
            command += [f"--username={settings.username}", f"--dbname={_value(settings.database)}"]
            command += [f"--command={_limits(settings)}", f"--command={text}"]
            done = run_program(command, seconds=settings.timeout_seconds * 2, environment=environment)
            if done.code or done.is_timeout or done.is_cut:
                raise _unavailable(settings, done.stderr or f"{settings.program} ended with {done.code}")
            tables.append(_table(done.text))
        return tables


def _value(database: str) -> str:
    """A name as a connection string, for psql takes a name with `=` in it for one."""
    return "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'"


@contextmanager
def _password_file(settings: PostgresqlSettings, folder: Path) -> Iterator[Path]:
    path = folder / "password"
    password = settings.password.reveal() if settings.password else ""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"*:*:*:*:{escaped}\n")
    yield path


def _table(text: str) -> Table:
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline="")) if row][:_MOST_ROWS]


def _limits(settings: PostgresqlSettings) -> str:
    return f"SET default_transaction_read_only = on; SET statement_timeout = {round(settings.timeout_seconds * 1000)}"


def _authority(settings: PostgresqlSettings) -> str | None:
    if settings.sslmode != "verify-full":
        return None
    return str(settings.ca_file) if settings.ca_file else "system"


def _unavailable(settings: PostgresqlSettings, said: str) -> SourceUnavailable:
    where = f"{settings.host}:{settings.port}"
    first = " ".join(said.split())[:400]
    remedy = "check host, port, username and password, and pg_hba.conf on the server"
    if "certificate" in said or "SSL" in said:
        remedy = "give the certificate's authority as ca_file:, or write tls: prefer (encrypted, not proven)"
    return SourceUnavailable(f"PostgreSQL at {where} cannot be asked: {first}", remedy=remedy)
