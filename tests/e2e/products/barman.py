"""A small Barman of a throw-away PostgreSQL: two backups, and WAL that archive_command copies into its home."""

import shutil
import time
from pathlib import Path

from tests.e2e.products.cluster import ACCOUNT, add_tablespace, binary, initialise, run, serving

SERVER = "shop"


def write_config(folder: Path, home: Path, account: str, socket: Path) -> Path:
    """A barman.conf in `folder` for a Barman whose home is `home`."""
    config = folder / "barman.conf"
    config.write_text(
        f"[barman]\nbarman_home={home}\nbarman_user={account}\nlog_file={folder}/barman.log\nlog_level=INFO\n"
        f"[{SERVER}]\ndescription=the shop\nconninfo=host={socket} user=itops dbname=postgres\n"
        f"streaming_conninfo=host={socket} user=itops\nbackup_method=postgres\narchiver=on\n"
        f"path_prefix={Path(binary('postgres')).parent}\n",
        encoding="ascii",
    )
    return config


def make(folder: Path, account: str) -> Path:
    """Barman's home in `folder`/home; the server is stopped again."""
    initialise(folder)
    home, incoming = folder / "home", folder / "home" / SERVER / "incoming"
    config = write_config(folder, home, account, folder)
    incoming.mkdir(parents=True)
    for path in (home, home / SERVER, incoming):
        if ACCOUNT:
            shutil.chown(path, ACCOUNT, ACCOUNT)
    with serving(folder, f"archive_command=cp %p {incoming}/%f") as cluster:
        add_tablespace(cluster)
        _archive(config, folder)  # Barman backs up nothing before it has seen WAL arrive
        for number in range(2):
            cluster.sql(f"CREATE TABLE t{number} AS SELECT g, md5(g::text) FROM generate_series(1, 5000) g")
            _barman(config, folder, "backup", "--immediate-checkpoint", "--wait", SERVER)
        _archive(config, folder)
    return home


def _archive(config: Path, folder: Path) -> None:
    _barman(config, folder, "switch-wal", "--force", SERVER)
    time.sleep(1)
    _barman(config, folder, "archive-wal", SERVER)


def _barman(config: Path, folder: Path, *arguments: str) -> None:
    run(["barman", "--config", config, *arguments], folder=folder)


def clone(home: Path, to: Path, account: str) -> Path:
    """A copy to break: the home, with a configuration of its own; gives the configuration."""
    shutil.copytree(home, to / "home", symlinks=True)
    return write_config(to, to / "home", account, home.parent)


def backup_folder(config: Path, key: str) -> Path:
    return config.parent / "home" / SERVER / "base" / key


def a_table(config: Path, key: str) -> Path:
    """A file of some size."""
    below = (backup_folder(config, key) / "data" / "base").rglob("*")
    return max((path for path in below if path.is_file()), key=lambda path: (path.stat().st_size, path.name))


def wal_file(config: Path, segment: str) -> Path:
    (found,) = (config.parent / "home" / SERVER / "wals").rglob(segment)
    return found
