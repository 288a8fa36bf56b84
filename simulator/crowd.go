package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// crowd is a big inventory without a story: every machine is filled like a real one, so that a bench is honest.
func crowd(o options) Site {
	site := Site{
		Name: "vc09.example.ir", UUID: identity("vcenter/crowd"), Datacenter: "DC-Crowd", Cluster: "Crowd", Pools: []string{"Normal"},
		Folders: []string{"Servers", "Test"}, Fields: []string{"Owner", "Role"}, Pod: "Crowd-Pod",
		Stores: []Store{
			{Name: "crowd-01", UUID: "60f1a2b3-0c1d2e3f-4a5b-00155d010101", Kind: "VMFS", GiB: 900000, FreeGiB: 400000, InPod: true},
			{Name: "crowd-02", UUID: "60f1a2b3-1c1d2e3f-4a5b-00155d010102", Kind: "VMFS", GiB: 900000, FreeGiB: 300000, InPod: true},
			{Name: "crowd-nas", UUID: "9b7c1d2e-3f4a5b6c", Kind: "NFS", GiB: 50000, FreeGiB: 20000, Address: "198.51.100.5", Export: "/export/crowd"},
		},
		Networks: []Network{
			{Name: "VM Network"}, {Name: "crowd-uplinks", Switch: "dvs-crowd", Uplink: true},
			{Name: "crowd-10", Switch: "dvs-crowd", VLAN: 10}, {Name: "crowd-20%2ftest", Switch: "dvs-crowd", VLAN: 20},
		},
		Licences: officeLicences(),
	}
	if o.esx {
		site.Datacenter, site.Cluster, site.Name, site.UUID, site.Pod = "ha-datacenter", "", "", "", ""
		site.Pools, site.Folders, site.Fields = nil, nil, nil
		site.Networks = []Network{{Name: "VM Network"}, {Name: "crowd-10", VLAN: 10}, {Name: "crowd-20%2ftest", VLAN: 20}}
		o.hosts = 1
	}
	for i := 0; i < o.hosts; i++ {
		site.Hosts = append(site.Hosts, crowdHost(i))
	}
	if o.hostile {
		if !o.esx {
			site.VApps = []string{"vApp 100%25"}
		}
		site.Machines = append(site.Machines, hostileMachines(site)...)
	}
	for i := 0; i < o.machines; i++ {
		m := anonymous(i, site, fmt.Sprintf("srv-%05d", i))
		if o.snapshotEvery > 0 && i%o.snapshotEvery == 0 {
			m.Snapshots = []Snapshot{{Name: "before update", Days: 20, GiB: 4, Children: []Snapshot{{Name: "after update", Days: 3, GiB: 2}}}}
		}
		site.Machines = append(site.Machines, m)
	}
	return site
}

func crowdHost(index int) Host {
	return Host{
		Name: fmt.Sprintf("esx%03d.example.ir", 101+index), Address: fmt.Sprintf("10.20.0.%d", 101+index%150),
		Vendor: "HPE", Model: "ProLiant DL380 Gen10", Serial: fmt.Sprintf("CZ2300%04d", index), UUID: identity(fmt.Sprintf("host/crowd/%d", index)),
		CPU: "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", Packages: 2, Cores: 40, MHz: 2100, MemoryGiB: 768, BootDays: 40 + index%200,
		CertificateDays: 900, NTP: []string{"10.20.0.11"}, Syslog: "udp://10.20.0.30:514",
	}
}

// anonymous is machine number i, the same on every run.
func anonymous(i int, site Site, name string) Machine {
	host := site.Hosts[i%len(site.Hosts)]
	disks := []Disk{{GiB: 60, Store: site.Stores[i%2].Name}, {GiB: 200 + int64(i%7)*50, Store: site.Stores[i%2].Name}}
	if i%3 == 0 {
		disks = append(disks, Disk{GiB: 100, Store: site.Stores[(i+1)%2].Name, Thick: true})
	}
	m := Machine{
		Name: name, UUID: identity(fmt.Sprintf("crowd/%d", i)), Host: host.Name, Network: []string{"crowd-10", "crowd-20%2ftest"}[i%2],
		CPUs: []int32{2, 4, 8}[i%3], CoresPerSocket: []int32{1, 2, 4}[i%3], MemoryMiB: []int32{4096, 8192, 16384, 32768}[i%4],
		Version: []string{"vmx-13", "vmx-14", "vmx-17"}[i%3], GuestID: "windows2019srv_64Guest", Guest: windows2019,
		HostName: name + ".example.ir", Addresses: []string{fmt.Sprintf("10.%d.%d.%d", 30+i/62500, i/250%250, i%250+1)},
		Disks: disks, ToolsVersion: 11333, CreatedDays: 100 + i%900, BootDays: 1 + i%60,
		Partitions: []Partition{{Path: `C:\`, GiB: 59, FreeMiB: 20480}, {Path: `D:\`, GiB: 190, FreeMiB: 60000}},
		Notes:      fmt.Sprintf("Server %d\nowner: team %d", i, i%12),
		Attributes: map[string]string{"Owner": fmt.Sprintf("team %d", i%12)},
	}
	if i%2 == 0 {
		m.Addresses = append(m.Addresses, fmt.Sprintf("10.%d.%d.%d", 130+i/62500, i/250%250, i%250+1))
	}
	if i%5 == 4 {
		m.GuestID, m.Guest, m.EFI = "ubuntu64Guest", "Ubuntu Linux (64-bit)", true
		m.Partitions = []Partition{{Path: "/", GiB: 58, FreeMiB: 30000}, {Path: "/boot", GiB: 1, FreeMiB: 700}, {Path: "/srv", GiB: 195, FreeMiB: 100000}}
	}
	if site.Cluster != "" {
		m.Folder, m.Pool = []string{"Servers", "Test"}[i%2], []string{"", "Normal"}[i%2]
	}
	m.Off = i%11 == 10
	m.Template = i%97 == 96
	return m
}

// hostileMachines carry what has hurt other tools: markup, formulas, escapes, turned text, machines without a configuration.
func hostileMachines(site Site) []Machine {
	names := []string{
		"[/]", "[bold red]x[/bold red]", "=cmd|x", "=cmd|'/C calc'!A0", "+1+1", "-2", "@SUM(A1)", "a%2fb", `c%5cd`, "100%25", "%252f",
		"esc\x1b[31mred", "turn\u202etxt.exe", "سرور بایگانی", " padded ", "<script>alert(1)</script>", "a&b\"c'", "tab\tname",
		"line\nbreak", "name,with;separators", "null", "1e5", "00123", "\u200fmark", "𝔘nicode", "long-" + longName(),
		"nested-snapshots", "orphaned", "inaccessible", "vCLS-1", "template-win", "powered-off", "no-tools", "srm-placeholder",
	}
	var machines []Machine
	for i, name := range names {
		m := anonymous(i, site, name)
		m.UUID, m.HostName, m.Off, m.Template = identity(fmt.Sprintf("hostile/%d", i)), fmt.Sprintf("hostile-%d.example.ir", i), false, false
		m.Directory = fmt.Sprintf("hostile-%d", i)
		m.Notes = "یادداشت سرور\nخط دوم: =HYPERLINK(\"http://198.51.100.9\")\r\nrole: file\n"
		hostileTwist(&m, name, site)
		machines = append(machines, m)
	}
	return machines
}

func longName() string {
	text := ""
	for len(text) < 74 {
		text += "x"
	}
	return text
}

func hostileTwist(m *Machine, name string, site Site) {
	switch name {
	case "[/]", "=cmd|x", "100%25":
		if site.Cluster != "" {
			m.VApp, m.Folder, m.Pool = "vApp 100%25", "", ""
		}
	case "nested-snapshots":
		m.Snapshots = []Snapshot{
			{Name: "root %2f one", Description: "شروع\nسطر دوم", Days: 90, GiB: 9, Children: []Snapshot{
				{Name: "[/]", Days: 60, GiB: 5, Quiesced: true, Children: []Snapshot{{Name: "=leaf", Days: 30, GiB: 3}}},
				{Name: "branch", Days: 50, GiB: 2},
			}},
			{Name: "VEEAM BACKUP TEMPORARY SNAPSHOT", Days: 2, GiB: 1},
		}
	case "orphaned", "inaccessible":
		m.Tune = func(vm *simulator.VirtualMachine) { withoutConfiguration(vm, name) }
	case "vCLS-1":
		m.Tune = managed("com.vmware.vim.eam", "cluster-agent")
	case "srm-placeholder":
		m.Tune = managed("com.vmware.vcDr", "placeholderVm")
	case "template-win":
		m.Template = true
	case "powered-off":
		m.Off = true
	case "no-tools":
		m.ToolsVersion = 0
	}
}

func managed(extension, kind string) func(*simulator.VirtualMachine) {
	return func(vm *simulator.VirtualMachine) {
		vm.Config.ManagedBy = &types.ManagedByInfo{ExtensionKey: extension, Type: kind}
		vm.Summary.Config.ManagedBy = vm.Config.ManagedBy
	}
}

// withoutConfiguration is how vCenter shows a machine whose host or datastore it lost.
func withoutConfiguration(vm *simulator.VirtualMachine, state string) {
	vm.Runtime.ConnectionState = types.VirtualMachineConnectionState(state)
	vm.Summary.Runtime.ConnectionState = vm.Runtime.ConnectionState
	vm.Config, vm.LayoutEx, vm.Guest, vm.ResourceConfig = nil, nil, nil, nil
	vm.Summary.Storage = nil
	vm.Summary.Config.NumCpu, vm.Summary.Config.MemorySizeMB = 0, 0
}
