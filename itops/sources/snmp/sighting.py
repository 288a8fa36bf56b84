"""All answers of one device as its sighting; a stack is several devices, and so several sightings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from itops.assets.records import AssetKind
from itops.assets.sightings import Readings, Sighting, Via
from itops.inventory.entities import EntityKey
from itops.sources.snmp.client import Answers
from itops.sources.snmp.makers import Maker, table
from itops.sources.snmp.questions import has_answered, maker_of
from itops.sources.snmp.readers import entity, host, interfaces, neighbours, printer, system, ups
from itops.sources.snmp.values import first_text, is_nothing, number, text

_PORTS_OF_A_SWITCH = 4  # a bridge with fewer is a computer that forwards to its virtual machines


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a sighting has that the device did not say."""

    source: str
    name: str  # the address as itops.yaml has it
    address: str  # the IP address that answered
    site: str | None
    seen_at: datetime
    is_partial: bool = False
    findings: tuple[str, ...] = ()


def sightings_of(answers: Answers, frame: Frame) -> tuple[Sighting, ...]:
    """The device, then the other members of its stack, which have only what ENTITY-MIB tells of them."""
    view = _View(answers)
    first = view.sighting(frame)
    return (first, *_members(view, first, frame))


def _members(view: "_View", first: Sighting, frame: Frame) -> tuple[Sighting, ...]:
    boxes = view.boxes
    if len(boxes) < 2:
        return ()
    others = [box for box in boxes if box.serial != first.serial]
    if len(others) == len(boxes):  # the maker's own OID spells the serial otherwise: then the first box is the device
        others = list(boxes[1:])
    return tuple(
        Sighting(
            source=frame.source,
            key=EntityKey(f"{frame.source}/{frame.name}/{box.serial}"),
            seen_at=frame.seen_at,
            via=first.via,
            site=frame.site,
            kind=first.kind,
            vendor=box.vendor or first.vendor,
            model=box.model or box.description,
            serial=box.serial,
            asset_tag=box.asset_tag,
            firmware=box.firmware or first.firmware,
            description=f"member {box.number} of the stack {first.host_name or frame.name}",
            contact_place=first.contact_place,
            is_partial=frame.is_partial,
        )
        for box in others
    )


class _View:
    """The answers of one device, and what several fields need of them."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.maker: Maker | None = maker_of(answers)
        self.object_id = system.object_id(answers)
        self.description = text(answers.get(system.DESCRIPTION))
        self.is_ups = ups.is_ups(answers, self.maker)
        self.is_printer = not self.is_ups and printer.is_printer(answers)
        self.is_bmc = self.maker is not None and self.object_id.startswith(self.maker.bmc or ("none",))
        uses_entity = self.maker is None or self.maker.entity
        self.boxes = entity.chassis(answers) if uses_entity else ()
        self.box = self.boxes[0] if self.boxes else None
        self.said = _matches(self.maker, self.description)
        own = self.maker.ieee1284 if self.maker else None
        self.cable = printer.ieee1284(text(answers.get(own or "")))

    def sighting(self, frame: Frame) -> Sighting:
        """The device as one."""
        cards = interfaces.cards(self.answers, is_bmc=self.is_bmc)
        own = frozenset(card.mac for card in cards if card.mac)
        replaced_on, due_on = ups.battery_days(self.answers, self.maker)
        is_computer = not (self.is_ups or self.is_printer or self.is_bmc)
        os, os_version = self._system() if is_computer else (None, None)
        found = Sighting(
            source=frame.source,
            key=EntityKey(f"{frame.source}/{frame.name}"),
            seen_at=frame.seen_at,
            via=Via.SNMP_VENDOR if self.maker and has_answered(self.answers, self.maker) else Via.SNMP,
            address=frame.address,
            host_name=system.host_name(self.answers),
            site=frame.site,
            kind=self._kind(),
            vendor=self._vendor(),
            model=self._model(),
            serial=self._serial(),
            asset_tag=self.box.asset_tag if self.box else None,
            cards=cards,
            description=self.description,
            contact_place=system.place(self.answers),
            os=os,
            os_version=os_version,
            firmware=self._firmware(),
            battery_replaced_on=replaced_on,
            battery_due_on=due_on,
            findings=frame.findings,
            is_partial=frame.is_partial,
            readings=self._readings(own),
        )
        if not is_computer:
            return found
        return replace(found, cpu=host.processor(self.answers), memory_bytes=host.memory_bytes(self.answers))

    def _readings(self, own: frozenset[str]) -> Readings:
        return Readings(
            uptime_seconds=system.uptime_seconds(self.answers),
            page_count=printer.page_count(self.answers) if self.is_printer else None,
            supplies=printer.supplies(self.answers) if self.is_printer else (),
            ups=ups.reading(self.answers, self.maker) if self.is_ups else None,
            neighbours=neighbours.neighbours(self.answers, own),
        )

    def _kind(self) -> str | None:
        """Only where the device leaves no doubt: what it answers counts more than what it calls itself."""
        if self.is_ups:
            return AssetKind.UPS.value
        if self.is_printer:
            return AssetKind.PRINTER.value
        if self.maker and self.maker.kind:
            return self.maker.kind
        ports = number(self.answers.get(neighbours.BRIDGE_PORT_COUNT)) or 0
        return AssetKind.NETWORK_DEVICE.value if ports >= _PORTS_OF_A_SWITCH else None

    def _vendor(self) -> str | None:
        if self.maker and not self.maker.is_hypervisor:
            return self.maker.vendor
        told = (
            table().vendor(self.object_id),
            first_text(self.answers, ups.VENDOR),
            self.box.vendor if self.box else None,
            self.cable.get("vendor"),
        )
        return _best(*told)

    def _model(self) -> str | None:
        box = self.box
        return _best(
            self._own_model(),
            text(self.answers.get(ups.MODEL)) if self.is_ups else None,
            self.cable.get("model"),
            text(self.answers.get(host.FIRST_DEVICE)) if self.is_printer else None,
            box.model if box else None,
            self.said.get("model"),
            text(self.answers.get(printer.NAME)) if self.is_printer else None,
            box.description if box else None,
        )

    def _own_model(self) -> str | None:
        oids = self.maker.model if self.maker else ()
        if self.maker and self.maker.is_model_joined:
            return " ".join(said for oid in oids if (said := text(self.answers.get(oid)))) or None
        return first_text(self.answers, *oids)

    def _serial(self) -> str | None:
        return _best(
            first_text(self.answers, *(self.maker.serial if self.maker else ())),
            text(self.answers.get(printer.SERIAL)),
            self.box.serial if self.box else None,
            ups.serial_in_name(self.answers) if self.is_ups else None,
            self.said.get("serial"),
            printer.serial_in(self.description) if self.is_printer else None,
            self.cable.get("serial"),
        )

    def _firmware(self) -> str | None:
        return _best(
            first_text(self.answers, *(self.maker.firmware if self.maker else ())),
            text(self.answers.get(ups.FIRMWARE)) if self.is_ups else None,
            self.said.get("firmware"),
            self.box.firmware if self.box else None,
        )

    def _system(self) -> tuple[str | None, str | None]:
        own = self.maker
        if own and own.os and (name := first_text(self.answers, *own.os)):
            versions = (text(self.answers.get(oid)) for oid in own.os_version)
            return name, " build ".join(version for version in versions if version) or None
        return system.operating_system(self.answers)


def _matches(maker: Maker | None, description: str | None) -> Mapping[str, str]:
    """What a maker's patterns find in sysDescr."""
    found: dict[str, str] = {}
    for pattern in maker.patterns if maker else ():
        match = pattern.search(description or "")
        if match:
            found.update({name: said.strip() for name, said in match.groupdict().items() if said})
    return found


def _best(*told: str | None) -> str | None:
    """The first that says something; else the first of all, for then that is what the device says."""
    said = [each for each in told if each]
    return next((each for each in said if not is_nothing(each)), said[0] if said else None)
