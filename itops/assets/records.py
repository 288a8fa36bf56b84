"""One entry of the register: what people know about a thing. What machines say is not kept here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from itops.names import Count, Identifier, Names


class AssetKind(StrEnum):
    """What sort of thing an asset is."""

    COMPUTER = "computer"
    NOTEBOOK = "notebook"
    SERVER = "server"
    VIRTUAL_SERVER = "virtual_server"
    NETWORK_DEVICE = "network_device"
    STORAGE = "storage"
    PRINTER = "printer"
    SCANNER = "scanner"
    UPS = "ups"
    BATTERY = "battery"
    FIRE_SYSTEM = "fire_system"
    LINK = "link"
    PERIPHERAL = "peripheral"
    OTHER = "other"


_ON_A_NETWORK = frozenset(
    {
        AssetKind.COMPUTER,
        AssetKind.NOTEBOOK,
        AssetKind.SERVER,
        AssetKind.VIRTUAL_SERVER,
        AssetKind.NETWORK_DEVICE,
        AssetKind.STORAGE,
        AssetKind.PRINTER,
        AssetKind.UPS,
    }
)
"""Things that answer a scan. A scanner at a cable, a battery, a line do not; nobody should look for them."""


class AssetStatus(StrEnum):
    """Where an asset is in its life."""

    IN_USE = "in_use"
    STORE = "store"
    REPAIR = "repair"
    LENT = "lent"
    LOST = "lost"
    RETIRED = "retired"  # taken out of use, still there
    DISPOSED = "disposed"  # handed over, sold or destroyed

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is used any more."""
        return self in {AssetStatus.RETIRED, AssetStatus.DISPOSED}


class NetworkSide(StrEnum):
    """Which of the office's two separate networks something belongs to."""

    INTERNET = "internet"
    INTRANET = "intranet"
    BOTH = "both"


class PartKind(StrEnum):
    """A part of a computer that may carry a property number of its own."""

    CASE = "case"
    MONITOR = "monitor"
    DISK = "disk"
    MEMORY = "memory"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part with a property number, serial or seal of its own; it moves and retires with its asset."""

    kind: PartKind
    asset_tag: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    size: str | None = None  # as people write it: 512 GB
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """How an asset was bought; the price is a whole number of the currency."""

    date: date
    price: int | None = None
    currency: str = "IRR"
    supplier: str | None = None
    invoice: str | None = None
    order: str | None = None
    budget_line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Maintenance: when it was, when it is due, who does it."""

    last: date | None = None
    next: date | None = None
    contractor: str | None = None
    contract_end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetTest:
    """One test of an asset, of a fire system above all: what came out, and the paper that says so."""

    on: date
    by: str
    is_passed: bool
    document: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """How an asset left."""

    date: date
    minutes_no: str | None = None
    to: str | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batteries:
    """A set of batteries put into a UPS together."""

    installed: date
    count: Count
    type: str | None = None
    life_years: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ups:
    """What only a UPS has."""

    capacity_va: int | None = None
    batteries: tuple[Batteries, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """What only a fire alarm or suppression system has."""

    agent: str | None = None
    cylinders: Count | None = None
    pressure_check_due: date | None = None
    recharge_due: date | None = None
    test_due: date | None = None
    contractor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What only a communication link has. `shares`: how much of it each site gets, in Mbit/s."""

    provider: str
    circuit_id: str | None = None
    kind: str | None = None
    bandwidth_mbps: float | None = None
    monthly_cost: int | None = None
    contract_end: date | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VmLink:
    """Which virtual machine of the inventory a virtual server is; it is counted there or here, never twice."""

    uuid: str | None = None  # the VM's instance UUID
    name: str | None = None  # where no UUID is known; a name is a weak link, and `check` says so


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How a scan is to know this asset, said by hand; beats every rule."""

    ip: str | None = None
    mac: str | None = None
    serial: str | None = None
    uuid: str | None = None
    agent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One entry of the register."""

    id: Identifier
    kind: AssetKind
    name: Names
    status: AssetStatus = AssetStatus.IN_USE
    asset_tag: str | None = None  # the office's property number, digits kept as typed
    it_code: str | None = None  # IT's own number
    serial: str | None = None
    seal: str | None = None  # the number of the seal on a case
    vendor: str | None = None
    model: str | None = None
    host_name: str | None = None
    site: str
    location: str | None = None
    department: str | None = None
    assigned_to: str | None = None  # a post, not necessarily a person
    personnel_code: str | None = None
    custody_date: date | None = None
    network: NetworkSide | None = None
    part_of: Identifier | None = None  # the id of the asset that it belongs to: a battery's UPS, a keyboard's computer
    parts: tuple[Part, ...] = ()
    purchase: Purchase | None = None
    in_service: date | None = None
    warranty_end: date | None = None
    useful_life_years: float | None = None
    replace_on: date | None = None
    service: Service | None = None
    tests: tuple[AssetTest, ...] = ()
    disposal: Disposal | None = None
    ups: Ups | None = None
    fire: Fire | None = None
    link: Link | None = None
    vm: VmLink | None = None
    match: Match | None = None
    lock: tuple[str, ...] = ()  # shared fields that no scan shall ask about any more
    verified_on: date | None = None  # when somebody last stood before it
    note: str | None = None

    @property
    def should_answer(self) -> bool:
        """Whether a scan that looks where it stands ought to see it."""
        return self.status is AssetStatus.IN_USE and self.kind in _ON_A_NETWORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The whole register, its includes too. Assets stand in the order of the files."""

    sites: Mapping[str, Names] = field(default_factory=dict)
    include: tuple[str, ...] = ()  # patterns of further files with `assets:`, relative to this one
    assets: tuple[Asset, ...] = ()

    def get(self, asset_id: str) -> Asset | None:
        """The asset of that id."""
        return next((asset for asset in self.assets if asset.id == asset_id), None)
