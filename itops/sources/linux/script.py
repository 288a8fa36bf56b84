"""The one script that a Linux machine is given, on stdin of `sh -s`, and the parts of what it prints.

It writes nothing, asks nothing and works in any POSIX shell with whatever of util-linux and iproute2 is there: every
part has its own exit code, and plainer words for older machines. Each program reads /dev/null, or it would eat the
rest of the script; each has a time limit of its own, for a dead disk makes `lsblk` wait for ever. `sudo -k`: without
it sudo leaves a file in /run/sudo/ts, even when it refuses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

COMMAND = "sh -s"
MOST_OUTPUT = 2 << 20
MOST_PART = 256 << 10
_LAST = "end"
_MARK = re.compile(r"^=itops (begin|end) ([a-z]+)(?: (\d{1,3}))?\r?$", re.MULTILINE)

_SCRIPT = r"""
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
limit=
timeout 8 true 2>/dev/null && limit='timeout 8'
dmi=/sys/class/dmi/id
tree=/proc/device-tree

part() {
  printf '\n=itops begin %s\n' "$1"
  "$1" </dev/null 2>/dev/null
  printf '\n=itops end %s %s\n' "$1" "$?"
}
shown() {
  for name in "$@"; do
    [ -r "$name" ] && printf '%s=%s\n' "${name##*/}" "$(head -c 400 "$name" | tr '\000' '\n' | head -n 1)"
  done
  return 0
}
kernel() { uname -s && uname -r && uname -m && uname -n; }
release() { cat /etc/os-release || cat /usr/lib/os-release || cat /etc/redhat-release || cat /etc/debian_version; }
virt() {
  if command -v systemd-detect-virt >/dev/null; then $limit systemd-detect-virt; return 0; fi
  if [ -r /run/systemd/container ]; then cat /run/systemd/container
  elif [ -e /.dockerenv ]; then echo docker
  elif [ -e /run/.containerenv ]; then echo podman
  elif [ -d /proc/vz ] && [ ! -d /proc/bc ]; then echo openvz
  elif tr '\000' '\n' </proc/1/environ | grep '^container='; then :
  fi
  return 0
}
board() (
  cd "$dmi" || exit 0
  shown sys_vendor product_name product_serial product_uuid chassis_type chassis_serial chassis_asset_tag \
    board_vendor board_name board_serial bios_version bios_date
)
place() { [ ! -r /etc/machine-info ] || cat /etc/machine-info; }
tree() ( cd "$tree" && shown model serial-number; exit 0 )
firmware() {
  [ -e "$dmi/product_serial" ] || return 0
  [ -r "$dmi/product_serial" ] && return 0
  [ "$sudo" = yes ] && command -v sudo >/dev/null || return 126
  command -v dmidecode >/dev/null || return 127
  $limit sudo -n -k dmidecode -t 0,1,2,3
}
processor() { $limit lscpu -J || $limit lscpu; }
memory() (
  grep '^MemTotal:' /proc/meminfo
  cd /sys/devices/system/memory || exit 0
  printf 'block=%s\n' "$(cat block_size_bytes)"
  for block in memory[0-9]*; do [ -e "$block" ] && echo "$block"; done | wc -l
)
columns=NAME,TYPE,SIZE,MODEL,VENDOR,SERIAL,ROTA,TRAN,RM
disks() { $limit lsblk --json -b -d -o $columns || $limit lsblk -P -b -d -o $columns; }
cards() (
  cd /sys/class/net || exit 1
  for card in *; do
    [ -e "$card/device" ] || continue
    bus=$(readlink "$card/device/subsystem"); [ -e "$card/phy80211" ] || [ -e "$card/wireless" ] && bus=wifi
    echo "$card" "$(cat "$card/address")" "$(cat "$card/addr_assign_type" || echo 0)" "${bus##*/}" \
      "$(cat "$card/bonding_slave/perm_hwaddr")"
  done
)
addresses() { $limit ip -j addr || $limit ip -o addr; }
neighbours() { $limit ip -j neigh || cat /proc/net/arp; }
uptime() { cat /proc/uptime; }

for name in kernel release place virt board tree firmware processor memory disks cards addresses neighbours uptime; do
  part "$name"
done
printf '\n=itops end end 0\n'
"""
PARTS = (
    *("kernel", "release", "place", "virt", "board", "tree", "firmware", "processor"),
    *("memory", "disks", "cards", "addresses", "neighbours", "uptime"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """What one part printed; `code` is None when it never came to its end."""

    text: str = ""
    code: int | None = None


NOTHING = Part()


def script(*, with_sudo: bool) -> bytes:
    """The script. `with_sudo`: try `sudo -n dmidecode` where the serial number is root's."""
    return f"sudo={'yes' if with_sudo else 'no'}\n{_SCRIPT}".encode()


def parts_of(output: bytes) -> tuple[Mapping[str, Part], bool]:
    """The parts by name, each cut to 256 KiB, and whether the script came to its end."""
    text = output[:MOST_OUTPUT].decode("utf-8", "replace")
    found: dict[str, Part] = {}
    begun: tuple[str, int] | None = None
    for mark in _MARK.finditer(text):
        word, name, code = mark.groups()
        if word == "end" and name == _LAST:
            return found, True
        if word == "begin" and name in PARTS:
            begun = (name, mark.end())
            found[name] = NOTHING
        elif begun is not None and begun[0] == name:
            found[name] = Part(text[begun[1] : mark.start()].strip("\r\n")[:MOST_PART], int(code or 0))
            begun = None
    return found, False
