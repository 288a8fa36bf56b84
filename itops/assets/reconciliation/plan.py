"""The plan of a scan, as a value that can be printed, kept in a file and compared; codes and numbers, no prose.

Every item has an `id` that is the same in the next scan (`PC-014.serial`), a `code`, and knows its `edits`: what to
change in the register when a person accepts it. `itops.documents` writes and reads all of it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import ClassVar, Protocol

from itops.assets.edits import AddAsset, Edit, SetField, SetList
from itops.assets.sightings import Via
from itops.documents import to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Who said it, when, and where it answered."""

    source: str
    via: Via
    seen_at: datetime  # aware, UTC
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDevice:
    """A device in a few words."""

    key: str
    addresses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kind: str | None = None
    host_name: str | None = None
    site: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    macs: tuple[str, ...] = ()


class Item(Protocol):
    """What every item of a plan has."""

    @property
    def id(self) -> str:
        """Of no other item; typed after `itops assets accept`."""
        ...

    @property
    def code(self) -> str:
        """Stable; the words for it live in the reports."""
        ...

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What accepting it changes in the register; empty where there is nothing to accept."""
        ...


class _OnlyTold:
    """An item that there is nothing to accept of: people decide what it means."""

    __slots__ = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        """None."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """A device that the register does not know."""

    code: ClassVar[str] = "scan.new"
    id: str
    asset_id: str  # the next free one of its kind
    fields: Mapping[str, str]  # as edits.AddAsset takes them
    missing: tuple[str, ...] = ()  # required fields that nobody told: `site`
    device: SeenDevice
    evidence: Evidence

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The new entry; none while a required field is missing."""
        return () if self.missing else (AddAsset(asset_id=self.asset_id, fields=self.fields),)

    def completed(self, told: Mapping[str, str]) -> "NewAsset":
        """With the fields that a person adds."""
        return NewAsset(
            id=self.id,
            asset_id=self.asset_id,
            fields={**self.fields, **told},
            missing=tuple(name for name in self.missing if name not in told),
            device=self.device,
            evidence=self.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A field that is empty in the register and that a device tells."""

    code: ClassVar[str] = "scan.proposal"
    id: str
    asset_id: str
    field: str
    value: str
    evidence: Evidence

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The field filled."""
        return (SetField(asset_id=self.asset_id, field=self.field, value=self.value),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field of which register and device say different things; the register stands."""

    code: ClassVar[str] = "scan.conflict"
    id: str
    asset_id: str
    field: str
    register_value: str
    seen_value: str
    evidence: Evidence
    locked: tuple[str, ...] = ()  # what `lock` of the asset holds already

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The device is right."""
        return (SetField(asset_id=self.asset_id, field=self.field, value=self.seen_value),)

    @property
    def lock_edits(self) -> tuple[Edit, ...]:
        """The register is right, and no scan shall ask again."""
        return (SetList(asset_id=self.asset_id, field="lock", values=(*self.locked, self.field)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSeen(_OnlyTold):
    """An asset in use that no collector saw of late; its entry stays as it is.

    code: scan.not-seen (others were), scan.not-looked (its collectors have seen nothing for as long),
    scan.never-seen (things of its kind are seen at its site), scan.not-covered (nothing looks for it).
    """

    id: str
    code: str
    asset_id: str
    days: int | None = None  # since it was last recognised
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Another device under an asset's name, tag or MAC: a new board in the old case, or a new device."""

    code: ClassVar[str] = "scan.replacement"
    id: str
    asset_id: str
    rule: str  # what they share: tag, host-name, mac
    field: str  # what differs: serial, or match.uuid, match.mac where there is no serial
    register_value: str | None
    seen_value: str | None
    device: SeenDevice
    evidence: Evidence
    as_new: NewAsset | None = None  # accept this instead when it is another device

    @property
    def edits(self) -> tuple[Edit, ...]:
        """It is the old asset with a new serial."""
        if self.seen_value is None:
            return ()
        return (SetField(asset_id=self.asset_id, field=self.field, value=self.seen_value),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """An asset that answered at another site than the register says."""

    code: ClassVar[str] = "scan.elsewhere"
    id: str
    asset_id: str
    register_site: str
    seen_site: str
    evidence: Evidence

    @property
    def edits(self) -> tuple[Edit, ...]:
        """It moved."""
        return (SetField(asset_id=self.asset_id, field="site", value=self.seen_site),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenant(_OnlyTold):
    """An asset that was retired, disposed of or lost, and answered: an alarm; its status is for people to change."""

    code: ClassVar[str] = "scan.revenant"
    id: str
    asset_id: str
    status: str
    device: SeenDevice
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity(_OnlyTold):
    """One device that may be several entries, or several devices that may be one: listed, not decided."""

    code: ClassVar[str] = "scan.ambiguous"
    id: str
    asset_ids: tuple[str, ...]
    devices: tuple[SeenDevice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedMatch:
    """A device that may be an entry, by something that is no proof."""

    code: ClassVar[str] = "scan.suggestion"
    id: str
    asset_id: str
    rule: str  # host-name, address, serial-of-another-maker, serial-of-another-kind
    pin: Mapping[str, str]  # what of the device tells it apart, as fields of the entry
    device: SeenDevice
    evidence: Evidence
    as_new: NewAsset | None = None

    @property
    def edits(self) -> tuple[Edit, ...]:
        """It is that entry: the next scan knows it by the pin."""
        return tuple(SetField(asset_id=self.asset_id, field=name, value=value) for name, value in self.pin.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedJunk(_OnlyTold):
    """A "serial" or UUID that several devices have at once. It belongs into `assets.junk_serials` of itops.yaml."""

    code: ClassVar[str] = "scan.junk-learned"
    id: str
    value: str
    devices: tuple[SeenDevice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFinding(_OnlyTold):
    """What a collector noticed while asking; the code is the collector's."""

    id: str
    code: str
    device: SeenDevice
    evidence: Evidence
    asset_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unidentified(_OnlyTold):
    """Something answers and tells nothing by which it would be known again."""

    code: ClassVar[str] = "scan.unidentified"
    id: str
    device: SeenDevice
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPlan:
    """All of it, each list by id."""

    made_at: datetime
    revenants: tuple[Revenant, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    ambiguous: tuple[Ambiguity, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    not_seen: tuple[NotSeen, ...] = ()
    new: tuple[NewAsset, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    suggestions: tuple[SuggestedMatch, ...] = ()
    learned_junk: tuple[LearnedJunk, ...] = ()
    findings: tuple[DeviceFinding, ...] = ()
    unidentified: tuple[Unidentified, ...] = ()
    silenced: tuple[str, ...] = field(default=())  # ids that a lock keeps quiet
    unchanged: int = 0  # assets that were recognised and of which there is nothing to say

    def items(self) -> Iterator[Item]:
        """Every item, what matters most first."""
        for spec in fields(self):
            held = getattr(self, spec.name)
            if isinstance(held, tuple) and spec.name != "silenced":
                yield from held

    def item(self, item_id: str) -> Item | None:
        """The item of that id; also `new.` of a device that was taken for another's replacement."""
        return next((item for item in self._acceptable() if item.id == item_id), None)

    def edits_of(self, item_ids: Iterable[str]) -> tuple[Edit, ...]:
        """What accepting these items changes, in the order of the plan; the caller has looked each of them up."""
        wanted = set(item_ids)
        chosen = {item.id: item for item in self._acceptable() if item.id in wanted}
        assert len(chosen) == len(wanted), wanted - set(chosen)
        return tuple(edit for item in chosen.values() for edit in item.edits)

    @property
    def digest(self) -> str:
        """SHA-256 of what would be changed, and why: the same for plans that do the same, whenever they were made."""
        told = [
            [item.id, item.code, [[type(edit).__name__, to_plain(edit)] for edit in item.edits]]
            for item in self._acceptable()
        ]
        document = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(document.encode()).hexdigest()

    def _acceptable(self) -> Iterator[Item]:
        yield from self.items()
        yield from (doubt.as_new for doubt in self.replacements if doubt.as_new)
        yield from (doubt.as_new for doubt in self.suggestions if doubt.as_new)
