"""A simulation of a management controller: a tree of resources of our own making behind sessions and passwords."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.tls_server import Reply, TlsServer

Node = dict[str, Any]
USER, PASSWORD = "itops-ro", "correct horse"
SESSIONS = "/redfish/v1/SessionService/Sessions"


def link(path: str) -> Node:
    return {"@odata.id": path}


def collection(path: str, *names: str) -> Node:
    return {**link(path), "Members": [link(f"{path}/{name}") for name in names], "Members@odata.count": len(names)}


def nic(mac: str | None, permanent: str | None = None, **more: Any) -> Node:
    return {"MACAddress": mac, "PermanentMACAddress": permanent, "IPv4Addresses": [], **more}


@dataclass
class Tree:
    """The resources, by path. `add` links a resource into its collection."""

    nodes: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes["/redfish/v1/"] = {
            "RedfishVersion": "1.15.0",
            "Systems": link("/redfish/v1/Systems"),
            "Chassis": link("/redfish/v1/Chassis"),
            "Managers": link("/redfish/v1/Managers"),
            "Links": {"Sessions": link(SESSIONS)},
        }
        for name in ("Systems", "Chassis", "Managers"):
            self.nodes[f"/redfish/v1/{name}"] = collection(f"/redfish/v1/{name}")

    def add(self, within: str, name: str, node: Node) -> str:
        path = f"{within}/{name}"
        held = self.nodes.setdefault(within, collection(within))
        held["Members"] = [*held["Members"], link(path)]
        self.nodes[path] = {**link(path), "Id": name, **node}
        return path

    def system(self, name: str = "1", *, chassis: str | None = None, manager: str | None = None, **node: Any) -> str:
        path = f"/redfish/v1/Systems/{name}"
        links: Node = {"ManagedBy": [link(manager)] if manager else []}
        links |= {"Chassis": [link(chassis)]} if chassis else {}
        interfaces = link(f"{path}/EthernetInterfaces")
        return self.add("/redfish/v1/Systems", name, {"EthernetInterfaces": interfaces, "Links": links, **node})

    def manager(self, name: str = "1", **node: Any) -> str:
        interfaces = link(f"/redfish/v1/Managers/{name}/EthernetInterfaces")
        return self.add("/redfish/v1/Managers", name, {"EthernetInterfaces": interfaces, **node})

    def chassis(self, name: str = "1", **node: Any) -> str:
        return self.add("/redfish/v1/Chassis", name, node)

    def nic(self, owner: str, name: str, node: Node) -> None:
        self.add(f"{owner}/EthernetInterfaces", name, node)


def rack_server() -> Tree:
    """One node, all there is to know of it."""
    tree = Tree()
    chassis = tree.chassis("1", ChassisType="RackMount", SerialNumber="CH-1", AssetTag="T-100")
    system = tree.system(
        "1",
        chassis=chassis,
        SystemType="Physical",
        Manufacturer=" Contoso ",
        Model="R100 Gen2",
        SerialNumber="SRV0001",
        UUID="38947555-7742-3448-3784-823347823834",
        AssetTag="",
        HostName="db01",
        BiosVersion="U30 v2.12 (07/22/2019)",
        ProcessorSummary={"Count": 2, "Model": "Example CPU 4", "CoreCount": 20},
        MemorySummary={"TotalSystemMemoryGiB": 64},
    )
    tree.nic(system, "1", nic("02:44:6a:3b:04:11", "12:44:6A:3B:04:11", IPv4Addresses=[{"Address": "10.1.0.5"}]))
    tree.nic(system, "VLAN7", nic("12:44:6A:3B:04:11", "12:44:6A:3B:04:11", EthernetInterfaceType="Virtual"))
    tree.nic(
        system,
        "ToManager",
        nic("AA:BB:CC:DD:EE:FE", "AA:BB:CC:DD:EE:FE", Links={"HostInterface": link("/redfish/v1/x")}),
    )
    manager = tree.manager("1", Model="BMC 5", FirmwareVersion="2.55")
    tree.nic(manager, "eth0", nic("23:11:8A:33:CF:EA", "23:11:8A:33:CF:EA"))
    tree.nic(manager, "usb0", nic("0a:00:00:00:00:01", "0a:00:00:00:00:01"))
    return tree


def twin() -> Tree:
    """Two nodes of one chassis under one serial."""
    tree = Tree()
    for number in (1, 2):
        chassis = tree.chassis(
            f"Sled{number}",
            ChassisType="Sled",
            Location={"PartLocation": {"LocationType": "Slot", "LocationOrdinalValue": number}},
        )
        system = tree.system(f"Node{number}", chassis=chassis, Manufacturer="Contoso", SerialNumber="TWIN77")
        tree.nic(system, "1", nic(f"12:44:6A:00:00:0{number}"))
    return tree


@dataclass
class Controller:
    """Answers as a controller does; `sessions` are those that are open."""

    tree: Tree
    has_sessions: bool = True
    wrong_login: Reply = field(default_factory=lambda: Reply(401, [], b"{}"))
    replies: dict[str, Callable[[], Reply]] = field(default_factory=dict)  # by path: instead of the resource
    sessions: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply:
        self.asked.append((method, path))
        if path in self.replies:
            return self.replies[path]()
        if path == "/redfish/v1/":
            return told(self.tree.nodes[path])
        if method == "POST" and path == SESSIONS:
            return self._login(json.loads(body))
        if not self._is_let_in(headers):
            return Reply(401, [], b"{}")
        if method == "DELETE":
            self.sessions.discard(path)
            return Reply(204, [], b"")
        return told(self.tree.nodes[path]) if path in self.tree.nodes else Reply(404, [], b"{}")

    def _login(self, given: Node) -> Reply:
        if not self.has_sessions:
            return Reply(405, [], b"{}")
        if given != {"UserName": USER, "Password": PASSWORD}:
            return self.wrong_login
        place = f"{SESSIONS}/{len(self.asked)}"
        self.sessions.add(place)
        return Reply(201, [("X-Auth-Token", place), ("Location", place)], b"{}")

    def _is_let_in(self, headers: dict[str, str]) -> bool:
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return headers.get("x-auth-token") in self.sessions or headers.get("authorization") == basic


def told(node: Any) -> Reply:
    return Reply(200, [("Content-Type", "application/json")], json.dumps(node).encode())


def serving(controller: Controller, address: str = "127.0.0.1") -> TlsServer:
    """Over TLS; a head and a body in one packet, or each answer takes 40 ms."""
    server = TlsServer(address, controller.answer)
    server.RequestHandlerClass = type("Whole", (server.RequestHandlerClass,), {"wbufsize": -1})
    return server
