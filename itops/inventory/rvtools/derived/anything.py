"""Derived columns that many sheets share."""

from itops.inventory.entities import Place, Value
from itops.inventory.rvtools.row import Row, joined_text, mib_of
from itops.inventory.values import dig, names, text


def ref(row: Row) -> Value:
    """The id the source itself gives: a moref such as vm-123."""
    return row.entity.ref


def server(row: Row) -> Value:
    """Host name or address that the session was opened to."""
    return text(row.entity.get(Place.SERVER)) or row.estate.servers.get(row.entity.source, (None, None))[0]


def server_uuid(row: Row) -> Value:
    """content.about.instanceUuid; a lone ESXi has none, and importers refuse a blank: its hardware UUID then."""
    known = text(row.entity.get(Place.SERVER_UUID)) or row.estate.servers.get(row.entity.source, (None, None))[1]
    hosts = row.estate.host_uuids.get(row.entity.source, ())
    return known or (hosts[0] if len(hosts) == 1 else None)


def about(row: Row, name: str) -> Value:
    """A field of content.about of the server that showed this entity."""
    return row.estate.about.get(row.entity.source, {}).get(name)


def sort_key(row: Row) -> Value:
    """RVTools' own text is unknown and no reader needs it; ours is the name with the device's key or path."""
    part = dig(row.item, "key") or dig(row.item, "diskPath") or dig(row.item, "path") or ""
    return f"{row.entity.name}{part}"


def mib(row: Row, path: str) -> Value:
    """Bytes as MiB."""
    return mib_of(row.number(path))


def mib_of_sum(row: Row, one: str, other: str) -> Value:
    """Two sizes together as MiB; None unless both are known."""
    first, second = row.number(one), row.number(other)
    return None if first is None or second is None else mib_of(first + second)


def mib_of_difference(row: Row, whole_path: str, part_path: str) -> Value:
    """A size without a part of it, as MiB."""
    everything, part = row.number(whole_path), row.number(part_path)
    return None if everything is None or part is None else mib_of(everything - part)


def percent(row: Row, part_path: str, whole_path: str) -> Value:
    """A part in whole percent; None of nothing."""
    part, everything = row.number(part_path), row.number(whole_path)
    return None if part is None or not everything else round(100 * part / everything)


def percent_text(row: Row, path: str) -> Value:
    """A percentage as the text RVTools writes: 0%."""
    value = row.number(path)
    return None if value is None else f"{value}%"


def quotient(row: Row, dividend_path: str, divisor_path: str) -> Value:
    """One count by another, whole."""
    dividend, divisor = row.number(dividend_path), row.number(divisor_path)
    return None if dividend is None or not divisor else int(dividend // divisor)


def joined(row: Row, path: str) -> Value:
    """The texts of a list in one cell."""
    return joined_text(names(row.get(path)))


def length(row: Row, path: str) -> Value:
    """How many entries a list has; None when the source did not list them."""
    value = row.get(path)
    return len(value) if isinstance(value, list) else None


def vm_count(row: Row) -> Value:
    """VMs and templates that a host, datastore or pool lists."""
    return length(row, "vm")


def running_vm_count(row: Row) -> Value:
    """Those of them that are powered on."""
    found = _listed_vms(row)
    return None if found is None else sum(runs for runs, _ in found)


def pool_vcpu_count(row: Row) -> Value:
    """Virtual CPUs of the VMs in a pool."""
    found = _listed_vms(row)
    return None if found is None else sum(cpus for _, cpus in found)


def _listed_vms(row: Row) -> list[tuple[bool, int]] | None:
    """The VMs that are listed here, as far as they were seen; None when none of them was."""
    listed = row.get("vm")
    if not isinstance(listed, list):
        return None
    found = row.estate.vms_of(row.entity, names(listed))
    return found if found or not listed else None


def pool_path(row: Row) -> Value:
    """The slash path of a pool: as its source resolved it, else through the parents as far as they are known."""
    if said := text(row.entity.get(Place.RESOURCE_POOL)):
        return said
    parts: list[str] = [row.entity.name]
    parent = text(row.entity.get("parent"))
    while parent and (found := row.estate.pools.get((row.entity.source, parent))) and len(parts) < 100:
        parts.append(found[0])
        parent = found[1]
    above = (text(row.entity.get(place)) for place in (Place.CLUSTER, Place.DATACENTER))
    parts += [part for part in above if part]
    return "/" + "/".join(reversed(parts))
