"""A real Linux with any SMBIOS: QEMU without KVM, Debian's kernel, an initramfs made here. No root, no network.

The machine runs a text three times, as root, as an account that may `sudo dmidecode` and as one that may not, and
prints what came out to its second serial port. Packages: qemu-system-x86, linux-image-cloud-amd64, busybox-static,
dmidecode, sudo, util-linux, iproute2. The shell and the small programs are busybox's, as on an Alpine.
"""

import base64
import functools
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BOOT_SECONDS = 120  # 4 s where nothing else runs
_PROGRAMS = {
    "busybox": "busybox-static",
    "lscpu": "util-linux",
    "lsblk": "util-linux",
    "ip": "iproute2",
    "dmidecode": "dmidecode",
    "sudo": "sudo",
}
_MODULES = (  # each after those it needs
    *("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"),
    *("failover", "net_failover", "virtio_net"),
)
_WHO = ("root", "trusted", "plain")
_INIT = """#!/bin/busybox sh
export PATH=/bin:/usr/bin:/usr/sbin:/sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
for module in %(modules)s; do insmod /modules/$module.ko; done
hostname pc-014
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
exec 3>/dev/ttyS1
touch /before
for who in %(who)s; do
  echo "=vm $who" >&3
  su -s /bin/sh $who -c 'sh -s' </text 2>/dev/null | base64 >&3
done
echo "=vm written" >&3
find / -xdev -newer /before ! -type d | base64 >&3
echo "=vm end" >&3
exec 3>&-
sleep 0.2
poweroff -f
"""
_FILES = {
    "etc/passwd": "root:x:0:0::/:/bin/sh\ntrusted:x:1000:1000::/:/bin/sh\nplain:x:1001:1001::/:/bin/sh\n",
    "etc/group": "root:x:0:\ntrusted:x:1000:\nplain:x:1001:\n",
    "etc/shadow": "root:*:1::::::\ntrusted:*:1::::::\nplain:*:1::::::\n",
    "etc/sudoers": "root ALL=(ALL) ALL\ntrusted ALL=(root) NOPASSWD: /usr/sbin/dmidecode\n",
    "etc/pam.d/sudo": "auth required pam_deny.so\naccount required pam_permit.so\nsession required pam_permit.so\n",
    "etc/os-release": 'NAME="Office Linux"\nVERSION_ID="12"\n',
}
_MODES = {"etc/sudoers": 0o440, "etc/shadow": 0o600, "usr/bin/sudo": 0o4755, "init": 0o755}
_LINKS = ("bin", "sbin", "lib", "lib64")  # into usr/, as Debian has it


@dataclass(frozen=True)
class _Entry:
    mode: int
    data: bytes


def answers(folder: Path, text: bytes, *, qemu: Sequence[str] = ()) -> Mapping[str, bytes]:
    """Boot, run `text` by `sh -s` as root, trusted and plain, and give what each printed; under `written`, the files
    that were written meanwhile. `qemu`: its further arguments.
    """
    initramfs = folder / "initramfs"
    initramfs.write_bytes(_cpio({**_tools(), "text": _Entry(stat.S_IFREG | 0o644, text)}))
    said, console = folder / "said", folder / "console"
    command = [
        *("qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-display", "none", "-no-reboot", "-nodefaults"),
        *("-kernel", str(_kernel()), "-initrd", str(initramfs), "-append", "console=ttyS0 quiet panic=-1"),
        *("-serial", f"file:{console}", "-serial", f"file:{said}"),
        *qemu,
    ]
    subprocess.run(command, check=True, timeout=BOOT_SECONDS, stdin=subprocess.DEVNULL)
    parts = re.split(r"^=vm (\w+)\r?\n", said.read_text(), flags=re.MULTILINE)[1:]
    found = {who: base64.b64decode(printed) for who, printed in zip(parts[::2], parts[1::2], strict=True)}
    if "end" not in found:
        raise RuntimeError(f"the machine did not come to its end:\n{console.read_text(errors='replace')[-2000:]}")
    return found


def _kernel() -> Path:
    kernels = sorted(Path("/boot").glob("vmlinuz-*"), key=lambda path: path.stat().st_mtime)
    if not kernels:
        raise FileNotFoundError("no /boot/vmlinuz-*: install the package linux-image-cloud-amd64")
    return kernels[-1]


@functools.cache
def _tools() -> Mapping[str, _Entry]:
    """Everything but the text: programs with their libraries, modules, the little that lies in /etc."""
    found: dict[str, _Entry] = {"init": _Entry(stat.S_IFREG, (_INIT % _words()).encode())}
    for name, content in _FILES.items():
        found[name] = _Entry(stat.S_IFREG | 0o644, content.encode())
    for place, path in _files():
        found[place] = _Entry(stat.S_IFREG | 0o755, path.read_bytes())
    for path in _modules():
        found[f"modules/{path.stem}.ko"] = _Entry(stat.S_IFREG | 0o644, path.read_bytes())
    for name, mode in _MODES.items():
        found[name] = _Entry(stat.S_IFREG | mode, found[name].data)
    for name in _LINKS:
        found[name] = _Entry(stat.S_IFLNK | 0o777, f"usr/{name}".encode())
    for name in ("proc", "sys", "dev", "run", "tmp"):
        found[name] = _Entry(stat.S_IFDIR | 0o755, b"")
    return found


def _words() -> Mapping[str, str]:
    return {"modules": " ".join(_MODULES), "who": " ".join(_WHO)}


def _program(name: str) -> Path:
    path = shutil.which(name, path="/bin:/usr/bin:/usr/sbin:/sbin")
    if path is None:
        raise FileNotFoundError(f"no {name}: install the package {_PROGRAMS[name]}")
    return Path(path)


def _files() -> Iterator[tuple[str, Path]]:
    """Where in the machine each file is to lie, and where it lies here."""
    programs = [_program(name) for name in _PROGRAMS]
    plugins = [*Path("/usr/libexec/sudo").glob("*.so*"), *Path("/usr/lib").glob("*/security/pam_[pd]e*.so")]
    for path in [*programs, *plugins]:
        folder = "usr/sbin" if path.name == "dmidecode" else "usr/bin"
        yield f"{folder}/{path.name}" if path in programs else str(path)[1:], path
        listed = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(/\S+) \(0x", listed):
            yield "usr/" + library[1:].removeprefix("usr/"), Path(library)


def _modules() -> Iterator[Path]:
    folder = Path("/lib/modules") / _kernel().name.removeprefix("vmlinuz-")
    for name in _MODULES:
        yield next(folder.rglob(f"{name}.ko"))


def _cpio(entries: Mapping[str, _Entry]) -> bytes:
    """The "newc" archive that a kernel unpacks: 110 bytes of hex numbers, the name, the bytes, all padded to 4."""
    folders = {str(parent): _Entry(stat.S_IFDIR | 0o755, b"") for name in entries for parent in Path(name).parents}
    folders.pop(".")
    ordered = sorted({**folders, **entries}.items())
    out = bytearray()
    for number, (name, entry) in enumerate([*ordered, ("TRAILER!!!", _Entry(0, b""))], start=1):
        encoded = name.encode() + b"\0"
        fields = (number, entry.mode, 0, 0, 1, 0, len(entry.data), 0, 0, 0, 0, len(encoded), 0)
        for piece in (b"070701" + b"".join(b"%08x" % field for field in fields) + encoded, entry.data):
            out += piece
            out += bytes(-len(out) % 4)
    return bytes(out)
