package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A command changes the inventory while it is being served. Fields that a command does not use are ignored.
type command struct {
	Do        string `json:"do"`
	Name      string `json:"name"`
	To        string `json:"to"` // rename: the new name; move: the host; snapshot: its name
	CPUs      int32  `json:"cpus"`
	MemoryMiB int32  `json:"memory_mib"`
	Notes     string `json:"notes"`
	Version   string `json:"version"`
	State     string `json:"state"` // power: on or off; connect: a connection state
	Days      int    `json:"days"`  // snapshot: its age
}

type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Ref   string `json:"ref,omitempty"` // moref of the machine
}

func (w *world) obey(input io.Reader, answers *json.Encoder) {
	lines := bufio.NewScanner(input)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c command
		reply := answer{}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			reply.Error = err.Error()
		} else if vm, err := w.do(c); err != nil {
			reply.Error = err.Error()
		} else {
			reply = answer{OK: true, Ref: vm.Self.Value}
		}
		if answers.Encode(reply) != nil {
			return
		}
	}
}

func (w *world) do(c command) (*simulator.VirtualMachine, error) {
	if c.Do == "add" {
		return w.addMachine(anonymous(w.machines, w.site, c.Name)), nil
	}
	vm := findMachine(c.Name)
	if vm == nil {
		return nil, fmt.Errorf("there is no machine %q", c.Name)
	}
	if vm.Config == nil && c.Do != "remove" && c.Do != "connect" {
		return nil, fmt.Errorf("machine %q has no configuration to change", c.Name)
	}
	var err error
	simulator.Map.WithLock(vm, func() { err = w.change(vm, c) })
	return vm, err
}

func (w *world) change(vm *simulator.VirtualMachine, c command) error {
	switch c.Do {
	case "rename":
		vm.Name, vm.Config.Name, vm.Summary.Config.Name = c.To, c.To, c.To
	case "remove":
		w.remove(vm)
	case "reconfigure":
		reconfigure(vm, c)
	case "snapshot":
		w.takeSnapshot(vm, c)
	case "unsnapshot":
		vm.Snapshot, vm.RootSnapshot, vm.LayoutEx.Snapshot = nil, nil, nil
	case "move":
		return w.move(vm, c.To)
	case "power":
		vm.Runtime.PowerState = types.VirtualMachinePowerState("powered" + map[string]string{"on": "On", "off": "Off"}[c.State])
		vm.Summary.Runtime.PowerState = vm.Runtime.PowerState
	case "connect":
		vm.Runtime.ConnectionState = types.VirtualMachineConnectionState(c.State)
		vm.Summary.Runtime.ConnectionState = vm.Runtime.ConnectionState
	default:
		return fmt.Errorf("there is no command %q", c.Do)
	}
	if vm.Config != nil {
		vm.Config.ChangeVersion = time.Now().UTC().Format(time.RFC3339Nano)
	}
	return nil
}

func reconfigure(vm *simulator.VirtualMachine, c command) {
	if c.CPUs != 0 {
		vm.Config.Hardware.NumCPU, vm.Summary.Config.NumCpu = c.CPUs, c.CPUs
	}
	if c.MemoryMiB != 0 {
		vm.Config.Hardware.MemoryMB, vm.Summary.Config.MemorySizeMB = c.MemoryMiB, c.MemoryMiB
	}
	if c.Notes != "" {
		vm.Config.Annotation, vm.Summary.Config.Annotation = c.Notes, c.Notes
	}
	if c.Version != "" {
		vm.Config.Version = c.Version
	}
}

func (w *world) takeSnapshot(vm *simulator.VirtualMachine, c command) {
	trees := w.snapshotTrees(vm, []Snapshot{{Name: c.To, Description: c.Notes, Days: c.Days, GiB: 1}})
	if vm.Snapshot == nil {
		vm.Snapshot = &types.VirtualMachineSnapshotInfo{RootSnapshotList: trees, CurrentSnapshot: &trees[0].Snapshot}
		return
	}
	roots := append([]types.VirtualMachineSnapshotTree{}, vm.Snapshot.RootSnapshotList...)
	vm.Snapshot = &types.VirtualMachineSnapshotInfo{RootSnapshotList: append(roots, trees...), CurrentSnapshot: &trees[0].Snapshot}
}

func (w *world) move(vm *simulator.VirtualMachine, name string) error {
	host, ok := w.hosts[name]
	if !ok {
		return fmt.Errorf("there is no host %q", name)
	}
	old := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	old.Vm = without(old.Vm, vm.Self)
	host.Vm = append(host.Vm, vm.Self)
	vm.Runtime.Host, vm.Summary.Runtime.Host = &host.Self, &host.Self
	return nil
}

// remove takes the machine from everything that names it, as Destroy does, without touching files.
func (w *world) remove(vm *simulator.VirtualMachine) {
	host := simulator.Map.Get(*vm.Runtime.Host).(*simulator.HostSystem)
	host.Vm = without(host.Vm, vm.Self)
	if folder, ok := parentFolder(vm); ok {
		folder.ChildEntity = without(folder.ChildEntity, vm.Self)
	}
	for _, pool := range w.pools {
		pool.Vm = without(pool.Vm, vm.Self)
	}
	for _, vapp := range w.vapps {
		vapp.Vm = without(vapp.Vm, vm.Self)
	}
	for _, store := range w.stores {
		store.Vm = without(store.Vm, vm.Self)
	}
	for _, group := range w.portgroups {
		group.Vm = without(group.Vm, vm.Self)
	}
	for _, ref := range w.networks {
		network := simulator.Map.Get(ref).(*mo.Network)
		network.Vm = without(network.Vm, vm.Self)
	}
	if w.dvs != nil {
		w.dvs.Summary.Vm = without(w.dvs.Summary.Vm, vm.Self)
	}
	simulator.Map.Remove(vm.Self)
}

func parentFolder(vm *simulator.VirtualMachine) (*simulator.Folder, bool) {
	if vm.Parent == nil {
		return nil, false
	}
	folder, ok := simulator.Map.Get(*vm.Parent).(*simulator.Folder)
	return folder, ok
}

// without makes a new list: a request being answered may still walk the old one.
func without(refs []types.ManagedObjectReference, gone types.ManagedObjectReference) []types.ManagedObjectReference {
	var rest []types.ManagedObjectReference
	for _, ref := range refs {
		if ref != gone {
			rest = append(rest, ref)
		}
	}
	return rest
}
