package main

const (
	first, second = "esx01.example.ir", "esx02.example.ir"

	localStoreOfSecond = "5f8c1a20-91d20b7e-4c1e-9457a5100200"

	windows2008 = "Microsoft Windows Server 2008 R2 (64-bit)"
	windows2012 = "Microsoft Windows Server 2012 (64-bit)"
	windows2016 = "Microsoft Windows Server 2016 (64-bit)"
	windows2019 = "Microsoft Windows Server 2019 (64-bit)"

	currentTools, oldTools = 11333, 10282
)

func officeHosts() []Host {
	cpu := "Intel(R) Xeon(R) CPU E5-2650 v4 @ 2.20GHz"
	return []Host{
		{
			Name: first, Address: "10.20.0.21", Vendor: "HP", Model: "ProLiant DL380 Gen9", Serial: "CZJ6400A1B",
			UUID: "31393138-3335-4a43-3634-303041314200", CPU: cpu, Packages: 2, Cores: 24, MHz: 2200, MemoryGiB: 128, BootDays: 412,
			CertificateDays: 700, NTP: []string{"10.20.0.11", "10.20.0.12"}, SSH: true, Syslog: "udp://10.20.0.30:514",
		},
		{
			Name: second, Address: "10.20.0.22", Vendor: "HP", Model: "ProLiant DL380 Gen9", Serial: "CZJ6400A2C",
			UUID: "31393138-3335-4a43-3634-303041324300", CPU: cpu, Packages: 2, Cores: 24, MHz: 2200, MemoryGiB: 128, BootDays: 75,
			CertificateDays: 34, NTPStopped: true, DeadPath: true, DownNIC: true, HotFan: true,
		},
	}
}

func officeStores() []Store {
	return []Store{
		{Name: "datastore1", UUID: "5f8c19f4-2b6d8a10-77c0-9457a5100100", Kind: "VMFS", Hosts: []string{first}, GiB: 550, FreeGiB: 402},
		{Name: "SAN-LUN01", UUID: "5f9022d1-8a3e55c2-1b7d-9457a5100102", Kind: "VMFS", GiB: 4096, FreeGiB: 1530, Uncommitted: 900, InPod: true},
		{
			Name: "SAN-LUN02", UUID: "5f9022f8-d07714be-3e02-9457a5100102", Kind: "VMFS", GiB: 3072, FreeGiB: 215, Uncommitted: 2400, InPod: true,
			Stray: []string{"old-portal/old-portal.vmdk", "old-portal/old-portal.vmx"}, Alarm: "Datastore usage on disk",
		},
		{Name: "datastore1", UUID: localStoreOfSecond, Kind: "VMFS", Hosts: []string{second}, GiB: 550, FreeGiB: 310},
		{
			Name: "NAS-Backup", UUID: "d3b07384-d113edec", Kind: "NFS", GiB: 8192, FreeGiB: 2900, Address: "10.20.0.40", Export: "/volume1/vmware",
			Stray: []string{"iso/windows-server-2019.iso"},
		},
	}
}

func officeLicences() []Licence {
	return []Licence{
		{Name: "vCenter Server 7 Standard", Key: "DEMO1-00000-00000-00000-VCSTD", Edition: "vc.standard.instance", Unit: "server", Total: 1, Used: 1},
		{Name: "vSphere 7 Standard", Key: "DEMO2-00000-00000-00000-ESSTD", Edition: "esx.standard.cpuPackage", Unit: "cpuPackage", Total: 4, Used: 4, ExpiresDays: 25, Hosts: true},
		{Name: "Evaluation Mode", Key: "00000-00000-00000-00000-00000", Edition: "eval", Used: 0},
	}
}

func server(name, host, address, notes string, machine Machine) Machine {
	machine.Name, machine.Host, machine.Notes = name, host, notes
	machine.Addresses = []string{address}
	machine.UUID = identity("vm/" + name)
	return machine.withDefaults()
}

// stayingMachines are the ten that were there before and after, as they were before.
func stayingMachines() []Machine {
	return []Machine{
		server("Padvish", first, "10.20.0.51", "آنتی‌ویروس سازمانی پادویش\nrole: antivirus", Machine{
			Guest: windows2012, GuestID: "windows8Server64Guest", Version: "vmx-11", MemoryMiB: 8192, CPUs: 4,
			Disks: []Disk{{GiB: 100, Store: "SAN-LUN01"}}, CreatedDays: 1490, ToolsVersion: oldTools, Tools: "guestToolsSupportedOld",
			Attributes: map[string]string{"Owner": "واحد شبکه"},
		}),
		server("Backup Server", second, "10.20.0.52", "سرور پشتیبان‌گیری بانک‌های اطلاعاتی\nrole: backup", Machine{
			Guest: windows2012, GuestID: "windows8Server64Guest", Version: "vmx-11", MemoryMiB: 8192, CPUs: 4, HostName: "bkp01.example.ir",
			Disks:      []Disk{{GiB: 80, Store: "SAN-LUN02"}, {GiB: 1500, Store: "SAN-LUN02", Thick: true}},
			Partitions: []Partition{{Path: `C:\`, GiB: 79, FreeMiB: 22000}, {Path: `D:\`, GiB: 1499, FreeMiB: 31000}}, CreatedDays: 1480,
			ToolsVersion: oldTools, Tools: "guestToolsSupportedOld", Attributes: map[string]string{"Backup": "خودش", "Owner": "واحد شبکه"},
		}),
		server("FileServer", first, "10.20.0.53", "اشتراک فایل ادارات", Machine{
			Guest: windows2008, GuestID: "windows7Server64Guest", Version: "vmx-09", MemoryMiB: 8192, CPUs: 2, HostName: "fs01.example.ir",
			Disks:      []Disk{{GiB: 60, Store: "SAN-LUN01"}, {GiB: 900, Store: "SAN-LUN01"}},
			Partitions: []Partition{{Path: `C:\`, GiB: 59, FreeMiB: 18000}, {Path: `E:\`, GiB: 899, FreeMiB: 260000}}, CreatedDays: 1500,
			ToolsVersion: oldTools, Tools: "guestToolsSupportedOld", Attributes: map[string]string{"Backup": "روزانه", "Role": "file"},
		}),
		server("SolarWinds", second, "10.20.0.54", "پایش شبکه (سولار)", Machine{
			Guest: windows2016, GuestID: "windows9Server64Guest", MemoryMiB: 16384, CPUs: 4, Tags: []string{"monitoring"},
			Disks: []Disk{{GiB: 120, Store: "SAN-LUN01"}}, CreatedDays: 800,
		}),
		server("Automation", first, "10.20.0.55", "اتوماسیون اداری\nrole: automation", Machine{
			Guest: windows2016, GuestID: "windows9Server64Guest", MemoryMiB: 16384, CPUs: 8, CoresPerSocket: 1, Directory: "automation-old",
			Disks:       []Disk{{GiB: 100, Store: "SAN-LUN01"}, {GiB: 400, Store: "SAN-LUN01"}, {GiB: 400, Store: "SAN-LUN01"}, {GiB: 200, Store: "SAN-LUN01"}},
			CreatedDays: 1200, Attributes: map[string]string{"Backup": "روزانه", "Owner": "دبیرخانه"},
		}),
		server("Intranet", first, "10.20.0.56", "پورتال داخلی\nrole: web", Machine{
			Guest: "Ubuntu Linux (64-bit)", GuestID: "ubuntu64Guest", MemoryMiB: 4096, CPUs: 2, EFI: true, CreatedDays: 640,
			Disks: []Disk{{GiB: 50, Store: "SAN-LUN01"}}, Network: "DMZ",
			Partitions: []Partition{{Path: "/", GiB: 48, FreeMiB: 21000}, {Path: "/boot", GiB: 1, FreeMiB: 640}},
			Snapshots:  []Snapshot{{Name: "قبل از به‌روزرسانی", Description: "پیش از نسخهٔ جدید پورتال", Days: 97, GiB: 31}},
		}),
		server("Print", second, "10.20.0.57", "سرور چاپ\nrole: print", Machine{
			Guest: windows2016, GuestID: "windows9Server64Guest", MemoryMiB: 4096, CPUs: 2, Disks: []Disk{{GiB: 60, Store: "SAN-LUN02"}},
			CreatedDays: 900, ToolsVersion: oldTools, Tools: "guestToolsNeedUpgrade",
		}),
		server("Archive", second, "10.20.0.58", "بایگانی قدیم؛ خاموش از پارسال\nrole: archive", Machine{
			Guest: windows2008, GuestID: "windows7Server64Guest", Version: "vmx-07", MemoryMiB: 4096, CPUs: 2, Off: true,
			Disks: []Disk{{GiB: 200, Store: "datastore1"}}, CreatedDays: 1600, ToolsVersion: oldTools,
		}),
		server("Attendance", second, "10.20.0.59", "ساعت‌زنی و تردد", Machine{
			Guest: windows2012, RealGuest: windows2016, RealGuestID: "windows9Server64Guest", GuestID: "windows8Server64Guest", MemoryMiB: 8192, CPUs: 2,
			HostName: "timex.example.ir", Disks: []Disk{{GiB: 150, Store: "SAN-LUN02"}}, CreatedDays: 1100,
		}),
		server("Mail", first, "10.20.0.60", "رایانامهٔ داخلی\nrole: mail", Machine{
			Guest: "Ubuntu Linux (64-bit)", GuestID: "ubuntu64Guest", MemoryMiB: 8192, CPUs: 4, Network: "DMZ",
			Disks: []Disk{{GiB: 40, Store: "SAN-LUN01"}, {GiB: 300, Store: "SAN-LUN01"}}, CreatedDays: 700,
			Partitions: []Partition{{Path: "/", GiB: 38, FreeMiB: 12000}, {Path: "/var/mail", GiB: 298, FreeMiB: 90000}},
			Snapshots:  []Snapshot{{Name: "VEEAM BACKUP TEMPORARY SNAPSHOT", Description: "Please do not delete this snapshot.", Days: 3, GiB: 2}},
		}),
	}
}

// removedMachines are the five that went, by order of the infrastructure department.
func removedMachines() []Machine {
	old := func(disk int64, store string) Machine {
		return Machine{
			Guest: windows2008, GuestID: "windows7Server64Guest", Version: "vmx-09", MemoryMiB: 8192, CPUs: 2, CreatedDays: 1700,
			Disks: []Disk{{GiB: disk, Store: store}}, ToolsVersion: oldTools, Tools: "guestToolsSupportedOld",
		}
	}
	return []Machine{
		server("kaspersky", first, "10.20.0.61", "آنتی‌ویروس قدیم", old(120, "SAN-LUN01")),
		server("RDC", first, "10.20.0.62", "Remote Desktop\nrole: rdc", old(80, "datastore1")),
		server("Citrix", first, "10.20.0.63", "XenApp", old(100, "SAN-LUN01")),
		server("DFSR", second, "10.20.0.64", "DFS Replication", old(500, "SAN-LUN02")),
		server("SCCM", second, "10.20.0.65", "System Center", old(250, "SAN-LUN02")),
	}
}

// createdMachines are the six that came.
func createdMachines() []Machine {
	young := func(days int, memory, cpus int32, disks ...int64) Machine {
		m := Machine{
			Guest: windows2019, GuestID: "windows2019srv_64Guest", MemoryMiB: memory, CPUs: cpus, CreatedDays: days, BootDays: 11,
			EFI: true, Critical: true, Attributes: map[string]string{"Owner": "اداره فناوری اطلاعات", "Backup": "روزانه"},
		}
		for _, size := range disks {
			m.Disks = append(m.Disks, Disk{GiB: size, Store: "SAN-LUN01"})
		}
		return m
	}
	wsus, directory := young(33, 8192, 4, 80, 300), young(35, 8192, 2, 80)
	wsus.Attributes["Role"] = "wsus"
	directory.Tags = []string{"dc"}
	pdc := directory
	pdc.Tags = []string{"pdc"}
	vcsa := young(45, 19456, 4, 50, 25, 100)
	vcsa.Guest, vcsa.GuestID, vcsa.HostName = "VMware Photon OS (64-bit)", "vmwarePhoton64Guest", "vc01.example.ir"
	vcsa.Partitions = []Partition{{Path: "/", GiB: 48, FreeMiB: 30000}, {Path: "/storage/log", GiB: 24, FreeMiB: 11000}, {Path: "/storage/archive", GiB: 98, FreeMiB: 2000}}
	return []Machine{
		server("WSUS", first, "10.20.0.31", "به‌روزرسانی ویندوز", wsus),
		server("SQL", first, "10.20.0.32", "بانک‌های اطلاعاتی اداره\nrole: sql", young(32, 32768, 8, 100, 500, 200)),
		server("PDC", first, "10.20.0.11", "دامین کنترلر اصلی", pdc),
		server("VCSA", second, "10.20.0.20", "VMware vCenter Server Appliance", vcsa),
		server("DC", second, "10.20.0.12", "دامین کنترلر دوم", directory),
		server("KMS", second, "10.20.0.33", "فعال‌سازی ویندوز و آفیس", young(28, 4096, 2, 60)),
	}
}

// withDefaults fills what most machines of the office share.
func (m Machine) withDefaults() Machine {
	if m.Network == "" {
		m.Network = "Servers"
	}
	if m.HostName == "" {
		m.HostName = hostNameOf(m.Name)
	}
	if m.Version == "" {
		m.Version = "vmx-17"
	}
	if m.CoresPerSocket == 0 {
		m.CoresPerSocket = m.CPUs
	}
	if m.ToolsVersion == 0 {
		m.ToolsVersion = currentTools
	}
	if m.BootDays == 0 {
		m.BootDays = 30
	}
	if m.Partitions == nil {
		m.Partitions = []Partition{{Path: `C:\`, GiB: m.Disks[0].GiB - 1, FreeMiB: m.Disks[0].GiB * 1024 / 3}}
	}
	return m
}
