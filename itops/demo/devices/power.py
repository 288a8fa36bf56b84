"""Fictional UPSes: UPS-MIB (RFC 1628), which knows neither a serial nor a battery's date, and what each maker adds."""

from collections.abc import Callable, Mapping

from itops.demo.devices.draft import Draft, gauge, text, ticks, whole

_UPS = "1.3.6.1.2.1.33.1"
_NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"
_NOT_KNOWN_MINUTES, _NOT_KNOWN_DEGREES = 65_535, -273
_MOST_MINUTES = 180


def _put_ups(draft: Draft, *, maker: str | None = None, model: str | None = None, name: str = "") -> None:
    """The whole standard MIB; every fifth does not know what it should measure, and says so in numbers."""
    dice = draft.dice
    knows = dice.random() > 1 / 5
    identity = (maker or draft.vendor or "", model or draft.model or "", "FW 1.23", "Agent 2.04", name, "")
    for number, content in enumerate(identity, 1):
        draft.put(f"{_UPS}.1.{number}.0", text(content))
    minutes = dice.randrange(1, _MOST_MINUTES) if knows else _NOT_KNOWN_MINUTES
    battery = (dice.choice((2, 2, 2, 3, 1)), 0, minutes, dice.randrange(5, 101), 2730, -1)
    for number, value in enumerate((*battery, dice.randrange(18, 45) if knows else _NOT_KNOWN_DEGREES), 1):
        draft.put(f"{_UPS}.2.{number}.0", whole(value))
    for number, value in enumerate((1, 2300, 40, 900, dice.randrange(100)), 1):
        draft.put(f"{_UPS}.4.4.1.{number}.1", whole(value))
    draft.put(f"{_UPS}.6.1.0", gauge(0))
    draft.put(f"{_UPS}.7.3.0", whole(dice.choice((1, 1, 2, 3, 4, 6))))


def _day(draft: Draft, years: range, *, is_short: bool = False) -> str:
    """A day as these devices write it: month, day, year of two or four digits."""
    year = draft.dice.choice(years)
    shown = f"{year % 100:02}" if is_short else str(year)
    return f"{draft.dice.randrange(1, 13):02}/{draft.dice.randrange(1, 29):02}/{shown}"


def apc(draft: Draft) -> None:
    """APC: serial with year and week; the recommended date may be long past while the flag says that all is fine."""
    dice = draft.dice
    model = dice.choice(("Smart-UPS 3000", "Smart-UPS 1500", "Smart-UPS RT 5000 RM XL", "Symmetra LX"))
    draft.is_a("apc", "ups", "APC", model, "ZZ")
    draft.serial = f"ZZ{dice.randrange(12, 26):02}{dice.randrange(1, 53):02}{draft.signs('0123456789', 6)}"
    draft.put_system(
        "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.8.2 PN:apc_hw05_aos_682.bin)", "1.3.6.1.4.1.318.1.3.27"
    )
    draft.put_interfaces(1, "veth{}")
    own = "1.3.6.1.4.1.318.1.1.1"
    draft.put(f"{own}.1.1.1.0", text(model))
    draft.put(f"{own}.1.2.1.0", text("UPS 09.8 / ID=18"))
    draft.put_serial(f"{own}.1.2.3.0")
    is_short = dice.random() < 1 / 2
    draft.put(f"{own}.2.1.3.0", text(_day(draft, range(2018, 2025), is_short=is_short)))
    draft.put(f"{own}.2.2.21.0", text(_day(draft, range(2019, 2030), is_short=not is_short)))
    draft.put(f"{own}.2.2.1.0", gauge(dice.randrange(5, 101)))
    draft.put(f"{own}.2.2.2.0", gauge(dice.randrange(18, 45)))
    draft.put(f"{own}.2.2.3.0", ticks(dice.randrange(60 * 100, 7200 * 100)))
    draft.put(f"{own}.2.2.4.0", whole(dice.choice((1, 1, 1, 2))))
    draft.put(f"{own}.4.2.3.0", gauge(dice.randrange(100)))
    draft.traps.append("two-ways-of-writing-days")
    if dice.random() < 2 / 3:
        _put_ups(draft, maker="American Power Conversion Corp.", model=model.upper())


def apc_pdu(draft: Draft) -> None:
    """An outlet strip of APC: no battery, and no UPS."""
    draft.is_a("apc-pdu", "other", "APC", "AP7921", "ZZ")
    draft.put_system(
        "APC Web/SNMP Management Card (MB:v3.9.2 PF:v3.7.3 PN:apc_hw02_aos_373.bin)", "1.3.6.1.4.1.318.1.3.4.5"
    )
    draft.put_interfaces(1, "veth{}")
    draft.put("1.3.6.1.4.1.318.1.1.12.1.5.0", text("AP7921"))
    draft.put_serial("1.3.6.1.4.1.318.1.1.12.1.6.0")


def mge(draft: Draft) -> None:
    """Eaton under its name of before: runtime in seconds."""
    dice = draft.dice
    draft.is_a("eaton-mge", "ups", "Eaton", "Evolution 1550", "ZE")
    draft.put_system("Eaton Network Management Card (HW:FC, SW:LF)", "1.3.6.1.4.1.705.1")
    draft.put_interfaces(1, "eth{}")
    own = "1.3.6.1.4.1.705.1"
    for number, content in ((1, "Evolution"), (2, "1550"), (4, "0131")):
        draft.put(f"{own}.1.{number}.0", text(content))
    draft.put_serial(f"{own}.1.7.0")
    draft.put(f"{own}.5.1.0", whole(dice.randrange(60, 7200)))
    draft.put(f"{own}.5.2.0", whole(dice.randrange(5, 101)))
    draft.put(f"{own}.5.11.0", whole(dice.choice((1, 2, 2, 2))))
    _put_ups(draft, maker="EATON", model="Evolution 1550")


def xups(draft: Draft) -> None:
    """Eaton's Powerware line: every second tells its serial only behind "ID:" in the name of the standard MIB."""
    draft.is_a("eaton-xups", "ups", "Eaton", "9PX 6000i", "ZX")
    draft.put_system("Eaton 9PX 6000i", "1.3.6.1.4.1.534.1")
    draft.put_interfaces(1, "eth{}")
    own = "1.3.6.1.4.1.534.1"
    for oid, content in ((f"{own}.1.1.0", "EATON"), (f"{own}.1.2.0", "Eaton 9PX 6000i"), (f"{own}.1.3.0", "01.17")):
        draft.put(oid, text(content))
    draft.put(f"{own}.2.1.0", whole(draft.dice.randrange(60, 7200)))
    draft.put(f"{own}.4.1.0", whole(draft.dice.randrange(100)))
    if draft.dice.random() < 1 / 2:
        draft.put_serial(f"{own}.1.6.0")
        _put_ups(draft, maker="EATON")
    else:
        _put_ups(draft, maker="EATON", name=f"ID: {draft.serial}, UPS of the server room")
        draft.traps.append("serial-in-name")


def cyberpower(draft: Draft) -> None:
    """CyberPower: APC's tree under another number."""
    dice = draft.dice
    draft.is_a("cyberpower", "ups", "CyberPower", "OL3000RTXL2U", "ZY")
    draft.put_system("CyberPower UPS Remote Management Card RMCARD205", "1.3.6.1.4.1.3808.1.1.1")
    draft.put_interfaces(1, "eth{}")
    own = "1.3.6.1.4.1.3808.1.1.1"
    draft.put(f"{own}.1.1.1.0", text("OL3000RTXL2U"))
    draft.put(f"{own}.1.2.1.0", text("1.05"))
    draft.put_serial(f"{own}.1.2.3.0")
    draft.put(f"{own}.2.1.3.0", text(_day(draft, range(2018, 2025))))
    draft.put(f"{own}.2.2.1.0", gauge(dice.randrange(5, 101)))
    draft.put(f"{own}.2.2.4.0", ticks(dice.randrange(60 * 100, 7200 * 100)))


def socomec(draft: Draft) -> None:
    """Socomec: a Linux card by its object identifier; a copy of the standard MIB with tenths of degrees."""
    dice = draft.dice
    draft.is_a("socomec", "ups", "Socomec", "NETYS RT 3300", "ZN")
    draft.put_system("Linux netvision 4.1.15 #1 armv7l", _NET_SNMP)
    draft.put_interfaces(1, "eth{}", has_loopback=True)
    own = "1.3.6.1.4.1.4555.1.1.7.1"
    draft.put(f"{own}.1.1.0", text("NETYS RT 3300"))
    draft.put_serial(f"{own}.1.2.0")
    draft.put(f"{own}.1.5.0", text("1.12"))
    draft.put(f"{own}.2.3.0", whole(dice.randrange(1, _MOST_MINUTES)))
    draft.put(f"{own}.2.4.0", whole(dice.randrange(5, 101)))
    draft.put(f"{own}.2.6.0", whole(dice.randrange(180, 450)))
    draft.traps.append("tenths-of-degrees")


def riello(draft: Draft) -> None:
    """Riello: the standard MIB, complete, and no serial anywhere."""
    draft.is_a("riello", "ups", "Riello", "Sentinel Dual 3300", "")
    draft.serial = None
    draft.put_system("NetMan 204 - Firmware 03.05", "1.3.6.1.4.1.5491.6")
    draft.put_interfaces(1, "eth{}")
    _put_ups(draft, maker="RPS SpA")
    draft.traps.append("no-serial")


def generex(draft: Draft) -> None:
    """A card of another maker: its object identifier is that of the MIB itself, and no maker is named."""
    draft.is_a("ups-card", "ups", None, None, "")
    draft.serial = None
    draft.put_system("CS141 SNMP/WEB Adapter", "1.3.6.1.2.1.33")
    draft.put_interfaces(1, "eth{}")
    _put_ups(draft, maker="", model="")
    draft.traps.append("no-maker")


FAMILIES: Mapping[str, Callable[[Draft], None]] = {
    "apc": apc,
    "apc-pdu": apc_pdu,
    "eaton-mge": mge,
    "eaton-xups": xups,
    "cyberpower": cyberpower,
    "socomec": socomec,
    "riello": riello,
    "ups-card": generex,
}
