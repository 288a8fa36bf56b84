package main

import (
	"time"

	"github.com/vmware/govmomi/simulator"
)

// A Site is what one endpoint shows: a vCenter with everything under it, or one lone ESXi host.
type Site struct {
	Datacenter string
	Cluster    string // empty on a lone host
	Name       string // of the vCenter appliance
	UUID       string // content.about.instanceUuid; empty on a lone host, as ESXi leaves it
	Hosts      []Host
	Stores     []Store
	Networks   []Network
	Pools      []string // resource pools under the root pool
	VApps      []string
	Folders    []string // VM folders under the datacenter
	Pod        string   // datastore cluster, empty for none
	Licences   []Licence
	Fields     []string // custom attributes of virtual machines
	Machines   []Machine
	Extra      func(*world) // planted faults that are nobody's property
}

// A Host is one physical server. Times are counted in days before now, so that a fault keeps its age.
type Host struct {
	Name, Address               string
	Vendor, Model, Serial, UUID string
	CPU                         string
	Packages, Cores             int16 // cores of the whole host
	MHz                         int32
	MemoryGiB                   int64
	BootDays                    int
	CertificateDays             int // until the certificate expires
	NTP                         []string
	NTPStopped, SSH, Shell      bool
	Syslog                      string
	DeadPath, DownNIC, HotFan   bool
	Tune                        func(*simulator.HostSystem)
}

// A Store is a datastore. Its UUID is its volume, which stays when its host moves to a vCenter.
type Store struct {
	Name, UUID      string
	Kind            string   // VMFS or NFS
	Hosts           []string // the hosts that mount it; empty for all
	GiB, FreeGiB    int64
	Uncommitted     int64 // GiB
	InPod           bool
	Stray           []string // files that belong to no machine
	Address, Export string   // NFS
	Alarm           string
}

// A Network is a standard port group, or one of the distributed switch when Switch says so.
type Network struct {
	Name        string
	VLAN        int32
	Switch      string // name of the distributed switch; empty for vSwitch0
	Uplink      bool
	Promiscuous bool
}

// A Licence as the licence manager lists it.
type Licence struct {
	Name, Key, Edition, Unit string
	Total, Used              int32
	ExpiresDays              int // 0 for never
	Hosts                    bool
}

// A Machine is one virtual server.
type Machine struct {
	Name, Host, Folder, Pool, VApp string
	Network                        string
	UUID                           string // made from the name when empty
	CPUs, CoresPerSocket           int32
	MemoryMiB                      int32
	Version                        string // vmx-NN
	GuestID, Guest                 string // what it is configured as
	RealGuest, RealGuestID         string // what the tools report, when it differs
	HostName                       string
	Addresses                      []string
	Directory                      string // on the datastore, when it differs from the name
	Disks                          []Disk
	Partitions                     []Partition
	ToolsVersion                   int32 // 0: not installed
	Tools                          string
	Notes                          string
	Off, Template, EFI, Critical   bool // a critical one gets the better pool
	CreatedDays, BootDays          int
	Snapshots                      []Snapshot
	Attributes                     map[string]string
	Tags                           []string
	Tune                           func(*simulator.VirtualMachine)
}

// A Disk of a machine.
type Disk struct {
	GiB   int64
	Store string
	Thick bool
}

// A Partition as the tools inside the guest report it.
type Partition struct {
	Path         string
	GiB, FreeMiB int64
}

// A Snapshot of a machine with those taken after it.
type Snapshot struct {
	Name, Description string
	Days              int
	Quiesced          bool
	GiB               int64
	Children          []Snapshot
}

// A Clock counts back from a fixed moment, so that two simulators started with the same -now agree.
type Clock struct{ Now time.Time }

func (c Clock) daysAgo(days int) time.Time {
	return c.Now.Add(-time.Duration(days) * 24 * time.Hour)
}

func ptr[T any](value T) *T { return &value }
