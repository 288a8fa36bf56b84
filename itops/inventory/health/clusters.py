"""Rules 44 and 45: what a cluster is for, and whether its hosts are alike."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from itops.inventory.entities import Entity, Kind, Place
from itops.inventory.health.estate import Estate
from itops.inventory.health.finding import Code, Finding
from itops.inventory.health.reading import number, version_text
from itops.inventory.health.rule import AnyRule, Need, Policy, Rule, paths
from itops.inventory.values import dig
from itops.verdict import State

HA = "configurationEx.dasConfig"
DRS = "configurationEx.drsConfig"
HOSTS = "summary.numHosts"
VERSION = ("config.product.version", "config.product.build")

HA_OFF = Code(name="cluster.ha-off", state=State.WARNING)
ADMISSION_OFF = Code(name="cluster.admission-off", state=State.WARNING)
DRS_OFF = Code(name="cluster.drs-off", state=State.OK)
VERSIONS_DIFFER = Code(name="cluster.versions-differ", state=State.WARNING)
DATASTORES_DIFFER = Code(name="cluster.datastores-differ", state=State.WARNING)


def availability(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """A cluster that does not restart, admit or balance VMs. One of a single host has nowhere to."""
    for cluster in estate.by_kind[Kind.CLUSTER]:
        hosts = number(cluster.get(HOSTS))
        if hosts is not None and hosts < 2:
            continue
        is_ha_on = dig(cluster.get(HA), "enabled")
        if is_ha_on is False:
            yield HA_OFF.about(cluster)
        elif is_ha_on is True and dig(cluster.get(HA), "admissionControlEnabled") is False:
            yield ADMISSION_OFF.about(cluster)
        if dig(cluster.get(DRS), "enabled") is False:
            yield DRS_OFF.about(cluster)


def likeness(_policy: Policy, estate: Estate, _now: datetime) -> Iterator[Finding]:
    """Hosts of one cluster on different builds, or a shared datastore that one of them does not mount."""
    for cluster in estate.by_kind[Kind.CLUSTER]:
        hosts = estate.hosts_of(cluster)
        builds = Counter(version_text(*(host.get(path) for path in VERSION)) for host in hosts)
        del builds[""]
        if len(builds) > 1:
            listed = ", ".join(f"{build} ({count})" for build, count in sorted(builds.items()))
            yield VERSIONS_DIFFER.about(cluster, versions=listed, version_count=len(builds))
        yield from _missing_mounts(estate, cluster, hosts)


def _missing_mounts(estate: Estate, cluster: Entity, hosts: tuple[Entity, ...]) -> Iterator[Finding]:
    mounted = {host.key: estate.datastore_ids(host) for host in hosts}
    mounted = {key: datastores for key, datastores in mounted.items() if datastores}  # none told: not seen
    counts = Counter(datastore for datastores in mounted.values() for datastore in datastores)
    names: dict[str, str] = {datastore.key: datastore.name for datastore in estate.by_kind[Kind.DATASTORE]}
    for datastore, count in sorted(counts.items()):
        if 1 < count < len(mounted):  # on one host only: its local disk
            lacking = sorted(host.name for host in hosts if datastore not in mounted.get(host.key, {datastore}))
            yield DATASTORES_DIFFER.about(
                cluster, datastore=names.get(datastore, datastore), hosts=", ".join(lacking), host_count=len(lacking)
            )


RULES: tuple[AnyRule, ...] = (
    Rule(
        number=44,
        key="cluster-availability",
        area="cluster",
        policy=Policy(),
        codes=(HA_OFF, ADMISSION_OFF, DRS_OFF),
        needs=(
            Need(Kind.CLUSTER, (HA,), codes=(HA_OFF.name, ADMISSION_OFF.name)),
            Need(Kind.CLUSTER, (DRS,), codes=(DRS_OFF.name,)),
        ),
        reads=paths(Kind.CLUSTER, HA, DRS, HOSTS),
        find=availability,
    ),
    Rule(
        number=45,
        key="cluster-likeness",
        area="cluster",
        policy=Policy(),
        codes=(VERSIONS_DIFFER, DATASTORES_DIFFER),
        needs=(
            Need(Kind.CLUSTER, ("name",)),
            Need(Kind.HOST, VERSION, codes=(VERSIONS_DIFFER.name,)),
            Need(Kind.HOST, ("datastore", Place.DATASTORES), codes=(DATASTORES_DIFFER.name,)),
        ),
        reads=(
            *paths(Kind.CLUSTER, "name"),
            *paths(Kind.HOST, *VERSION, "datastore", Place.DATASTORES),
        ),
        find=likeness,
    ),
)
