"""What of an inventory is kept: this list, and nothing else.

By default an agent tells every environment variable, process, user and installed programme of a computer, licence keys
and the name of who logged in last among them. What is not listed here is dropped while it is being read, from files as
from the network; a section that an agent of next year invents is dropped, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from itops.text import plain

Item = Mapping[str, str]
"""One entry of a section: field -> text."""
Sections = Mapping[str, tuple[Item, ...]]

KEPT: Mapping[str, frozenset[str]] = {
    name: frozenset(fields.split())
    for name, fields in {
        "accesslog": "logdate",
        "bios": "assettag bdate bversion mmanufacturer mmodel msn smanufacturer smodel ssn",
        "cartridges": "tonerblack tonercyan tonermagenta toneryellow drumblack drumcyan drummagenta drumyellow "
        "cartridgeblack cartridgecyan cartridgemagenta cartridgeyellow maintenancekit wastetoner",
        "cpus": "name core corecount",
        "hardware": "chassis_type memory name osname osversion uuid vmsystem",
        "memories": "capacity",
        "monitors": "caption manufacturer name serial",
        "network_device": "description firmware ips location mac manufacturer model name serial type",
        "networks": "description driver ipaddress ipaddress6 ipgateway mac macaddr management pnpdeviceid status type "
        "virtualdev",
        "operatingsystem": "full_name kernel_version name timezone.offset version",
        "pagecounters": "total",
        "storages": "description disksize interface manufacturer model name serial serialnumber type",
    }.items()
}
SINGLE = frozenset({"accesslog", "bios", "hardware", "network_device", "operatingsystem", "pagecounters"})
"""Sections that stand once in an inventory; the others are lists."""
PRIVATE: Mapping[str, str] = {
    "envs": "environment variables",
    "processes": "processes",
    "local_users": "local users",
    "local_groups": "local groups",
    "users": "who is logged in",
    "licenseinfos": "licence keys",
    "registry": "registry values",
}
"""Sections that should not leave a computer at all: that they came is told, what was in them is not even read."""
_MOST_ITEMS = 400  # of one section
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one agent told of one device, and nothing that is not kept."""

    device_id: str  # host name and the time of the first run: new after a new installation
    agent_id: str | None = None  # the agent's own UUID, where it sent one
    item_type: str | None = None
    is_partial: bool = False
    received_at: datetime | None = None  # aware, UTC, by the clock of the receiver
    sections: Sections = field(default_factory=dict)
    private: frozenset[str] = frozenset()  # names of private sections that were dropped

    @property
    def id(self) -> str:
        """Whose inventory it is, as far as the agent says."""
        return self.agent_id or self.device_id

    def single(self, section: str) -> Item:
        """A section that stands once; empty where it is missing."""
        held = self.sections.get(section, ())
        return held[0] if held else {}

    def hardware_id(self) -> tuple[str, ...]:
        """UUID and serials of box and board, as compared when two inventories say they are of one agent."""
        bios = self.single("bios")
        told = (self.single("hardware").get("uuid", ""), bios.get("ssn", ""), bios.get("msn", ""))
        return tuple(one.casefold() for one in told)

    def is_of_other_hardware(self, other: "Inventory") -> bool:
        """Whether both tell a UUID or serial, and not the same one: a cloned disk, or a new board."""
        return any(
            mine and theirs and mine != theirs
            for mine, theirs in zip(self.hardware_id(), other.hardware_id(), strict=True)
        )


@dataclass(slots=True)
class Draft:
    """Gathers what is kept while an inventory is read."""

    sections: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)

    def begin(self, section: str) -> dict[str, str] | None:
        """A new entry to fill; None where the section is not kept, or has more entries than any device."""
        if section in PRIVATE:
            self.private.add(section)
        if section not in KEPT:
            return None
        items = self.sections.setdefault(section, [])
        if section in SINGLE and items:
            return items[0]
        if len(items) >= _MOST_ITEMS:
            return None
        items.append({})
        return items[-1]

    def done(self) -> Sections:
        """What was gathered, without empty entries."""
        filled = {name: tuple(item for item in items if item) for name, items in self.sections.items()}
        return {name: items for name, items in filled.items() if items}


def clean(told: str) -> str:
    """Without padding, control characters and halves of characters; cut at 300."""
    return plain(told[: 4 * _LONGEST].encode("utf-8", "ignore").decode("utf-8")).strip()[:_LONGEST]


def overlaid(base: Inventory, partial: Inventory) -> Inventory:
    """`base` with what a partial inventory carries: it updates its own sections and clears nothing."""
    sections = dict(base.sections)
    for name, items in partial.sections.items():
        before = sections.get(name, ())
        sections[name] = ({**before[0], **items[0]},) if name in SINGLE and before else items
    return replace(
        base,
        sections=sections,
        received_at=partial.received_at or base.received_at,
        private=base.private | partial.private,
    )
