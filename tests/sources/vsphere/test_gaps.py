"""What an account may not read is told once, with what it needs."""

from itops.inventory.entities import Kind
from itops.sources.vsphere.collector import Holes
from itops.sources.vsphere.gaps import of_holes


def holes(*paths: str, managed: str = "VirtualMachine", fault: str = "NoPermission", count: int = 7) -> Holes:
    found = Holes()
    for path in paths:
        found.missing[(managed, path, fault, "System.Read")] = count
    return found


def test_a_few_denied_properties_are_a_gap_each() -> None:
    gaps = list(of_holes("vc01", "reader", holes("config.annotation", "guest.net")))
    assert [gap.subject for gap in gaps] == ["VirtualMachine config.annotation", "VirtualMachine guest.net"]
    assert all("System.Read" in gap.remedy and "7 VirtualMachine objects" in gap.problem for gap in gaps)
    assert all(gap.hides == frozenset() for gap in gaps)


def test_a_type_that_is_denied_as_a_whole_is_one_gap() -> None:
    (gap,) = of_holes("vc01", "reader", holes(*(f"config.p{number}" for number in range(80))))
    assert gap.code == "permission.missing"
    assert "and 75 more properties" in gap.problem


def test_a_denied_identity_hides_its_kind_alone_or_among_others() -> None:
    (alone,) = of_holes("vc01", "reader", holes("config.instanceUuid"))
    (among,) = of_holes("vc01", "reader", holes("config.instanceUuid", *(f"config.p{number}" for number in range(9))))
    assert alone.hides == among.hides == {Kind.VM}


def test_what_the_server_merely_does_not_give_needs_no_right() -> None:
    (gap,) = of_holes("vc01", "reader", holes("guest.net", fault="SystemError"))
    assert (gap.code, "Read-only" in gap.remedy) == ("property.unreadable", False)
