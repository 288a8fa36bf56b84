"""What machines print, by part; and an answer made of it."""

from datetime import UTC, datetime

from itops.sources.asking import Answer
from itops.sources.linux.describe import Asked, answer_of
from itops.sources.linux.script import PARTS, Part

NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)

LSCPU = """{"lscpu": [
  {"field": "Architecture:", "data": "x86_64", "children": [{"field": "CPU op-mode(s):", "data": "32-bit, 64-bit"}]},
  {"field": "CPU(s):", "data": "16"},
  {"field": "Vendor ID:", "data": "GenuineExample", "children": [
    {"field": "Model name:", "data": "Example Gold 4110", "children": [
      {"field": "Thread(s) per core:", "data": "1"},
      {"field": "Core(s) per socket:", "data": "8"},
      {"field": "Socket(s):", "data": "2"},
      {"field": "Flags:", "data": "fpu vme"}]}]}]}"""
LSBLK = """{"blockdevices": [
  {"name": "sdb", "type": "disk", "size": 4000787030016, "model": "WDC WD40", "vendor": "ATA     ",
   "serial": "WD-1", "rota": true, "tran": "sata", "rm": false},
  {"name": "nvme0n1", "type": "disk", "size": 512110190592, "model": "Example NVMe   ", "vendor": null,
   "serial": "S1 ", "rota": false, "tran": "nvme", "rm": false},
  {"name": "sdc", "type": "disk", "size": 32010928128, "model": "Stick", "serial": "U", "rota": true,
   "tran": "usb", "rm": true},
  {"name": "sdd", "type": "disk", "size": 1099511627776, "model": "LUN", "rota": true, "tran": "fc", "rm": false},
  {"name": "zram0", "type": "disk", "size": 1073741824, "rota": false, "tran": null, "rm": false},
  {"name": "sr0", "type": "rom", "size": 1073741312, "rota": true, "tran": "sata", "rm": true}]}"""
LSBLK_PAIRS = """NAME="sda" TYPE="disk" SIZE="500107862016" MODEL="OLD DISK 500  " VENDOR="ATA     " \
SERIAL="Z1" ROTA="1" TRAN="sata" RM="0"
NAME="sr0" TYPE="rom" SIZE="1073741312" MODEL="DVD" VENDOR="X" SERIAL="" ROTA="1" TRAN="ata" RM="1"
"""
CARDS = """eno1 00:25:90:aa:bb:01 0 pci 00:25:90:aa:bb:01
eno2 00:25:90:aa:bb:01 3 pci 00:25:90:aa:bb:02
wlp2s0 5c:51:4f:00:00:03 0 wifi
enx001 00:e0:4c:00:00:04 0 usb
"""
ADDRESSES = """[
 {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "scope": "host"}]},
 {"ifname": "eno1", "addr_info": []},
 {"ifname": "bond0", "addr_info": [{"family": "inet", "local": "10.1.0.5", "scope": "global"},
   {"family": "inet6", "local": "fe80::1", "scope": "link"},
   {"family": "inet6", "local": "2001:db8::5", "scope": "global"},
   {"family": "inet6", "local": "2001:db8::77", "scope": "global", "temporary": true}]},
 {"ifname": "veth1", "addr_info": []}]"""
ADDRESS_LINES = """1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.1.0.6/24 brd 10.1.0.255 scope global eth0\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fe80::2/64 scope link \\       valid_lft forever preferred_lft forever
3: eth0.5@eth0    inet 10.5.0.6/24 scope global eth0.5\\       valid_lft forever preferred_lft forever
"""
NEIGHBOURS = """[{"dst": "10.1.0.1", "dev": "bond0", "lladdr": "00:00:5e:00:01:0a", "state": ["REACHABLE"]},
 {"dst": "10.1.0.99", "dev": "bond0", "state": ["FAILED"]}]"""
ARP = """IP address       HW type     Flags       HW address            Mask     Device
10.1.0.1         0x1         0x2         00:00:5e:00:01:0a     *        eth0
10.1.0.7         0x1         0x0         00:00:00:00:00:00     *        eth0
"""
BOARD = """sys_vendor=Example Inc.
product_name=PowerBox R7
product_serial=7ABC123
product_uuid=4c4c4544-0035-4d10-8056-b4c04f4b4832
chassis_type=23
chassis_serial=CH9
chassis_asset_tag=INV-7
board_vendor=BoardCo
board_name=0X1
board_serial=.7ABC123.CN1.
bios_version=2.8.1
bios_date=06/26/2019
"""
DMIDECODE = """# dmidecode 3.4
Getting SMBIOS data from sysfs.
SMBIOS 3.2.0 present.

Handle 0x0000, DMI type 0, 26 bytes
BIOS Information
\tVendor: Example Inc.
\tVersion: 2.8.1
\tRelease Date: 06/26/2019
\tCharacteristics:
\t\tPCI is supported

Handle 0x0100, DMI type 1, 27 bytes
System Information
\tManufacturer: Example Inc.
\tProduct Name: PowerBox R7
\tVersion: Not Specified
\tSerial Number: 7ABC123
\tUUID: 4c4c4544-0035-4d10-8056-b4c04f4b4832

Handle 0x0200, DMI type 2, 8 bytes
Base Board Information
\tManufacturer: BoardCo
\tProduct Name: 0X1
\tSerial Number: .7ABC123.CN1.

Handle 0x0201, DMI type 2, 8 bytes
Base Board Information
\tManufacturer: RiserCo
\tSerial Number: RISER

Handle 0x0300, DMI type 3, 22 bytes
Chassis Information
\tManufacturer: Example Inc.
\tType: Rack Mount Chassis
\tSerial Number: CH9
\tAsset Tag: INV-7
"""
SERVER = {
    "kernel": "Linux\n6.1.0-56-amd64\nx86_64\nfile01",
    "release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\n',
    "place": 'CHASSIS=server\nLOCATION="Head office, rack 2"\n',
    "virt": "none",
    "board": BOARD,
    "tree": "",
    "firmware": "",
    "processor": LSCPU,
    "memory": "MemTotal:       65758208 kB\nblock=8000000\n512",
    "disks": LSBLK,
    "cards": CARDS,
    "addresses": ADDRESSES,
    "neighbours": NEIGHBOURS,
    "uptime": "86400.52 1000.00",
}


def answer(codes: dict[str, int | None] | None = None, *, is_whole: bool = True, **texts: str) -> Answer:
    """Of the server above, some parts said otherwise; `codes` other than 0."""
    said = {**SERVER, **texts}
    parts = {name: Part(said[name], (codes or {}).get(name, 0)) for name in PARTS}
    return answer_of(Asked(source="linux", address="10.1.0.5", site="county-1", at=NOW, parts=parts, is_whole=is_whole))
