"""Looking at a repository and hashing its copies: against `find`, against plain hashlib, and over SSH."""

import hashlib
import os
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import paramiko

from bench.measure import Result
from itops.backup.contents import Thing
from itops.backup.copies import Copy, ListedFile
from itops.repositories.folder import FolderRepository
from itops.repositories.folder import Settings as FolderSettings
from itops.repositories.local import LocalContent
from itops.repositories.sftp import Settings as SftpSettings
from itops.repositories.sftp import SftpRepository
from tests.e2e.sshd import Sshd, running_sshd

FOLDERS, FILES = 200, 1000
HASHED_BYTES = 512 << 20
STREAMED_BYTES = 128 << 20
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Tehran")


def results() -> Iterator[Result]:
    """All of them."""
    yield from listing_results()
    yield from hashing_results()
    yield from sftp_results()


def listing_results() -> Iterator[Result]:
    """A listing with sizes and times, from a warm cache."""
    with TemporaryDirectory() as made:
        _fill(Path(made), FOLDERS, FILES)
        place = FolderRepository("bench", FolderSettings(path=Path(made)), ZONE)
        find = ["find", made, "-type", "f", "-printf", "%s %T@ %p\n"]
        theirs, ours = best_in_turn(
            6,
            lambda: subprocess.run(find, stdout=subprocess.DEVNULL, check=True),
            lambda: _count(place.look(NOW, {}).seen, FOLDERS * FILES),
            clock=cpu_seconds,
        )
    yield Result(
        name=f"list {FOLDERS * FILES:,} files of a folder",
        figure=f"{ours:.2f} s of CPU, {ours / theirs:.2f} times `find -printf '%s %T@ %p'` ({theirs:.2f} s)",
        target="at most 1.5 times",
        is_met=ours <= 1.5 * theirs,
    )


def hashing_results() -> Iterator[Result]:
    """SHA-256 of one file, and of two at once."""
    with TemporaryDirectory() as made:
        paths = [_random_file(Path(made, name), HASHED_BYTES) for name in ("one", "two")]
        contents = [LocalContent(path) for path in paths]
        plain, one = best_in_turn(5, lambda: _plain(paths[0]), contents[0].digest, clock=cpu_seconds)
        with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2) as processes:
            two, apart = best_in_turn(
                5,
                lambda: list(threads.map(LocalContent.digest, contents)),
                lambda: list(processes.map(_plain, paths)),
            )
    yield Result(
        name=f"hash a file of {HASHED_BYTES >> 20} MiB",
        figure=f"{HASHED_BYTES / one / 1e6:.0f} MB a second of CPU, {one / plain:.2f} times the CPU of plain hashlib",
        target="at most 1.1 times",
        is_met=one <= 1.1 * plain,
    )
    cores = len(os.sched_getaffinity(0))
    yield Result(
        name=f"hash two such files in two threads on {cores} cores, against plain hashlib in two processes",
        figure=f"{2 * HASHED_BYTES / two / 1e6:.0f} MB/s, {two / apart:.2f} times the time of two processes",
        target="at most 1.2 times: threads use the cores as well",
        is_met=two <= 1.2 * apart,
    )


def sftp_results() -> Iterator[Result]:
    """Over a real sshd on loopback, against paramiko's own client."""
    with TemporaryDirectory() as made, running_sshd() as server:
        (Path(made) / "many").mkdir()
        _fill(Path(made) / "many", 20, 500)
        big = _random_file(Path(made) / "big.bak", STREAMED_BYTES)
        place = SftpRepository("bench", _settings(server, made), ZONE)
        with _theirs(server) as client:
            theirs, ours = best_in_turn(
                2, lambda: _walk(client, made), lambda: _count(place.look(NOW, {}).seen, 20 * 500 + 1)
            )
        yield Result(
            name="list 10,000 files in 20 folders over SFTP, logging in included",
            figure=f"{ours:.2f} s, {ours / theirs:.2f} times paramiko's listdir_iter without logging in",
            target="at most 1.5 times",
            is_met=ours <= 1.5 * theirs,
        )
        copy = next(
            file for file in place.look(NOW, {}).seen if isinstance(file, ListedFile) and file.path == "big.bak"
        )
        with _opened(place, copy) as thing, _theirs(server) as client:
            ours, theirs = best_in_turn(
                2, lambda: _count_bytes(thing.file.chunks()), lambda: _read_prefetched(client, big)
            )
        yield Result(
            name=f"read {STREAMED_BYTES >> 20} MiB over SFTP with at most 2 MiB on its way",
            figure=f"{STREAMED_BYTES / ours / 1e6:.0f} MB/s (paramiko: {STREAMED_BYTES / theirs / 1e6:.0f})",
            target="not slower than paramiko's bounded prefetch",
            is_met=ours <= theirs,
        )


def best_in_turn(times: int, *works: Callable[[], object], clock: Callable[[], float] = time.monotonic) -> list[float]:
    """Seconds of the quickest run of each, run in turn so that a busy neighbour meets all of them."""
    best = [float("inf")] * len(works)
    for _ in range(times):
        for number, work in enumerate(works):
            began = clock()
            work()
            best[number] = min(best[number], clock() - began)
    return best


def cpu_seconds() -> float:
    """Of this process and of the programs it ran, the kernel's part included."""
    return sum(os.times()[:4])


def _fill(root: Path, folders: int, files: int) -> None:
    for folder in range(folders):
        (root / f"server{folder:03}").mkdir()
        for number in range(files):
            (root / f"server{folder:03}" / f"Insurance_2026{number:04}.bak").touch()


def _random_file(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
    return path


def _count(things: Iterator[object], expected: int) -> None:
    count = sum(1 for _ in things)
    assert count == expected, count


def _count_bytes(chunks: Iterator[bytes]) -> None:
    assert sum(map(len, chunks)) == STREAMED_BYTES


def _plain(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


def _settings(server: Sshd, path: str) -> SftpSettings:
    return SftpSettings(
        host="127.0.0.1",
        port=server.port,
        username=server.username,
        key_file=server.key_file,
        host_key=server.fingerprint,
        path=path,
        timeout_seconds=20,
    )


def _opened(place: SftpRepository, file: ListedFile) -> AbstractContextManager[Thing]:
    return place.open(Copy(repository="bench", key="big.bak", fingerprint="", files=(file,)))


def _theirs(server: Sshd) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", server.port, server.username, key_filename=str(server.key_file), look_for_keys=False)
    return client


def _walk(client: paramiko.SSHClient, root: str) -> None:
    session = client.open_sftp()
    pending, count = [root], 0
    while pending:
        folder = pending.pop()
        for entry in session.listdir_iter(folder, read_aheads=50):
            if stat.S_ISDIR(entry.st_mode):
                pending.append(f"{folder}/{entry.filename}")
            else:
                count += 1
    assert count == 20 * 500 + 1


def _read_prefetched(client: paramiko.SSHClient, path: Path) -> None:
    with client.open_sftp().open(str(path)) as file:
        file.prefetch(STREAMED_BYTES, max_concurrent_requests=64)
        _count_bytes(iter(lambda: file.read(1 << 20), b""))
