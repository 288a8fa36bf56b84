"""The ids that itops proposes: the next free one of a kind, in the office's own way of writing them."""

import re
from collections import defaultdict
from collections.abc import Iterable

from itops.assets.records import Asset, AssetKind

_PREFIXES = {
    AssetKind.COMPUTER: "PC",
    AssetKind.NOTEBOOK: "NB",
    AssetKind.SERVER: "SRV",
    AssetKind.VIRTUAL_SERVER: "VM",
    AssetKind.NETWORK_DEVICE: "NET",
    AssetKind.STORAGE: "STO",
    AssetKind.PRINTER: "PRN",
    AssetKind.SCANNER: "SCN",
    AssetKind.UPS: "UPS",
    AssetKind.BATTERY: "BAT",
    AssetKind.FIRE_SYSTEM: "FIRE",
    AssetKind.LINK: "LINK",
    AssetKind.PERIPHERAL: "PER",
    AssetKind.OTHER: "OTH",
}
_NUMBERED = re.compile(r"([A-Za-z][A-Za-z-]*?)(-?)(\d{1,6})")
_DIGITS = 3


class Ids:
    """The next free ids, kind by kind, in the office's own way of writing them. A number is never given again."""

    def __init__(self, assets: Iterable[Asset], taken: Iterable[str] = ()) -> None:
        """`taken`: ids that are spoken for though no asset has them yet."""
        self._styles: dict[AssetKind, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
        self._highest: dict[str, int] = defaultdict(int)
        self._width: dict[str, int] = {}
        for asset in assets:
            style = self.take(asset.id)
            if style:
                self._styles[asset.kind][style] += 1
        for asset_id in taken:
            self.take(asset_id)

    def take(self, asset_id: str) -> tuple[str, str] | None:
        """Remember the number of an id; its letters and dash, None where it is not numbered."""
        found = _NUMBERED.fullmatch(asset_id)
        if not found:
            return None
        word, dash, number = found.groups()
        stem = (word + dash).casefold()
        self._highest[stem] = max(self._highest[stem], int(number))
        self._width[stem] = max(self._width.get(stem, 0), len(number))
        return word, dash

    def proposed(self, kind: AssetKind) -> str:
        """PC-131 after PC-130, whichever kinds share the letters."""
        styles = self._styles.get(kind)
        word, dash = max(styles, key=lambda style: (styles[style], style)) if styles else (_PREFIXES[kind], "-")
        stem = (word + dash).casefold()
        return f"{word}{dash}{self._highest[stem] + 1:0{self._width.get(stem, _DIGITS)}d}"

    def next(self, kind: AssetKind) -> str:
        """The same, and it is taken from now on."""
        asset_id = self.proposed(kind)
        self.take(asset_id)
        return asset_id
