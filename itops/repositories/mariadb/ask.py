"""Asking MariaDB or MySQL through its own client program, the password in an option file that only we can read."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from itops.errors import SourceUnavailable
from itops.programs import run_program
from itops.repositories.mariadb.settings import MariadbSettings

Table: TypeAlias = list[tuple[str, ...]]
"""Rows of texts; NULL is the word NULL, so no column that may be null is asked for without COALESCE."""

SERVER = """\
SELECT VERSION(), @@hostname, @@port, @@read_only, @@lower_case_table_names, CURRENT_USER(),
       EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES
               WHERE PRIVILEGE_TYPE IN ('SHOW DATABASES', 'SELECT')
                 AND REPLACE(GRANTEE, CHAR(39), '') = REPLACE(CURRENT_USER(), CHAR(39), ''))"""
DATABASES = """\
SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME
FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"""

_PROGRAMS = ("mariadb", "mysql")
_MOST_ROWS = 100_000
_ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def ask(settings: MariadbSettings, statement: str) -> Table:
    """The rows of one statement. Raises SourceUnavailable."""
    program = settings.program or next(filter(shutil.which, _PROGRAMS), _PROGRAMS[0])
    tls = _tls_lines(settings, program)
    with (
        tempfile.TemporaryDirectory(prefix="itops-mariadb-") as folder,
        _option_file(settings, Path(folder), tls) as options,
    ):
        # Of all option files, only ours counts: it must be the first argument.
        command = [program, f"--defaults-file={options}", "--batch", "--skip-column-names", "--no-auto-rehash"]
        command += ["--execute", f"SET SESSION TRANSACTION READ ONLY; {statement}"]
        done = run_program(command, seconds=settings.timeout_seconds * 2)
    if done.code or done.is_timeout or done.is_cut:
        raise _unavailable(settings, done.stderr or f"{program} ended with {done.code}")
    return [tuple(map(_unescaped, line.split("\t"))) for line in done.text.split("\n")[:_MOST_ROWS] if line]


@contextmanager
def _option_file(settings: MariadbSettings, folder: Path, tls: list[str]) -> Iterator[Path]:
    path = folder / "options"
    lines = [
        "[client]",
        f"user={_quoted(settings.username)}",
        "default-character-set=utf8mb4",
        f"connect-timeout={max(1, round(settings.timeout_seconds))}",
        *tls,
    ]
    if settings.password is not None:
        lines.append(f"password={_quoted(settings.password.reveal())}")
    if settings.socket is not None:
        lines.append(f"socket={_quoted(str(settings.socket))}")
    else:
        lines += [f"host={_quoted(settings.host)}", f"port={settings.port}", "protocol=tcp"]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
    yield path


def _quoted(value: str) -> str:
    """A value of an option file: everything that is special in one, escaped."""
    escaped = (
        value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f'"{escaped}"'


def _tls_lines(settings: MariadbSettings, program: str) -> list[str]:
    """MySQL's own client has one option for it, MariaDB's has two."""
    if settings.socket is not None:
        return []
    authority = [f"ssl-ca={_quoted(str(settings.ca_file))}"] if settings.ca_file else []
    if "mariadb" in run_program([program, "--version"], seconds=settings.timeout_seconds).text.lower():
        words = {"require": ["ssl", "ssl-verify-server-cert"], "prefer": ["ssl"], "off": ["skip-ssl"]}[settings.tls]
    else:
        mode = {"require": "VERIFY_IDENTITY", "prefer": "PREFERRED", "off": "DISABLED"}[settings.tls]
        words = [f"ssl-mode={mode}"]
    return [*words, *authority]


def _unescaped(text: str) -> str:
    """What --batch did to newlines, tabs, NULs and backslashes, undone."""
    if "\\" not in text:
        return text
    pieces = []
    characters = iter(text)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            pieces.append(_ESCAPES.get(following, "\\" + following))
        else:
            pieces.append(character)
    return "".join(pieces)


def _unavailable(settings: MariadbSettings, said: str) -> SourceUnavailable:
    where = str(settings.socket) if settings.socket else f"{settings.host}:{settings.port}"
    remedy = "check host, port, and that the service runs"
    if "1045" in said or "1698" in said:
        remedy = "check username and password, and from which hosts the account may log in"
    elif "SSL" in said or "TLS" in said or "2026" in said:
        remedy = "give the certificate's authority as ca_file:, or write tls: prefer (encrypted, not proven)"
    return SourceUnavailable(f"MariaDB at {where} cannot be asked: {' '.join(said.split())[:400]}", remedy=remedy)
