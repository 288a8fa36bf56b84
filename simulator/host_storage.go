package main

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// hostStorage gives a host a SAS controller for its own disk and a fibre channel one with two paths to each shared volume.
func (w *world) hostStorage(spec Host, index int) *types.HostStorageDeviceInfo {
	adapter := func(number int, model, driver, protocol string) types.HostHostBusAdapter {
		return types.HostHostBusAdapter{
			Key: fmt.Sprintf("key-vim.host.HostBusAdapter-vmhba%d", number), Device: fmt.Sprintf("vmhba%d", number), Bus: int32(number),
			Status: "online", Model: model, Driver: driver, Pci: fmt.Sprintf("0000:%02d:00.0", number+3), StorageProtocol: protocol,
		}
	}
	world := int64(0x10000090fa000000) + int64(index)<<8
	device := &types.HostStorageDeviceInfo{
		HostBusAdapter: []types.BaseHostHostBusAdapter{
			&types.HostSerialAttachedHba{
				HostHostBusAdapter: adapter(0, "Smart Array P440ar", "nhpsa", "scsi"), NodeWorldWideName: fmt.Sprintf("%x", world),
			},
			&types.HostFibreChannelHba{
				HostHostBusAdapter: adapter(1, "ISP2532-based 8Gb Fibre Channel to PCI Express HBA", "qlnativefc", "scsi"),
				PortWorldWideName:  world + 1, NodeWorldWideName: world + 2, PortType: types.FibreChannelPortTypeFabric, Speed: 8,
			},
		},
		MultipathInfo: &types.HostMultipathInfo{},
	}
	for number, store := range w.site.Stores {
		if store.Kind == "VMFS" && mounts(store, spec.Name) {
			lun, paths := logicalUnit(store, number, len(store.Hosts) == 1)
			if spec.DeadPath && number == 1 {
				paths.Path[1].State, paths.Path[1].PathState = "dead", "dead"
				paths.Path[1].IsWorkingPath = ptr(false)
				lun.OperationalState = []string{"ok", "degraded"}
			}
			device.ScsiLun = append(device.ScsiLun, lun)
			device.MultipathInfo.Lun = append(device.MultipathInfo.Lun, paths)
		}
	}
	return device
}

func logicalUnit(store Store, number int, local bool) (*types.HostScsiDisk, types.HostMultipathInfoLogicalUnit) {
	name := diskOf(store)
	key := "key-vim.host.ScsiDisk-" + name
	lun := &types.HostScsiDisk{
		ScsiLun: types.ScsiLun{
			HostDevice: types.HostDevice{DeviceName: "/vmfs/devices/disks/" + name, DeviceType: "disk"}, Key: key,
			Uuid: "0200" + name[4:], CanonicalName: name, DisplayName: "HP Serial Attached SCSI Disk (" + name + ")", LunType: "disk",
			Vendor: "HP      ", Model: "MSA 2040 SAN    ", Revision: "G22x", ScsiLevel: 6, SerialNumber: "unavailable", QueueDepth: 64,
			OperationalState: []string{"ok"}, VStorageSupport: "vStorageUnsupported",
		},
		Capacity: types.HostDiskDimensionsLba{BlockSize: 512, Block: store.GiB * gib / 512}, DevicePath: "/vmfs/devices/disks/" + name,
		Ssd: ptr(false), LocalDisk: ptr(local), ScsiDiskType: "native512",
	}
	unit := types.HostMultipathInfoLogicalUnit{
		Key: "key-vim.host.MultipathInfo.LogicalUnit-" + name, Id: "0200" + name[4:], Lun: key,
		Policy:                 &types.HostMultipathInfoLogicalUnitPolicy{Policy: "VMW_PSP_RR"},
		StorageArrayTypePolicy: &types.HostMultipathInfoLogicalUnitStorageArrayTypePolicy{Policy: "VMW_SATP_ALUA"},
	}
	adapter, count := 1, 2
	if local {
		adapter, count = 0, 1
		lun.Model, lun.DisplayName = "LOGICAL VOLUME  ", "Local HP Disk ("+name+")"
		unit.Policy = &types.HostMultipathInfoLogicalUnitPolicy{Policy: "VMW_PSP_FIXED"}
		unit.StorageArrayTypePolicy.Policy = "VMW_SATP_LOCAL"
	}
	for target := 0; target < count; target++ {
		path := fmt.Sprintf("vmhba%d:C0:T%d:L%d", adapter, target, number)
		unit.Path = append(unit.Path, types.HostMultipathInfoPath{
			Key: "key-vim.host.MultipathInfo.Path-" + path, Name: path, PathState: "active", State: "active", IsWorkingPath: ptr(true),
			Adapter: fmt.Sprintf("key-vim.host.HostBusAdapter-vmhba%d", adapter), Lun: unit.Key,
		})
	}
	return lun, unit
}
