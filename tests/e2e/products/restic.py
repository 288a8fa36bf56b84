"""A small restic repository, made by restic: two snapshots of two hosts, of which the second has files of its own."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

PASSWORD = "correct horse"


def restic(repository: Path, *arguments: str) -> str:
    """Run it on the repository; raises when it fails."""
    environment = {**os.environ, "RESTIC_PASSWORD": PASSWORD, "LC_ALL": "C"}
    command = ["restic", "-r", str(repository), "--no-cache", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, timeout=120)
    return done.stdout


def make(folder: Path) -> Path:
    """The repository in `folder`/restic, of `folder`/srv."""
    source, repository = folder / "srv", folder / "restic"
    source.mkdir(parents=True)
    restic(repository, "init")
    cheapen(repository)
    (source / "old.bin").write_bytes(os.urandom(300_000))
    backup = ("backup", str(source), "--time")
    restic(repository, *backup, "2026-11-20 02:00:00", "--host", "db1", "--tag", "shop")
    (source / "new.bin").write_bytes(os.urandom(200_000))
    restic(repository, *backup, "2026-11-21 02:00:00", "--host", "db1", "--tag", "shop")
    return repository


def clone(repository: Path, to: Path) -> Path:
    """A copy to break: restic's own files are read-only."""
    shutil.copytree(repository, to)
    for path in to.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return to


def data_packs(repository: Path) -> list[Path]:
    """The packs, biggest first: that of old.bin, that of new.bin, then trees."""
    packs = [path for path in (repository / "data").rglob("*") if path.is_file()]
    return sorted(packs, key=lambda path: -path.stat().st_size)


def cheapen(repository: Path) -> None:
    """Write the key file anew so that restic need not spend half a second of scrypt at each start.

    The layout is that of restic's design document: scrypt gives a key for AES-256-CTR and one for Poly1305-AES, which
    wrap the key of the repository; a key file is named by its SHA-256.
    """
    (path,) = (repository / "keys").iterdir()
    held = json.loads(path.read_bytes())
    sealed = base64.b64decode(held["data"])
    plain = _counter(_derived(held)[:32], sealed[:16], sealed[16:-16])
    cheap = {**held, "N": 2}
    keys = _derived(cheap)
    nonce = os.urandom(16)
    text = _counter(keys[:32], nonce, plain)
    cheap["data"] = base64.b64encode(nonce + text + _tag(keys[32:], nonce, text)).decode("ascii")
    written = json.dumps(cheap).encode("ascii")
    (path.parent / hashlib.sha256(written).hexdigest()).write_bytes(written)
    path.unlink()


def _derived(key: dict[str, object]) -> bytes:
    """32 bytes for the cipher, 16 and 16 for the tag."""
    cost, block, threads = (int(str(key[name])) for name in ("N", "r", "p"))
    salt = base64.b64decode(str(key["salt"]))
    return hashlib.scrypt(PASSWORD.encode(), salt=salt, n=cost, r=block, p=threads, maxmem=1 << 28, dklen=64)


def _counter(key: bytes, nonce: bytes, text: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor().update(text)


def _tag(keys: bytes, nonce: bytes, text: bytes) -> bytes:
    pad = Cipher(algorithms.AES(keys[:16]), modes.ECB()).encryptor().update(nonce)
    return Poly1305.generate_tag(keys[16:] + pad, text)
