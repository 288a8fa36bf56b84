"""What all sources of devices have in common, whoever wrote them."""

from pathlib import Path

import pytest

from itops.config.settings import Plugins, load
from itops.errors import ConfigInvalid
from itops.inventory.entities import Source
from itops.plugins import Registry
from itops.sources.asking import HIDES
from tests.contracts.source_contract import NOW

SOURCES = Registry.from_entry_points("itops.sources")
COLLECTORS = [name for name in SOURCES if getattr(SOURCES[name], "sees_devices", False)]
OWN = {
    "agents": "folder: inbox",
    "ipmi": "addresses: [10.9.0.0/29], username: itops, password: 'env:BMC'",
    "redfish": "addresses: [10.9.0.0/29], username: itops, password: 'env:BMC'",
    "snmp": "addresses: [10.9.0.0/29], community: 'env:SNMP'",
    "ssh": "addresses: [10.9.0.0/29], username: itops, password: 'env:SSH'",
    "sweep": "addresses: [10.9.0.0/29]",
}
"""The least that each of them needs."""
WITH_ADDRESSES = [name for name in COLLECTORS if "addresses" in OWN.get(name, "addresses")]


def made(folder: Path, name: str, more: str = "") -> Source:
    path = folder / "itops.yaml"
    path.write_text(f"office: {{id: demo}}\nsources:\n  one: {{type: {name}, {OWN[name]}{more}}}\n", encoding="utf-8")
    source: Source = load(path, Plugins(sources=SOURCES)).sources[0].build()
    return source


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_collector_never_says_by_its_silence_that_a_device_is_gone(name: str, tmp_path: Path) -> None:
    (observation,) = made(tmp_path, name).observe(NOW)
    assert observation.hides == HIDES
    assert (observation.source, observation.observed_at) == ("one", NOW)


@pytest.mark.parametrize("name", COLLECTORS)
def test_a_collector_knows_the_site_of_what_it_finds(name: str, tmp_path: Path) -> None:
    made(tmp_path, name, ", site: head-office")  # an unknown key would be refused


@pytest.mark.parametrize("name", WITH_ADDRESSES)
def test_a_collector_that_has_nobody_to_ask_is_a_mistake(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="nothing is left to ask"):
        made(tmp_path, name, ", without: [10.9.0.0/24]")
