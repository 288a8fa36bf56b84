"""What the controls need to know that no scan shows: the `backup.controls` section of itops.yaml.

Limits with a standard behind them have it in docs/reference/backup-controls.md. A day written here is somebody's word
that something was done on it; the evidence of a control says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

Distance: TypeAlias = Literal["building", "city", "province", "country"]
"""How far a site is from the office: in the same building, the same city, the same province, or farther."""
_DAY = timedelta(days=1)
_YEAR = 365 * _DAY


class Accounts(tuple[str, ...]):
    """One account or a list of them."""

    __slots__ = ()

    @classmethod
    def from_setting(cls, value: object, folder: Path) -> "Accounts":
        """`a` or `[a, b]`; raises ValueError."""
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name.strip() for name in names):
            raise ValueError("should be one account or a list: [a, b]")
        return cls(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSetting:
    """The office's written backup procedure."""

    path: Path
    reviewed: date | None = None  # when it was last gone through


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySetting:
    """A key or passphrase without which copies are worthless."""

    id: str  # what it is called; never the key itself
    escrow: str  # where it is kept for the day the office is gone
    opens: tuple[str, ...] = ()  # names of repositories
    tested: date | None = None  # when something was last restored with the key out of its escrow


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsSetting:
    """Who may do what, as the office has set it up."""

    makes: Accounts = field(default_factory=Accounts)  # write the copies
    deletes: Accounts = field(default_factory=Accounts)  # may delete them
    administers: Accounts = field(default_factory=Accounts)  # administer what is backed up


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSetting:
    """A site that `place.site` of a repository names, or a place of `custody.places`."""

    distance: Distance


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherSetting:
    """Who or what outside notices when itops falls silent."""

    name: str
    tested: date | None = None  # when silence was last tried and noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsPolicy:
    """Limits and documents. A limit is kept on the day or at the moment it names, and broken after."""

    restore_test_every: timedelta = _YEAR  # of each type of data
    sample_every: timedelta = 92 * _DAY  # of any object
    review_every: timedelta = _YEAR  # of documents, of access to shares, of the watcher
    key_test_every: timedelta = _YEAR
    clock_offset: timedelta = timedelta(minutes=5)
    handled_within: timedelta = timedelta(hours=72)  # from a failure that was told to a copy, or to an exemption
    run_every: timedelta = _DAY  # of itops itself; silent for twice as long is silent
    inventory_within: timedelta = 35 * _DAY  # an older list of VMs proves nothing
    generation_within: timedelta = 45 * _DAY  # the newest copy in three places, off-site, offline: a month and a grace
    keep_at_most: timedelta | None = None  # older copies should be gone; None: nobody decided
    copies: int = field(default=3, metadata={"range": (1, 10)})
    media: int = field(default=2, metadata={"range": (1, 5)})  # kinds of media among the copies
    with_original: bool = True  # the original is one of the `copies`, as 3-2-1 counts
    home: str = "office"  # the site where the originals are
    sites: Mapping[str, SiteSetting] = field(default_factory=dict)
    needs_encryption: bool = False
    access_reviewed: date | None = None  # when somebody looked who may read the places that itops cannot see into
    document: DocumentSetting | None = None
    keys: tuple[KeySetting, ...] = ()
    accounts: AccountsSetting = AccountsSetting()
    watcher: WatcherSetting | None = None
