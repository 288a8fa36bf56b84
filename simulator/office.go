package main

import "fmt"

// The demo office: two hosts that stood alone, and the vCenter they moved to while five servers went and six came.
// Who they are stands in office_data.go; what is wrong with them in office_faults.go.

// officeBefore is one of the two hosts on its own.
func officeBefore(name string) (Site, error) {
	for _, host := range officeHosts() {
		if host.Name != name+".example.ir" {
			continue
		}
		site := Site{
			Datacenter: "ha-datacenter", Hosts: []Host{host},
			Networks: []Network{{Name: "VM Network"}, {Name: "Servers", VLAN: 20}, {Name: "DMZ", VLAN: 30, Promiscuous: true}},
			Licences: []Licence{{Name: "Evaluation Mode", Key: "00000-00000-00000-00000-00000", Edition: "eval", ExpiresDays: 12, Hosts: true}},
		}
		for _, store := range officeStores() {
			if mounts(store, host.Name) {
				site.Stores = append(site.Stores, store)
			}
		}
		for _, machine := range append(stayingMachines(), removedMachines()...) {
			if machine.Host == host.Name {
				site.Machines = append(site.Machines, machine)
			}
		}
		site.Extra = plantFaults
		return site, nil
	}
	return Site{}, fmt.Errorf("the office has no host %q; it has esx01 and esx02", name)
}

// officeAfter is the vCenter: the same hosts, volumes and staying machines under new references.
func officeAfter() Site {
	site := Site{
		Name: "vc01.example.ir", UUID: identity("vcenter/alborz"), Datacenter: "Alborz", Cluster: "Alborz-Cluster", Pod: "SAN",
		Hosts: officeHosts(), Stores: officeStores(), Pools: []string{"Critical", "Normal"}, Folders: []string{"Infrastructure", "Services"},
		Fields: []string{"Backup", "Owner", "Role"}, Licences: officeLicences(), Extra: plantFaults,
		Networks: []Network{
			{Name: "VM Network"}, {Name: "dvs-Alborz-DVUplinks-70", Switch: "dvs-Alborz", Uplink: true},
			{Name: "dv-Servers", Switch: "dvs-Alborz", VLAN: 20}, {Name: "dv-DMZ", Switch: "dvs-Alborz", VLAN: 30, Promiscuous: true},
			{Name: "dv-Backup", Switch: "dvs-Alborz", VLAN: 40},
		},
	}
	// Two hosts both had a datastore1: vCenter numbers the second.
	for i := range site.Stores {
		if site.Stores[i].UUID == localStoreOfSecond {
			site.Stores[i].Name = "datastore1 (1)"
		}
	}
	for _, machine := range append(stayingMachines(), createdMachines()...) {
		upgrade(&machine)
		moveToVCenter(&machine)
		site.Machines = append(site.Machines, machine)
	}
	return site
}

func moveToVCenter(m *Machine) {
	if group, ok := map[string]string{"Servers": "dv-Servers", "DMZ": "dv-DMZ"}[m.Network]; ok {
		m.Network = group
	}
	for i := range m.Disks {
		if m.Disks[i].Store == "datastore1" && m.Host == second {
			m.Disks[i].Store = "datastore1 (1)"
		}
	}
	m.Folder, m.Pool = "Services", "Normal"
	if m.Critical {
		m.Folder, m.Pool = "Infrastructure", "Critical"
	}
}

// upgrade is what the office did to three servers in that year.
func upgrade(m *Machine) {
	switch m.Name {
	case "Padvish", "Backup Server", "FileServer":
		m.GuestID, m.Guest, m.Version = "windows2019srv_64Guest", windows2019, "vmx-17"
		m.ToolsVersion, m.Tools = currentTools, ""
		m.BootDays = 9
	}
	switch m.Name {
	case "Backup Server":
		m.MemoryMiB = 16384
	case "FileServer":
		m.CPUs, m.MemoryMiB = 4, 16384
	}
}
