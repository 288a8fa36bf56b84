package main

import (
	"fmt"

	"github.com/vmware/govmomi/vim25/types"
)

// devices gives a machine what a new one gets from vCenter, and its disks and network cards.
func (w *world) devices(m Machine) []types.BaseVirtualDevice {
	devices := []types.BaseVirtualDevice{
		&types.VirtualIDEController{VirtualController: controller(200, 0, "IDE 0", nil)},
		&types.VirtualIDEController{VirtualController: controller(201, 1, "IDE 1", nil)},
		&types.VirtualPS2Controller{VirtualController: controller(300, 0, "PS2 controller 0", []int32{600, 700})},
		&types.VirtualPCIController{VirtualController: controller(100, 0, "PCI controller 0", []int32{500, 12000, 1000, 4000})},
		&types.VirtualSIOController{VirtualController: controller(400, 0, "SIO controller 0", nil)},
		&types.VirtualKeyboard{VirtualDevice: device(600, 300, 0, "Keyboard")},
		&types.VirtualPointingDevice{
			VirtualDevice: withBacking(device(700, 300, 1, "Pointing device"), &types.VirtualPointingDeviceDeviceBackingInfo{
				VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{UseAutoDetect: ptr(false)}, HostPointingDevice: "autodetect",
			}),
		},
		&types.VirtualMachineVideoCard{
			VirtualDevice: device(500, 100, 0, "Video card"), VideoRamSizeInKB: 8192, NumDisplays: 1,
			UseAutoDetect: ptr(false), Enable3DSupport: ptr(false), Use3dRenderer: "automatic", GraphicsMemorySizeInKB: 262144,
		},
		&types.VirtualMachineVMCIDevice{VirtualDevice: device(12000, 100, 17, "VMCI device"), Id: -1},
		scsi(m),
		&types.VirtualAHCIController{VirtualSATAController: types.VirtualSATAController{
			VirtualController: controller(15000, 0, "SATA controller 0", []int32{16000})}},
		cdrom(),
	}
	for i, disk := range m.Disks {
		devices = append(devices, virtualDisk(m, i, disk))
	}
	for i := range m.Addresses {
		devices = append(devices, w.networkCard(m, i))
	}
	return devices
}

func controller(key, bus int32, label string, children []int32) types.VirtualController {
	return types.VirtualController{VirtualDevice: device(key, 0, 0, label), BusNumber: bus, Device: children}
}

func device(key, parent, unit int32, label string) types.VirtualDevice {
	device := types.VirtualDevice{
		Key: key, ControllerKey: parent, DeviceInfo: &types.Description{Label: label, Summary: label},
	}
	if parent != 0 {
		device.UnitNumber = ptr(unit)
	}
	return device
}

func withBacking(device types.VirtualDevice, backing types.BaseVirtualDeviceBackingInfo) types.VirtualDevice {
	device.Backing = backing
	return device
}

func connectable(connected bool) *types.VirtualDeviceConnectInfo {
	return &types.VirtualDeviceConnectInfo{
		StartConnected: connected, AllowGuestControl: true, Connected: connected, Status: "ok",
	}
}

func scsi(m Machine) types.BaseVirtualDevice {
	base := types.VirtualSCSIController{
		VirtualController: controller(1000, 0, "SCSI controller 0", nil), HotAddRemove: ptr(true),
		SharedBus: types.VirtualSCSISharingNoSharing, ScsiCtlrUnitNumber: 7,
	}
	base.ControllerKey, base.UnitNumber = 100, ptr(int32(3))
	for i := range m.Disks {
		base.Device = append(base.Device, int32(2000+i))
	}
	if m.CPUs >= 4 {
		return &types.ParaVirtualSCSIController{VirtualSCSIController: base}
	}
	return &types.VirtualLsiLogicSASController{VirtualSCSIController: base}
}

func cdrom() *types.VirtualCdrom {
	drive := device(16000, 15000, 0, "CD/DVD drive 1")
	drive.DeviceInfo = &types.Description{Label: "CD/DVD drive 1", Summary: "Remote ATAPI"}
	drive.Connectable = connectable(false)
	drive.Backing = &types.VirtualCdromRemotePassthroughBackingInfo{
		VirtualDeviceRemoteDeviceBackingInfo: types.VirtualDeviceRemoteDeviceBackingInfo{UseAutoDetect: ptr(false)},
	}
	return &types.VirtualCdrom{VirtualDevice: drive}
}

func virtualDisk(m Machine, index int, disk Disk) *types.VirtualDisk {
	unit := int32(index)
	if unit >= 7 { // 7 is the controller itself
		unit++
	}
	base := device(int32(2000+index), 1000, unit, fmt.Sprintf("Hard disk %d", index+1))
	base.DeviceInfo = &types.Description{
		Label: fmt.Sprintf("Hard disk %d", index+1), Summary: fmt.Sprintf("%d KB", disk.GiB*gib/1024),
	}
	base.Backing = &types.VirtualDiskFlatVer2BackingInfo{
		VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{
			FileName: fmt.Sprintf("[%s] %s/%s.vmdk", disk.Store, m.Directory, diskName(m, index)),
		},
		DiskMode: "persistent", Split: ptr(false), WriteThrough: ptr(false), ThinProvisioned: ptr(!disk.Thick),
		EagerlyScrub: ptr(false), Uuid: identity(fmt.Sprintf("disk/%s/%d", m.UUID, index)), DigestEnabled: ptr(false),
		Sharing: "sharingNone", ContentId: identity(fmt.Sprintf("content/%s/%d", m.UUID, index)),
	}
	return &types.VirtualDisk{
		VirtualDevice: base, CapacityInKB: disk.GiB * gib / 1024, CapacityInBytes: disk.GiB * gib,
		DiskObjectId: fmt.Sprintf("%d-%d", len(m.Name), 2000+index),
		Shares:       &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal},
		StorageIOAllocation: &types.StorageIOAllocationInfo{
			Limit: ptr(int64(-1)), Shares: &types.SharesInfo{Shares: 1000, Level: types.SharesLevelNormal}, Reservation: ptr(int32(0)),
		},
	}
}

// mac is stable for a machine, within the range vCenter gives out.
func mac(m Machine, index int) string {
	return fmt.Sprintf("00:50:56:%s:%s:%02x", m.UUID[0:2], m.UUID[2:4], (int(m.UUID[4])+index)%256)
}

func (w *world) networkCard(m Machine, index int) types.BaseVirtualDevice {
	base := device(int32(4000+index), 100, int32(7+index), fmt.Sprintf("Network adapter %d", index+1))
	base.DeviceInfo = &types.Description{Label: fmt.Sprintf("Network adapter %d", index+1), Summary: m.Network}
	base.Connectable = connectable(!m.Off && !m.Template)
	base.Connectable.StartConnected = true
	base.Backing = w.networkBacking(m.Network)
	card := types.VirtualEthernetCard{
		VirtualDevice: base, AddressType: "assigned", MacAddress: mac(m, index), WakeOnLanEnabled: ptr(true),
		UptCompatibilityEnabled: ptr(true),
		ResourceAllocation: &types.VirtualEthernetCardResourceAllocation{
			Reservation: ptr(int64(0)), Limit: ptr(int64(-1)), Share: types.SharesInfo{Shares: 50, Level: types.SharesLevelNormal},
		},
	}
	if m.Version < "vmx-09" {
		return &types.VirtualE1000{VirtualEthernetCard: card}
	}
	return &types.VirtualVmxnet3{VirtualVmxnet: types.VirtualVmxnet{VirtualEthernetCard: card}}
}

func (w *world) networkBacking(name string) types.BaseVirtualDeviceBackingInfo {
	if group, ok := w.portgroups[name]; ok {
		return &types.VirtualEthernetCardDistributedVirtualPortBackingInfo{Port: types.DistributedVirtualSwitchPortConnection{
			SwitchUuid: w.dvs.Uuid, PortgroupKey: group.Key, PortKey: fmt.Sprint(w.machines), ConnectionCookie: 1730,
		}}
	}
	network := w.networks[name]
	return &types.VirtualEthernetCardNetworkBackingInfo{
		VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: name, UseAutoDetect: ptr(false)},
		Network:                        &network, InPassthroughMode: ptr(false),
	}
}
