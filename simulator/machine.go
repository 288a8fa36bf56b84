package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

const mib, gib = int64(1) << 20, int64(1) << 30

// identity is the same for the same words on every run.
func identity(words string) string {
	return uuid.NewSHA1(uuid.NameSpaceDNS, []byte(words+".example.ir")).String()
}

// newMachine describes one virtual machine as vCenter would; a lone host leaves out what only vCenter fills.
func (w *world) newMachine(m Machine) *simulator.VirtualMachine {
	if m.UUID == "" {
		m.UUID = identity("vm/" + m.Name)
	}
	if m.Directory == "" {
		m.Directory = m.Name
	}
	vm := &simulator.VirtualMachine{}
	vm.Name = m.Name
	vm.Self = w.machineReference()
	vm.Config = w.machineConfig(m)
	vm.Layout = &types.VirtualMachineFileLayout{}
	vm.LayoutEx = w.machineLayout(m)
	vm.Guest = w.guest(m)
	vm.Runtime = w.machineRuntime(m)
	vm.Capability = types.VirtualMachineCapability{SnapshotOperationsSupported: true, ToolsSyncTimeSupported: true}
	vm.ResourceConfig = &types.ResourceConfigSpec{
		Entity: &vm.Self, CpuAllocation: *vm.Config.CpuAllocation, MemoryAllocation: *vm.Config.MemoryAllocation,
	}
	vm.GuestHeartbeatStatus = types.ManagedEntityStatusGreen
	if vm.Guest.ToolsRunningStatus != "guestToolsRunning" {
		vm.GuestHeartbeatStatus = types.ManagedEntityStatusGray
	}
	w.addSnapshots(vm, m)
	w.summarise(vm, m)
	return vm
}

func (w *world) machineReference() types.ManagedObjectReference {
	w.machines++
	value := fmt.Sprintf("vm-%d", 1000+w.machines)
	if w.lone() { // small numbers: two hosts both have a machine 1
		value = fmt.Sprint(w.machines)
	}
	return types.ManagedObjectReference{Type: "VirtualMachine", Value: value}
}

func (w *world) machineConfig(m Machine) *types.VirtualMachineConfigInfo {
	directory := "[" + m.Disks[0].Store + "] " + m.Directory
	created := w.clock.daysAgo(m.CreatedDays)
	config := &types.VirtualMachineConfigInfo{
		ChangeVersion: created.Format(time.RFC3339Nano), Modified: created,
		Name: m.Name, GuestId: m.GuestID, GuestFullName: m.Guest, Version: m.Version,
		Uuid: "4213" + m.UUID[4:], InstanceUuid: m.UUID, LocationId: "564d" + m.UUID[4:],
		Template: m.Template, Annotation: m.Notes,
		Files: types.VirtualMachineFileInfo{
			VmPathName: directory + "/" + m.Name + ".vmx", SnapshotDirectory: directory + "/",
			SuspendDirectory: directory + "/", LogDirectory: directory + "/",
		},
		Tools: &types.ToolsConfigInfo{
			ToolsVersion: m.ToolsVersion, ToolsInstallType: "guestToolsTypeMSI", AfterPowerOn: ptr(true),
			AfterResume: ptr(true), BeforeGuestStandby: ptr(true), BeforeGuestShutdown: ptr(true),
			ToolsUpgradePolicy: "manual", SyncTimeWithHost: ptr(false),
		},
		Flags: types.VirtualMachineFlagInfo{
			EnableLogging: ptr(true), DiskUuidEnabled: ptr(true), VirtualMmuUsage: "automatic", VirtualExecUsage: "hvAuto",
			SnapshotPowerOffBehavior: "powerOff", VvtdEnabled: ptr(false), VbsEnabled: ptr(false), MonitorType: "release",
		},
		DefaultPowerOps: types.VirtualMachineDefaultPowerOpInfo{PowerOffType: "soft", DefaultPowerOffType: "soft"},
		Hardware: types.VirtualHardware{
			NumCPU: m.CPUs, NumCoresPerSocket: m.CoresPerSocket, MemoryMB: m.MemoryMiB, Device: w.devices(m),
		},
		CpuAllocation: unlimited(1000 * m.CPUs), MemoryAllocation: unlimited(10 * m.MemoryMiB),
		LatencySensitivity: &types.LatencySensitivity{Level: types.LatencySensitivitySensitivityLevelNormal},
		CpuHotAddEnabled:   ptr(false), CpuHotRemoveEnabled: ptr(false), MemoryHotAddEnabled: ptr(false),
		SwapPlacement: "inherit", Firmware: "bios", MaxMksConnections: 40, GuestAutoLockEnabled: ptr(true),
		BootOptions: &types.VirtualMachineBootOptions{
			BootRetryDelay: 10000, BootRetryEnabled: ptr(false), EnterBIOSSetup: ptr(false), EfiSecureBootEnabled: ptr(m.EFI),
		},
		MemoryReservationLockedToMax: ptr(false), ChangeTrackingEnabled: ptr(true), NestedHVEnabled: ptr(false),
		VPMCEnabled: ptr(false), MessageBusTunnelEnabled: ptr(false),
		ScheduledHardwareUpgradeInfo: &types.ScheduledHardwareUpgradeInfo{
			UpgradePolicy: "never", ScheduledHardwareUpgradeStatus: "none",
		},
		ExtraConfig: []types.BaseOptionValue{
			&types.OptionValue{Key: "disk.EnableUUID", Value: "TRUE"},
			&types.OptionValue{Key: "svga.present", Value: "TRUE"},
			&types.OptionValue{Key: "sched.cpu.latencySensitivity", Value: "normal"},
			&types.OptionValue{Key: "nvram", Value: m.Name + ".nvram"},
		},
	}
	if m.EFI {
		config.Firmware = "efi"
	}
	if !w.lone() {
		config.CreateDate = &created
	}
	return config
}

func unlimited(shares int32) *types.ResourceAllocationInfo {
	return &types.ResourceAllocationInfo{
		Reservation: ptr(int64(0)), ExpandableReservation: ptr(false), Limit: ptr(int64(-1)),
		Shares: &types.SharesInfo{Shares: shares, Level: types.SharesLevelNormal},
	}
}

func (w *world) machineRuntime(m Machine) types.VirtualMachineRuntimeInfo {
	runtime := types.VirtualMachineRuntimeInfo{
		ConnectionState: types.VirtualMachineConnectionStateConnected,
		PowerState:      types.VirtualMachinePowerStatePoweredOn,
		// Never left empty: an empty enum makes pyVmomi raise.
		FaultToleranceState: types.VirtualMachineFaultToleranceStateNotConfigured,
		RecordReplayState:   types.VirtualMachineRecordReplayStateInactive,
		MaxCpuUsage:         m.CPUs * 2400, MaxMemoryUsage: m.MemoryMiB, MemoryOverhead: 90 * mib,
		MinRequiredEVCModeKey: "intel-broadwell", ConsolidationNeeded: ptr(false), OnlineStandby: ptr(false),
		ToolsInstallerMounted: false, BootTime: ptr(w.clock.daysAgo(m.BootDays)), Paused: ptr(false),
		SnapshotInBackground: ptr(false), CleanPowerOff: ptr(false),
	}
	if !w.lone() {
		runtime.DasVmProtection = &types.VirtualMachineRuntimeInfoDasProtectionState{DasProtected: !m.Off}
	}
	if m.Off || m.Template {
		runtime.PowerState = types.VirtualMachinePowerStatePoweredOff
		runtime.BootTime, runtime.MaxCpuUsage, runtime.MaxMemoryUsage, runtime.MemoryOverhead = nil, 0, 0, 0
		runtime.MinRequiredEVCModeKey = ""
	}
	return runtime
}

// machineLayout lists the files of a machine: what the datastore browser shows and what snapshots weigh.
func (w *world) machineLayout(m Machine) *types.VirtualMachineFileLayoutEx {
	layout := &types.VirtualMachineFileLayoutEx{Timestamp: w.clock.Now}
	directory := "[" + m.Disks[0].Store + "] " + m.Directory + "/"
	addFile(layout, directory+m.Name+".vmx", "config", 3200)
	addFile(layout, directory+m.Name+".vmsd", "snapshotList", 43)
	addFile(layout, directory+m.Name+".nvram", "nvram", 270840)
	addFile(layout, directory+"vmware.log", "log", 310*1024)
	if !m.Off && !m.Template {
		addFile(layout, directory+m.Name+".vswp", "swap", int64(m.MemoryMiB)*mib)
	}
	for i, disk := range m.Disks {
		base := "[" + disk.Store + "] " + m.Directory + "/" + diskName(m, i)
		descriptor := addFile(layout, base+".vmdk", "diskDescriptor", 560)
		extent := addFile(layout, base+"-flat.vmdk", "diskExtent", used(disk))
		layout.Disk = append(layout.Disk, types.VirtualMachineFileLayoutExDiskLayout{
			Key:   int32(2000 + i),
			Chain: []types.VirtualMachineFileLayoutExDiskUnit{{FileKey: []int32{descriptor, extent}}},
		})
	}
	return layout
}

func addFile(layout *types.VirtualMachineFileLayoutEx, name, kind string, size int64) int32 {
	key := int32(len(layout.File))
	layout.File = append(layout.File, types.VirtualMachineFileLayoutExFileInfo{
		Key: key, Name: name, Type: kind, Size: size, UniqueSize: size, Accessible: ptr(true),
	})
	return key
}

func diskName(m Machine, index int) string {
	if index == 0 {
		return m.Name
	}
	return fmt.Sprintf("%s_%d", m.Name, index)
}

// used is what a disk takes on its datastore: all of a thick one, two thirds of a thin one.
func used(disk Disk) int64 {
	if disk.Thick {
		return disk.GiB * gib
	}
	return disk.GiB * gib * 2 / 3
}

func (w *world) summarise(vm *simulator.VirtualMachine, m Machine) {
	var committed, uncommitted int64
	for _, file := range vm.LayoutEx.File {
		committed += file.Size
	}
	for _, disk := range m.Disks {
		uncommitted += disk.GiB*gib - used(disk)
	}
	nics := len(m.Addresses)
	vm.Summary = types.VirtualMachineSummary{
		Vm: &vm.Self, Runtime: vm.Runtime, OverallStatus: types.ManagedEntityStatusGreen,
		Guest: &types.VirtualMachineGuestSummary{
			GuestId: vm.Guest.GuestId, GuestFullName: vm.Guest.GuestFullName, ToolsStatus: vm.Guest.ToolsStatus,
			ToolsVersionStatus2: vm.Guest.ToolsVersionStatus2, ToolsRunningStatus: vm.Guest.ToolsRunningStatus,
			HostName: vm.Guest.HostName, IpAddress: vm.Guest.IpAddress,
		},
		Config: types.VirtualMachineConfigSummary{
			Name: m.Name, Template: m.Template, VmPathName: vm.Config.Files.VmPathName, MemorySizeMB: m.MemoryMiB,
			NumCpu: m.CPUs, Uuid: vm.Config.Uuid, InstanceUuid: m.UUID, GuestId: m.GuestID, GuestFullName: m.Guest,
			Annotation: m.Notes, InstallBootRequired: ptr(false),
		},
		Storage: &types.VirtualMachineStorageSummary{
			Committed: committed, Uncommitted: uncommitted, Unshared: committed, Timestamp: w.clock.Now,
		},
		QuickStats: types.VirtualMachineQuickStats{GuestHeartbeatStatus: vm.GuestHeartbeatStatus},
	}
	if !w.lone() { // only vCenter counts them
		vm.Summary.Config.NumEthernetCards, vm.Summary.Config.NumVirtualDisks = int32(nics), int32(len(m.Disks))
	}
	if vm.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		vm.Summary.QuickStats = quickStats(m, vm.GuestHeartbeatStatus)
	}
}

func quickStats(m Machine, heartbeat types.ManagedEntityStatus) types.VirtualMachineQuickStats {
	return types.VirtualMachineQuickStats{
		GuestHeartbeatStatus: heartbeat, OverallCpuUsage: 120 * m.CPUs, OverallCpuDemand: 130 * m.CPUs,
		OverallCpuReadiness: 1, GuestMemoryUsage: m.MemoryMiB / 5, HostMemoryUsage: m.MemoryMiB * 9 / 10,
		DistributedCpuEntitlement: 125 * m.CPUs, DistributedMemoryEntitlement: m.MemoryMiB / 3,
		StaticCpuEntitlement: 1800 * m.CPUs, StaticMemoryEntitlement: m.MemoryMiB, PrivateMemory: m.MemoryMiB * 8 / 10,
		SharedMemory: m.MemoryMiB / 20, ConsumedOverheadMemory: 60, UptimeSeconds: int32(m.BootDays) * 86400,
		GrantedMemory: m.MemoryMiB,
	}
}
