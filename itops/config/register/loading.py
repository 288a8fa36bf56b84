"""The register of hardware, inventory.yaml: hand-kept, read strictly, every mistake at once. Nothing here writes it.

An id, an asset tag or a good serial that stands twice is refused with both lines. Scalars are the text typed: a serial
0123456 or 12E5 stays what it is.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from itops.assets.records import Asset, Register
from itops.config.mistakes import Mistake, did_you_mean, dotted, quoted, refuse
from itops.config.yaml import Document, Limits
from itops.config.yaml import load as load_yaml
from itops.dates import latin_digits

LIMITS = Limits(size_bytes=20_000_000, node_count=2_000_000)
_SHORTEST_SERIAL = 4
_JUNK = {"none", "null", "unknown", "default", "empty", "invalid", "notavailable", "notspecified", "systemserialnumber"}
_JUNK |= {"tobefilledbyo.e.m.", "noassettag", "defaultstring", "ندارد", "نامشخص"}


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
