"""One column, many spellings."""

import pytest

from itops.inventory.rvtools.catalogue import catalogue
from itops.sources.rvtools.headers import column_of, match, reduced

# The second spelling of RVTools (-DBColumnNames), as far as readers of it are known.
INTERNAL = {
    "vInfo": {
        "vInfoVMName": "VM", "vInfoUUID": "VM UUID", "vInfoPowerstate": "Powerstate", "vInfoTemplate": "Template",
        "vInfoGuestHostName": "DNS Name", "vInfoCPUs": "CPUs", "vInfoMemory": "Memory",
        "vInfoProvisioned": "Provisioned MiB", "vInfoInUse": "In Use MiB", "vInfoDataCenter": "Datacenter",
        "vInfoCluster": "Cluster", "vInfoHost": "Host", "vInfoSRMPlaceHolder": "SRM Placeholder",
        "vInfoOSTools": "OS according to the VMware Tools", "vInfoOS": "OS according to the configuration file",
        "vInfoPrimaryIPAddress": "Primary IP Address", "vInfoNetwork1": "Network #1",
        "vInfoResourcepool": "Resource pool",
        "vInfoFolder": "Folder", "vInfoCreateDate": "Creation date", "vInfoNICs": "NICs",
        "vInfoNumVirtualDisks": "Disks",
    },
    "vHost": {
        "vHostName": "Host", "vHostDatacenter": "Datacenter", "vHostvSANFaultDomainName": "vSAN Fault Domain Name",
        "vHostCpuModel": "CPU Model", "vHostCpuMhz": "Speed", "vHostNumCpu": "# CPU",
        "vHostCoresPerCPU": "Cores per CPU",
        "vHostNumCpuCores": "# Cores", "vHostOverallCpuUsage": "CPU usage %", "vHostMemorySize": "# Memory",
        "vHostOverallMemoryUsage": "Memory usage %", "vHostvCPUs": "# vCPUs", "vHostVCPUsPerCore": "vCPUs per Core",
    },
    "vPartition": {
        "vPartitionDisk": "Disk", "vPartitionVMName": "VM", "vPartitionUUID": "VM UUID",
        "vPartitionConsumedMiB": "Consumed MiB", "vPartitionCapacityMiB": "Capacity MiB",
    },
    "vMemory": {"vMemoryVMName": "VM", "vMemoryUUID": "VM UUID", "vMemorySizeMiB": "Size MiB",
                "vMemoryReservation": "Reservation"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "spelling", "header"),
    [(sheet, spelling, header) for sheet, names in INTERNAL.items() for spelling, header in names.items()],
)
def test_internal_names_are_known(sheet, spelling, header):
    column = column_of(catalogue().sheet(sheet), spelling)
    assert column is not None
    assert column.header == header


@pytest.mark.parametrize(
    ("sheet", "old", "new"),
    [
        ("vInfo", "Provisioned MB", "Provisioned MiB"),
        ("vInfo", "In Use MB ", "In Use MiB"),
        ("vInfo", "vCenter UUID", "VI SDK UUID"),
        ("vInfo", "disk.EnableUUID", "EnableUUID"),
        ("vPartition", "Free % ", "Free %"),
        ("vDatastore", "Capacity MB", "Capacity MiB"),
        ("vInfo", "  powerSTATE", "Powerstate"),
    ],
)
def test_legacy_headers_are_known(sheet, old, new):
    column = column_of(catalogue().sheet(sheet), old)
    assert column is not None
    assert column.header == new


@pytest.mark.parametrize("sheet", catalogue().sheets, ids=lambda sheet: sheet.name)
def test_every_header_of_today_means_itself(sheet):
    assert len({reduced(header) for header in sheet.headers}) == len(sheet.headers)
    assert [column_of(sheet, header) for header in sheet.headers] == list(sheet.columns)


def test_a_custom_attribute_may_bear_the_name_of_a_column():
    sheet = catalogue().sheet("vInfo")
    cut = sheet.headers.index("Annotation") + 1
    headers = [*sheet.headers[:cut], "Cluster", "VM", "Backup plan", *sheet.headers[cut:]]
    matched = match(sheet, headers)
    assert matched.custom == ((cut, "Cluster"), (cut + 1, "VM"), (cut + 2, "Backup plan"))
    where = {column.header: position for position, column in matched.columns}
    assert (where["VM"], where["Cluster"]) == (0, sheet.headers.index("Cluster") + 3)
