"""The simulated headquarters of the demo: a folder that bundles are dropped into, and a key that signs receipts."""

from datetime import datetime
from pathlib import Path

from itops.bundles.keys import AllowedKey, PublicKey
from itops.delivery.hub import Hub, HubSettings
from itops.delivery.keys import KeyFolder

DROP = "headquarters/drop"
_KEEPS, _KEYS = "headquarters/keeps", "headquarters/keys"


class Headquarters:
    """Knows the office's public key, as if it had been read out by telephone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / DROP).mkdir(parents=True, exist_ok=True)
        self._key = KeyFolder(path=folder / _KEYS).current()

    @property
    def public_key(self) -> str:
        """As `delivery.headquarters` of itops.yaml wants it."""
        return self._key.public.text

    def collect(self, office: str, key: str, now: datetime) -> int:
        """Take in what lies in the drop and put receipts beside it; how many bundles were judged."""
        offices = (AllowedKey(signer=office, key=PublicKey.from_text(key)),)
        settings = HubSettings(
            folder=self._folder / _KEEPS, name="headquarters", private_key=self._key.private, offices=offices
        )
        return Hub(settings).collect(self._folder / DROP, now, office)
