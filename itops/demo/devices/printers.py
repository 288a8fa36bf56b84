"""Fictional printers: Printer-MIB (RFC 3805), Host Resources (RFC 2790), and what each maker adds."""

from collections.abc import Callable, Mapping

from itops.demo.devices.draft import Draft, counter, pointer, raw, text, whole

_PRINTER_TYPE = "1.3.6.1.2.1.25.3.1.5"
_DEVICES = "1.3.6.1.2.1.25.3.2.1"
_PRINTER = "1.3.6.1.2.1.43"
_SOME_LEFT, _UNKNOWN, _UNLIMITED = -3, -2, -1
_NOT_MEASURED = (_SOME_LEFT, _SOME_LEFT, _UNKNOWN)


def _put_printer(draft: Draft, supplies: tuple[str, ...], *, model: str | None = None) -> None:
    """What all printers have: the device table, pages, supplies; every third does not measure its supplies."""
    draft.put_interfaces(1, "eth{}", has_loopback=True)
    values = (whole(1), pointer(_PRINTER_TYPE), text(model or draft.model or ""), pointer("0.0"), whole(2), counter(0))
    draft.put_row(_DEVICES, 1, enumerate(values, 1))
    draft.put(f"{_PRINTER}.10.2.1.4.1.1", counter(draft.dice.randrange(900_000)))
    is_measuring = draft.dice.random() > 1 / 3
    for index, name in enumerate(supplies, 1):
        level = draft.dice.randrange(101) if is_measuring else draft.dice.choice(_NOT_MEASURED)
        most = 100 if is_measuring else draft.dice.choice((_UNKNOWN, 100))
        row = (whole(1), whole(0), whole(3), whole(3), text(name), whole(19), whole(most), whole(level))
        draft.put_row(f"{_PRINTER}.11.1.1", f"1.{index}", enumerate(row, 2))


def hp(draft: Draft) -> None:
    """HP: the serial a second time, behind two bytes; an IEEE 1284 text with the model."""
    model = draft.dice.choice(("LaserJet Pro M404dn", "LaserJet MFP M428fdw", "LaserJet P3015", "Color LaserJet M553"))
    draft.is_a("hp-printer", "printer", "HP", model, "ZH")
    version = draft.dice.randrange(1000, 9999)
    descr = f"HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI2405{version},CIDATE 05/20/2020"
    draft.put_system(descr, "1.3.6.1.4.1.11.2.3.9.1", "دبیرخانه")
    _put_printer(draft, ("Black Cartridge HP CF259A",), model=f"HP {model}")
    draft.put_serial(f"{_PRINTER}.5.1.1.17.1")
    ieee = f"MFG:HP;MDL:HP {model};CMD:PJL,PML,PCLXL;CLS:PRINTER;DES:HP {model};"
    draft.put("1.3.6.1.4.1.11.2.3.9.1.1.7.0", text(ieee))
    assert draft.serial is not None
    draft.put_serial("1.3.6.1.4.1.11.2.3.9.4.2.1.1.3.3.0", raw(b"\x01\x15" + draft.serial.encode()))


def hp_old(draft: Draft) -> None:
    """HP of long ago: the serial only in its description."""
    draft.is_a("hp-printer-old", "printer", "HP", "LaserJet 4250", "ZO")
    draft.put_system(f"HP LaserJet 4250;ROM 08.250.3;SN:{draft.serial};JETDIRECT", "1.3.6.1.4.1.11.2.3.9.1")
    _put_printer(draft, ("Black Cartridge",), model="HP LaserJet 4250")
    draft.traps.append("serial-in-description")


def brother(draft: Draft) -> None:
    """Brother: its toner says "some left" and no more."""
    model = draft.dice.choice(("HL-L6200DW", "MFC-L2710DW", "DCP-L5600DN"))
    draft.is_a("brother", "printer", "Brother", model, "ZB")
    draft.put_system(
        f"Brother NC-8700w, Firmware Ver.1.{draft.dice.randrange(40)}  (19.03.08)", "1.3.6.1.4.1.2435.2.3.9.1"
    )
    _put_printer(draft, ("Black Toner Cartridge", "Drum Unit"), model=f"Brother {model} series")
    draft.put(f"{_PRINTER}.11.1.1.8.1.1", whole(_UNKNOWN))
    draft.put(f"{_PRINTER}.11.1.1.9.1.1", whole(_SOME_LEFT))
    draft.put_serial("1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.1.0")


def kyocera(draft: Draft) -> None:
    """Kyocera: everything of its own below 1347.43."""
    model = draft.dice.choice(("ECOSYS M2040dn", "ECOSYS P3155dn", "TASKalfa 3253ci"))
    draft.is_a("kyocera", "printer", "Kyocera", model, "ZK")
    draft.put_system("KYOCERA Document Solutions Printing System", "1.3.6.1.4.1.1347.41")
    _put_printer(draft, ("TK-1170", "Waste Toner Box"))
    draft.put("1.3.6.1.4.1.1347.43.5.1.1.1.1", text(model))
    draft.put_serial("1.3.6.1.4.1.1347.43.5.1.1.28.1")
    draft.put("1.3.6.1.4.1.1347.43.5.4.1.5.1.1", text(f"2S0_2000.001.{draft.dice.randrange(100, 999)}"))


def canon(draft: Draft) -> None:
    """Canon: the serial where the standard has it, the model in its own tree."""
    model = draft.dice.choice(("LBP226", "MF443dw", "iR-ADV C3530"))
    draft.is_a("canon", "printer", "Canon", model, "ZC")
    draft.put_system(f"Canon {model} /P", "1.3.6.1.4.1.1602.4.7", "طبقه دوم")
    _put_printer(draft, ("Canon Cartridge 057",), model=f"Canon {model}")
    draft.put_serial(f"{_PRINTER}.5.1.1.17.1")
    draft.put("1.3.6.1.4.1.1602.1.1.1.1.0", text(model))
    draft.put("1.3.6.1.4.1.1602.1.1.1.4.0", text(f"{draft.dice.randrange(1, 30):02}.{draft.dice.randrange(99):02}"))


def ricoh(draft: Draft) -> None:
    """Ricoh and the makers that sell its machines."""
    model = draft.dice.choice(("MP C3004", "SP 3710DN", "Aficio MP 301"))
    draft.is_a("ricoh", "printer", "Ricoh", model, "ZR")
    draft.put_system(f"RICOH {model} 1.05 / RICOH Network Printer C model", "1.3.6.1.4.1.367.1.1")
    _put_printer(draft, ("black toner", "Waste Toner"), model=f"RICOH {model}")
    draft.put("1.3.6.1.4.1.367.3.2.1.1.1.1.0", text(model))
    draft.put("1.3.6.1.4.1.367.3.2.1.1.1.2.0", text("1.05"))
    draft.put_serial("1.3.6.1.4.1.367.3.2.1.2.1.4.0")


def samsung(draft: Draft) -> None:
    """Samsung: model and serial in the description, and nowhere else."""
    draft.is_a("samsung", "printer", "Samsung", "M382x", "ZS")
    description = f"Samsung M382x Series; V3.00.01.22 MAY-20-2016;Engine V1.00.05;NIC V6.01.02;S/N {draft.serial}"
    draft.put_system(description, "1.3.6.1.4.1.236.11.5.1")
    _put_printer(draft, (f"Black Toner S/N:CRUM-{draft.signs('0123456789', 11)}",), model="Samsung M382x Series")
    draft.traps += ["serial-in-description", "serial-of-a-supply"]


FAMILIES: Mapping[str, Callable[[Draft], None]] = {
    "hp-printer": hp,
    "hp-printer-old": hp_old,
    "brother": brother,
    "kyocera": kyocera,
    "canon": canon,
    "ricoh": ricoh,
    "samsung": samsung,
}
