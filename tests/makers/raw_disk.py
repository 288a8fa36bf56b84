"""A small raw disk with data in several places, and qemu-img to turn it into every other kind."""

import random
import subprocess
from pathlib import Path

MIB = 1 << 20


def raw_bytes(seed: int, size: int = 2 * MIB) -> bytes:
    """A boot signature, text that compresses and noise that does not, and holes."""
    noise = random.Random(seed)  # reproducible on purpose
    disk = bytearray(size)
    disk[510:512] = b"\x55\xaa"
    disk[size // 4 : size // 4 + 90_000] = noise.randbytes(90_000)
    text = b"policy,holder,premium\n" * 3000
    disk[size // 2 : size // 2 + len(text)] = text
    disk[size - 40_000 :] = noise.randbytes(40_000)
    return bytes(disk)


def converted(folder: Path, seed: int, kind: str, *options: str, size: int = 2 * MIB, name: str = "") -> Path:
    """The disk as qemu-img writes it; an empty folder of its own keeps runs apart."""
    raw = folder / f"disk-{seed}.raw"
    raw.write_bytes(raw_bytes(seed, size))
    target = folder / (name or f"disk.{kind}")
    given = [argument for option in options for argument in ("-o", option)]
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", kind, *given, raw, target], check=True)
    raw.unlink()
    return target
