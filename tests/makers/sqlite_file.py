"""A database file of SQLite, by SQLite itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

FORMAT = "sqlite"
SUFFIX = ".sqlite"
OBJECT: str | None = None
OTHER: str | None = None
NEEDS: tuple[str, ...] = ()


def good(folder: Path) -> Path:
    return _made(folder, 4070)


def another(folder: Path) -> Path:
    return _made(folder, 3000)


def _made(folder: Path, rows: int) -> Path:
    file = folder / f"nightly{SUFFIX}"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE letters (id INTEGER PRIMARY KEY, subject TEXT, body TEXT)")
        connection.execute("CREATE INDEX letters_subject ON letters (subject)")
        subjects = (f"letter {number * 7919 % 10007} بیمه" for number in range(rows))
        letters = ((subject, f"{subject}, which no index covers. " * 3) for subject in subjects)
        connection.executemany("INSERT INTO letters (subject, body) VALUES (?, ?)", letters)
    return file
