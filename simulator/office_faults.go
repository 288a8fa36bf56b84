package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func hostNameOf(name string) string { return strings.ToLower(name) + ".example.ir" }

// plantFaults breaks a few things, as they break in offices; what is a plain property is broken in the data already.
func plantFaults(w *world) {
	faults := map[string]func(*simulator.VirtualMachine){
		"Mail":          connectCD,
		"Print":         func(vm *simulator.VirtualMachine) { vm.Config.MemoryAllocation.Limit = ptr(int64(3072)) },
		"Backup Server": needConsolidation,
		"Attendance":    func(vm *simulator.VirtualMachine) { vm.Config.ChangeTrackingEnabled = ptr(false) },
		"Archive":       connectFloppy,
		"FileServer":    func(vm *simulator.VirtualMachine) { balloon(vm, 512, 64) },
		"Automation":    func(vm *simulator.VirtualMachine) { vm.Config.MemoryHotAddEnabled = ptr(true) },
		"SolarWinds":    attachUSB,
		"SQL":           func(vm *simulator.VirtualMachine) { vm.Config.CpuAllocation.Reservation = ptr(int64(4000)) },
		"VCSA":          describeAppliance,
	}
	for name, plant := range faults {
		if vm := findMachine(name); vm != nil {
			plant(vm)
		}
	}
	w.raiseAlarms()
	if host, ok := w.hosts[first]; ok { // its SSH is on
		warn(w, host, "SSH for the host has been enabled")
	}
}

func connectCD(vm *simulator.VirtualMachine) {
	for _, device := range vm.Config.Hardware.Device {
		if drive, ok := device.(*types.VirtualCdrom); ok {
			drive.Connectable = connectable(true)
			drive.Backing = &types.VirtualCdromIsoBackingInfo{VirtualDeviceFileBackingInfo: types.VirtualDeviceFileBackingInfo{
				FileName: "[NAS-Backup] iso/windows-server-2019.iso",
			}}
		}
	}
}

func connectFloppy(vm *simulator.VirtualMachine) {
	drive := device(8000, 400, 0, "Floppy drive 1")
	drive.Connectable = connectable(true)
	drive.Backing = &types.VirtualFloppyRemoteDeviceBackingInfo{}
	vm.Config.Hardware.Device = append(vm.Config.Hardware.Device, &types.VirtualFloppy{VirtualDevice: drive})
}

func attachUSB(vm *simulator.VirtualMachine) {
	controller := &types.VirtualUSBXHCIController{VirtualController: controller(14000, 0, "USB xHCI controller", []int32{14001})}
	stick := device(14001, 14000, 1, "USB 1")
	stick.Connectable = connectable(true)
	stick.Backing = &types.VirtualUSBUSBBackingInfo{VirtualDeviceDeviceBackingInfo: types.VirtualDeviceDeviceBackingInfo{DeviceName: "path:1/0/3"}}
	vm.Config.Hardware.Device = append(vm.Config.Hardware.Device, controller, &types.VirtualUSB{
		VirtualDevice: stick, Connected: true, Vendor: 2385, Product: 5734, Family: []string{"storage"}, Speed: []string{"high"},
	})
}

func needConsolidation(vm *simulator.VirtualMachine) {
	vm.Runtime.ConsolidationNeeded, vm.Summary.Runtime.ConsolidationNeeded = ptr(true), ptr(true)
}

func balloon(vm *simulator.VirtualMachine, ballooned, swapped int32) {
	vm.Summary.QuickStats.BalloonedMemory, vm.Summary.QuickStats.SwappedMemory = ballooned, swapped
}

func describeAppliance(vm *simulator.VirtualMachine) {
	vm.Config.VAppConfig = &types.VmConfigInfo{
		Product: []types.VAppProductInfo{{Name: "VMware vCenter Server Appliance", Vendor: "VMware Inc.", Version: version}},
	}
}

// warn gives a host a configuration issue, which also turns its status yellow.
func warn(w *world, host *simulator.HostSystem, text string) {
	host.ConfigIssue = []types.BaseEvent{&types.GeneralEvent{
		Event: types.Event{
			Key: 71, ChainId: 71, CreatedTime: w.clock.daysAgo(30), UserName: "root", FullFormattedMessage: text,
			Host: &types.HostEventArgument{Host: host.Self, EntityEventArgument: types.EntityEventArgument{Name: host.Name}},
		}, Message: text,
	}}
	host.ConfigStatus, host.OverallStatus = types.ManagedEntityStatusYellow, types.ManagedEntityStatusYellow
}

// raiseAlarms needs an alarm manager, which only vCenter has.
func (w *world) raiseAlarms() {
	if w.lone() {
		return
	}
	for _, spec := range w.site.Stores {
		if spec.Alarm == "" {
			continue
		}
		store := w.stores[spec.Name]
		alarm := &mo.Alarm{}
		alarm.Self = types.ManagedObjectReference{Type: "Alarm", Value: "alarm-8"}
		alarm.Info = types.AlarmInfo{
			AlarmSpec: types.AlarmSpec{
				Name: spec.Alarm, SystemName: "alarm.DatastoreDiskUsageAlarm", Enabled: true, Expression: &types.OrAlarmExpression{},
				Description: "Default alarm to monitor datastore disk usage",
			},
			Key: "alarm-8", Alarm: alarm.Self, Entity: w.datacenter.Self, LastModifiedTime: w.clock.daysAgo(400),
		}
		simulator.Map.Put(alarm)
		state := types.AlarmState{
			Key: "alarm-8." + store.Self.Value, Entity: store.Self, Alarm: alarm.Self, OverallStatus: types.ManagedEntityStatusRed,
			Time: w.clock.daysAgo(4), Acknowledged: ptr(false),
		}
		store.TriggeredAlarmState = []types.AlarmState{state}
		store.OverallStatus = types.ManagedEntityStatusRed
		root := simulator.Map.Get(w.model.ServiceContent.RootFolder).(*simulator.Folder)
		root.TriggeredAlarmState = append(root.TriggeredAlarmState, state)
		store.AlarmActionsEnabled = ptr(true)
	}
}
