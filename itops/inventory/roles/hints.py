"""What a VM betrays without anybody having declared it: its name, its guest, the product it was deployed from."""

from collections.abc import Iterable, Iterator

from itops.inventory.entities import Entity, Value
from itops.inventory.roles.evidence import NONE_OF_THESE, Evidence, EvidenceKind
from itops.inventory.roles.rules import RoleRules, traits
from itops.inventory.roles.words import folded
from itops.inventory.values import dig, items, text

_GUEST_VARIABLE = "guestinfo."
_GUEST_ROLE = "guestinfo.role"
_MOST_NOTES = 2_000


def hint_evidence(entity: Entity, rules: RoleRules) -> Iterator[Evidence]:
    """Everything the name, the guest and the product suggest."""
    named = tuple(rules.in_name(entity.name))
    for hit in named:
        yield _evidence(entity, hit.role, EvidenceKind.NAME, f'the name "{entity.name}" holds "{hit.pattern}"')
    for role, detail in (
        *_host_name(entity, rules),
        *_products(entity),
        *_extra_config(entity, rules),
        *_managed(entity),
    ):
        yield _evidence(entity, role, EvidenceKind.GUEST, detail)
    for role, detail in _systems(entity, (hit.role for hit in named)):
        yield _evidence(entity, role, EvidenceKind.GUEST, detail)


def property_at(entity: Entity, path: str, *, depth: int = 2) -> Value:
    """The value at `path`, also where the source kept a whole structure above it: config.managedBy + extensionKey."""
    whole = entity.get(path)
    steps = path.split(".")
    for cut in range(len(steps) - 1, max(len(steps) - 1 - depth, 0), -1):
        if whole is not None:
            break
        whole = dig(entity.get(".".join(steps[:cut])), *steps[cut:])
    return whole


def _evidence(entity: Entity, role: str, kind: EvidenceKind, detail: str) -> Evidence:
    return Evidence(role=role, kind=kind, detail=detail, source=entity.source, observed_at=entity.seen_at)


def _host_name(entity: Entity, rules: RoleRules) -> Iterator[tuple[str, str]]:
    """Only the host's own label: in web1.dc.example.ir the domain is no evidence."""
    host_name = text(entity.get("guest.hostName")) or ""
    for hit in rules.in_name(host_name.partition(".")[0]):
        yield hit.role, f'the guest calls itself "{host_name}", which holds "{hit.pattern}"'


def _products(entity: Entity) -> Iterator[tuple[str, str]]:
    for product in items(property_at(entity, "config.vAppConfig.product")):
        shown = " ".join(part for key in ("vendor", "name", "fullVersion") if (part := text(product.get(key))))
        for role in _roles_with(shown, "products"):
            yield role, f'it was deployed from the appliance "{shown}"'
    notes = (text(entity.get("config.annotation")) or "")[:_MOST_NOTES]
    first = notes.strip().partition("\n")[0]
    for role in _roles_with(first, "products") if _is_title(first) else ():
        yield role, f'the notes name the appliance "{first[:80]}"'


def _is_title(line: str) -> bool:
    """Appliances put their product's name there, a few words; people write sentences."""
    return 0 < len(line.split()) <= 6


def _roles_with(shown: str, trait: str) -> list[str]:
    wanted = f" {' '.join(folded(shown).casefold().split())} "
    return [role for role, found in traits().items() if any(f" {word} " in wanted for word in getattr(found, trait))]


def _extra_config(entity: Entity, rules: RoleRules) -> Iterator[tuple[str, str]]:
    """guestinfo keys. Only the key is ever shown: installers leave passwords in the values."""
    seen: set[str] = set()
    for option in items(entity.get("config.extraConfig")):
        key = (text(option.get("key")) or "").casefold()
        if not key.startswith(_GUEST_VARIABLE):  # a VM has a hundred other options
            continue
        if key == _GUEST_ROLE and (role := rules.typed(str(option.get("value")))) and role != NONE_OF_THESE:
            yield role, f'the guest variable "{key}" says "{role}"'
        for role, found in traits().items():
            if role not in seen and key.startswith(found.guestinfo):
                seen.add(role)
                yield role, f'there is a guest variable "{key}"'


def _managed(entity: Entity) -> Iterator[tuple[str, str]]:
    extension = text(property_at(entity, "config.managedBy.extensionKey"))
    for role, found in traits().items():
        if extension in found.managed:
            yield role, f'it is managed by "{extension}"'


def _systems(entity: Entity, suggested: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A guest system that fits what the name says. It is no evidence of its own: many appliances run Photon."""
    system = text(entity.get("guest.guestFullName")) or text(entity.get("config.guestFullName")) or ""
    for role in dict.fromkeys(suggested):
        found = traits().get(role)
        if found and any(word in system.casefold() for word in found.systems):
            yield role, f'the guest runs "{system}", as this product does'
