"""Reading a big vCenter's answer: our readers against pyVmomi's deserialiser, on the same bytes."""

from collections.abc import Iterator

from pyVmomi import SoapAdapter, vmodl

from bench.measure import Result, best_cpu
from bench.office import crowd
from itops.secrets import Secret
from itops.sources.vsphere import VsphereSource
from itops.sources.vsphere.collector import Collector
from itops.sources.vsphere.reader import cut, read_object, strict_object
from itops.sources.vsphere.schema import load_schema
from itops.sources.vsphere.session import open_session
from itops.sources.vsphere.settings import VsphereSettings
from itops.tls import Trust
from tests.e2e.soap_surgery import compact

VMS = 1000
SCHEMA = load_schema()


def results() -> Iterator[Result]:
    """The ratio that the project promises, and the strict reader's for information."""
    raw = answer()
    parts = [part for part in raw.decode().split("<objects>")[1:] if "</objects>" in part]
    ours = best_cpu(lambda: fast(raw), 7) / VMS
    strict = best_cpu(lambda: [strict_object(part, "VirtualMachine", SCHEMA) for part in parts], 2) / VMS
    theirs = best_cpu(lambda: deserialised(raw), 3) / VMS
    size = len(raw) / VMS / 1024
    yield Result(
        name=f"decode {VMS} VMs of {size:.0f} KiB, {len(SCHEMA.paths['VirtualMachine'])} properties asked",
        figure=f"1/{theirs / ours:.1f} of pyVmomi's CPU ({ours * 1e6:.0f} against {theirs * 1e6:.0f} us a VM)",
        target="at most 1/12",
        is_met=theirs / ours >= 12,
    )
    yield Result(
        name="the strict reader, for comparison",
        figure=f"1/{theirs / strict:.1f} of pyVmomi's CPU ({strict * 1e6:.0f} us a VM)",
        target="none",
        is_met=True,
    )


def answer() -> bytes:
    """The whole answer of one retrieval, as a vCenter writes it (compact types, one page)."""
    with crowd(VMS, page=0) as simulator:
        settings = VsphereSettings(
            host=simulator.host,
            port=simulator.port,
            username=simulator.username,
            password=Secret(simulator.password),
            tls=Trust(pin=simulator.pin),
        )
        client = VsphereSource("vc01", settings).client()
        kept: list[bytes] = []
        with open_session(client, settings.username, settings.password) as session:
            stream = client.stream

            def keeping(method: str, this: tuple[str, str], body: str = "") -> Iterator[bytes]:
                for chunk in stream(method, this, body):
                    if method == "RetrievePropertiesEx":
                        kept.append(chunk)
                    yield chunk

            client.stream = keeping  # type: ignore[method-assign]
            count = sum(1 for _ in Collector(session, SCHEMA).all("VirtualMachine"))
        assert count == VMS
        return compact(b"".join(kept))


def fast(raw: bytes) -> None:
    """What a scan does with the bytes, from chunk to properties."""
    size = 256 * 1024
    for piece in cut(raw[start : start + size] for start in range(0, len(raw), size)):
        for part in piece.decode("utf-8", "replace").split("<objects>")[1:]:
            if "</objects>" in part:
                read_object(part, "VirtualMachine", SCHEMA)


def deserialised(raw: bytes) -> object:
    """What pyVmomi does with them."""
    return SoapAdapter.SoapResponseDeserializer(None).Deserialize(raw, vmodl.query.PropertyCollector.RetrieveResult)
