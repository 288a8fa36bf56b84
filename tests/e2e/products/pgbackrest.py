"""A small pgBackRest repository of a throw-away PostgreSQL: a full, a differential and an incremental backup."""

import shutil
import time
from pathlib import Path

from tests.e2e.products.cluster import Cluster, add_tablespace, initialise, run, serving

STANZA = "shop"


def make(folder: Path) -> Path:
    """The repository in `folder`/repo; the server is stopped again."""
    initialise(folder)
    config = folder / "pgbackrest.conf"
    config.write_text(
        f"[global]\nrepo1-path={folder}/repo\nlog-level-file=off\nstart-fast=y\nlock-path={folder}/lock\n"
        f"spool-path={folder}/spool\nrepo1-retention-full=9\n"
        f"[{STANZA}]\npg1-path={folder}/data\npg1-socket-path={folder}\npg1-user=itops\n",
        encoding="ascii",
    )
    command = ["pgbackrest", f"--config={config}", f"--stanza={STANZA}"]
    with serving(folder, f"archive_command={' '.join(command)} archive-push %p") as cluster:
        run([*command, "stanza-create"], folder=folder)
        add_tablespace(cluster)
        for number, kind in enumerate(("full", "diff", "incr")):
            cluster.sql(f"CREATE TABLE t{number} AS SELECT g, md5(g::text) FROM generate_series(1, 5000) g")
            run([*command, f"--type={kind}", "backup"], folder=folder)
            cluster.sql("SELECT pg_switch_wal()")
        _wait_for_archive(cluster)
    return folder / "repo"


def _wait_for_archive(cluster: Cluster) -> None:
    """Until nothing is left to be archived, for a repository must not change while it is looked at."""
    deadline = time.monotonic() + 30
    while list((cluster.data / "pg_wal" / "archive_status").glob("*.ready")):
        if time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL does not archive its WAL")
        time.sleep(0.1)


def clone(repository: Path, to: Path) -> Path:
    """A copy to break."""
    shutil.copytree(repository, to, symlinks=True)
    return to


def backup_folder(repository: Path, label: str) -> Path:
    return repository / "backup" / STANZA / label


def a_table(repository: Path, label: str) -> Path:
    """A file of some size that the backup itself holds."""
    below = (backup_folder(repository, label) / "pg_data" / "base").rglob("*.gz")
    return max(below, key=lambda path: (path.stat().st_size, path.name))


def wal_file(repository: Path, segment: str) -> Path:
    (found,) = (repository / "archive" / STANZA).rglob(f"{segment}-*")
    return found
