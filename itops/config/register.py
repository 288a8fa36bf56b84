"""The register of hardware, inventory.yaml: hand-kept, read strictly, every mistake at once. Nothing here writes it.

An id, an asset tag or a good serial that stands twice is refused with both lines. Scalars are the text typed: a serial
0123456 or 12E5 stays what it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from itops.config.mistakes import Mistake, did_you_mean, dotted, quoted, refuse
from itops.config.scalars import Count, Identifier
from itops.config.settings import Names
from itops.config.yaml import Document, Limits
from itops.config.yaml import load as load_yaml
from itops.dates import latin_digits

LIMITS = Limits(size_bytes=20_000_000, node_count=2_000_000)
_SHORTEST_SERIAL = 4
_JUNK = {"none", "null", "unknown", "default", "empty", "invalid", "notavailable", "notspecified", "systemserialnumber"}
_JUNK |= {"tobefilledbyo.e.m.", "noassettag", "defaultstring", "ندارد", "نامشخص"}


class AssetKind(StrEnum):
    """What sort of thing an asset is."""

    PHYSICAL_SERVER = "physical_server"
    VIRTUAL_SERVER = "virtual_server"
    COMPUTER = "computer"
    NETWORK = "network"
    STORAGE = "storage"
    PRINTER = "printer"
    SCANNER = "scanner"
    UPS = "ups"
    BATTERY = "battery"
    FIRE_SYSTEM = "fire_system"
    LINK = "link"
    PERIPHERAL = "peripheral"
    OTHER = "other"


class AssetStatus(StrEnum):
    """Where an asset is in its life."""

    IN_USE = "in_use"
    STORE = "store"
    REPAIR = "repair"
    LENT = "lent"
    RETIRED = "retired"
    DISPOSED = "disposed"


class NetworkSide(StrEnum):
    """Which of the office's two separate networks something belongs to."""

    INTERNET = "internet"
    INTRANET = "intranet"
    BOTH = "both"


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
    contractor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What only a communication link has."""

    provider: str
    circuit_id: str | None = None
    kind: str | None = None
    bandwidth_mbps: float | None = None
    monthly_cost: int | None = None
    contract_end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One entry of the register: what people know about a thing. What machines say is not kept here."""

    id: Identifier
    kind: AssetKind
    name: Names
    status: AssetStatus = AssetStatus.IN_USE
    asset_tag: str | None = None
    serial: str | None = None
    vendor: str | None = None
    model: str | None = None
    site: str
    location: str | None = None
    department: str | None = None
    assigned_to: str | None = None  # a post, not necessarily a person
    custody_date: date | None = None
    network: NetworkSide | None = None
    part_of: Identifier | None = None  # the id of the asset that it belongs to: a battery's UPS
    purchase: Purchase | None = None
    in_service: date | None = None
    warranty_end: date | None = None
    useful_life_years: float | None = None
    replace_on: date | None = None
    disposal: Disposal | None = None
    ups: Ups | None = None
    fire: Fire | None = None
    link: Link | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The whole register."""

    sites: Mapping[str, Names] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()


def load(path: Path) -> Register:
    """Read and judge inventory.yaml. Raises ConfigInvalid with every mistake."""
    document = load_yaml(path, LIMITS)
    mistakes: list[Mistake] = []
    register = _register(document, path.absolute().parent, mistakes)
    if mistakes or register is None:
        refuse(document.name, mistakes)
    return register


def _register(document: Document, folder: Path, mistakes: list[Mistake]) -> Register | None:
    from itops.config.building import build  # noqa: PLC0415  pydantic: only when there is something to judge

    register = build(Register, document.texts, document, (), folder, mistakes)
    if register is not None:
        mistakes += _repeated(register.assets, document, "id", lambda asset: asset.id)
        mistakes += _repeated(register.assets, document, "asset_tag", lambda asset: _compared(asset.asset_tag) or None)
        mistakes += _repeated(register.assets, document, "serial", _good_serial)
        mistakes += _dangling(register, document)
    return register


def _repeated(
    assets: Iterable[Asset], document: Document, key: str, identity: Callable[[Asset], str | None]
) -> Iterable[Mistake]:
    """An identity that two entries share; both lines are named."""
    first: dict[str, int] = {}
    for position, asset in enumerate(assets):
        place = ("assets", position, key)
        line, same = document.line(place), identity(asset)
        if same is None:
            continue
        if same in first:
            yield Mistake(line, dotted(place), f"{quoted(same)} stands on line {first[same]} already")
        first.setdefault(same, line)


def _good_serial(asset: Asset) -> str | None:
    """Vendor and serial, for the same number of two makers is no contradiction; None for what says nothing."""
    serial = _compared(asset.serial)
    is_junk = len(serial) < _SHORTEST_SERIAL or len(set(serial)) == 1 or serial.lower() in _JUNK
    return None if is_junk else f"{asset.vendor or ''} {serial}".strip().upper()


def _compared(text: str | None) -> str:
    """A tag or serial in the form in which two are compared."""
    return "".join(latin_digits(text or "").split()).upper()


def _dangling(register: Register, document: Document) -> Iterable[Mistake]:
    """References to a site or an asset that is not in the register."""
    ids = {asset.id for asset in register.assets}
    for position, asset in enumerate(register.assets):
        if asset.site not in register.sites:
            place = ("assets", position, "site")
            problem = f"there is no site {quoted(asset.site)}{did_you_mean(asset.site, register.sites)}"
            yield Mistake(document.line(place), dotted(place), problem)
        if asset.part_of is not None and asset.part_of not in ids:
            place = ("assets", position, "part_of")
            problem = f"there is no asset {quoted(asset.part_of)}{did_you_mean(asset.part_of, ids)}"
            yield Mistake(document.line(place), dotted(place), problem)
