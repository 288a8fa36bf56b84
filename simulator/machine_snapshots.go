package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// addSnapshots hangs the tree on the machine; the last leaf is the current one.
func (w *world) addSnapshots(vm *simulator.VirtualMachine, m Machine) {
	if len(m.Snapshots) == 0 {
		return
	}
	trees := w.snapshotTrees(vm, m.Snapshots)
	vm.RootSnapshot = nil
	for _, tree := range trees {
		vm.RootSnapshot = append(vm.RootSnapshot, tree.Snapshot)
	}
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{RootSnapshotList: trees, CurrentSnapshot: newest(trees)}
}

func newest(trees []types.VirtualMachineSnapshotTree) *types.ManagedObjectReference {
	last := trees[len(trees)-1]
	if len(last.ChildSnapshotList) > 0 {
		return newest(last.ChildSnapshotList)
	}
	return &last.Snapshot
}

func (w *world) snapshotTrees(vm *simulator.VirtualMachine, snapshots []Snapshot) []types.VirtualMachineSnapshotTree {
	var trees []types.VirtualMachineSnapshotTree
	for _, snapshot := range snapshots {
		number := int32(len(vm.LayoutEx.Snapshot) + 1)
		ref := w.newSnapshot(vm, number, snapshot.GiB*gib)
		trees = append(trees, types.VirtualMachineSnapshotTree{
			Snapshot: ref, Vm: vm.Self, Name: snapshot.Name, Description: snapshot.Description, Id: number,
			CreateTime: w.clock.daysAgo(snapshot.Days), State: types.VirtualMachinePowerStatePoweredOff,
			Quiesced: snapshot.Quiesced, ReplaySupported: ptr(false),
			ChildSnapshotList: w.snapshotTrees(vm, snapshot.Children),
		})
	}
	return trees
}

// newSnapshot registers a snapshot without memory and puts every disk of the machine on a delta.
func (w *world) newSnapshot(vm *simulator.VirtualMachine, number int32, size int64) types.ManagedObjectReference {
	w.snapshots++
	ref := types.ManagedObjectReference{Type: "VirtualMachineSnapshot", Value: fmt.Sprintf("snapshot-%d", 5000+w.snapshots)}
	if w.lone() {
		ref.Value = fmt.Sprintf("%s-snapshot-%d", vm.Self.Value, number)
	}
	snapshot := &simulator.VirtualMachineSnapshot{}
	snapshot.Self, snapshot.Vm, snapshot.Config = ref, vm.Self, *vm.Config
	simulator.Map.Put(snapshot)

	base := vm.Config.Files.SnapshotDirectory + vm.Name
	layout := types.VirtualMachineFileLayoutExSnapshotLayout{Key: ref, MemoryKey: -1}
	layout.DataKey = addFile(vm.LayoutEx, fmt.Sprintf("%s-Snapshot%d.vmsn", base, number), "snapshotData", 28*1024)
	for i := range vm.LayoutEx.Disk {
		disk := &vm.LayoutEx.Disk[i]
		layout.Disk = append(layout.Disk, types.VirtualMachineFileLayoutExDiskLayout{Key: disk.Key, Chain: disk.Chain})
		delta := fmt.Sprintf("%s_disk%d-%06d", base, i, number)
		descriptor := addFile(vm.LayoutEx, delta+".vmdk", "diskDescriptor", 340)
		extent := addFile(vm.LayoutEx, delta+"-delta.vmdk", "diskExtent", size/int64(len(vm.LayoutEx.Disk)))
		chain := append([]types.VirtualMachineFileLayoutExDiskUnit{}, disk.Chain...)
		disk.Chain = append(chain, types.VirtualMachineFileLayoutExDiskUnit{FileKey: []int32{descriptor, extent}})
		ontoDelta(vm, disk.Key, delta+".vmdk")
	}
	vm.LayoutEx.Snapshot = append(vm.LayoutEx.Snapshot, layout)
	return ref
}

// ontoDelta makes the disk write to a new file whose parent is the one it had.
func ontoDelta(vm *simulator.VirtualMachine, key int32, file string) {
	for _, each := range vm.Config.Hardware.Device {
		disk, ok := each.(*types.VirtualDisk)
		if !ok || disk.Key != key {
			continue
		}
		parent := disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo)
		backing := *parent
		backing.FileName, backing.Parent, backing.DeltaDiskFormat = file, parent, "redoLogFormat"
		disk.Backing = &backing
	}
}
