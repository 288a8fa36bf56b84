package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) addNetworks() {
	folder := simulator.Map.Get(w.datacenter.NetworkFolder).(*simulator.Folder)
	folder.ChildEntity, w.datacenter.Network = nil, nil // drop the model's own
	for _, spec := range w.site.Networks {
		if spec.Switch == "" {
			w.addStandardNetwork(folder, spec)
			continue
		}
		if w.dvs == nil {
			w.addSwitch(folder, spec.Switch)
		}
		w.addPortgroup(folder, spec)
	}
	for _, host := range w.hosts {
		host.Network = w.datacenter.Network
	}
	if w.cluster != nil {
		w.cluster.Network = w.datacenter.Network
	} else {
		simulator.Map.Any("ComputeResource").(*mo.ComputeResource).Network = w.datacenter.Network
	}
}

func (w *world) addStandardNetwork(folder *simulator.Folder, spec Network) {
	network := &mo.Network{}
	network.Self = types.ManagedObjectReference{Type: "Network", Value: fmt.Sprintf("network-%d", 60+len(w.networks))}
	if w.lone() {
		network.Self.Value = "HaNetwork-" + spec.Name
	}
	network.Name = spec.Name
	network.ManagedEntity.Name = spec.Name
	network.Summary = &types.NetworkSummary{Network: &network.Self, Name: spec.Name, Accessible: true}
	simulator.Map.PutEntity(folder, network)
	folder.ChildEntity = append(folder.ChildEntity, network.Self)
	w.datacenter.Network = append(w.datacenter.Network, network.Self)
	w.networks[spec.Name] = network.Self
	for _, host := range w.hosts {
		network.Host = append(network.Host, host.Self)
	}
}

func (w *world) addSwitch(folder *simulator.Folder, name string) {
	product := &types.DistributedVirtualSwitchProductSpec{
		Name: "DVS", Vendor: "VMware, Inc.", Version: version, Build: vcenterBuild, ForwardingClass: "etherswitch",
	}
	dvs := &simulator.DistributedVirtualSwitch{}
	dvs.Self = types.ManagedObjectReference{Type: "VmwareDistributedVirtualSwitch", Value: "dvs-70"}
	dvs.Name, dvs.ManagedEntity.Name = name, name
	dvs.Uuid = "50 13 2a 1c 9e 40 11 70-8d 12 6f 0e 31 a2 90 55"
	dvs.Summary = types.DVSSummary{
		Name: name, Uuid: dvs.Uuid, NumPorts: 64, ProductInfo: product, Description: "", NumHosts: int32(len(w.hosts)),
		Contact: &types.DVSContactInfo{Name: "IT office", Contact: "it@example.ir"},
	}
	config := &types.VMwareDVSConfigInfo{MaxMtu: 1500, LacpApiVersion: "multipleLag", MulticastFilteringMode: "legacyFiltering"}
	config.LinkDiscoveryProtocolConfig = &types.LinkDiscoveryProtocolConfig{Protocol: "cdp", Operation: "listen"}
	config.DVSConfigInfo = types.DVSConfigInfo{
		Uuid: dvs.Uuid, Name: name, NumPorts: 64, MaxPorts: 2147483647, ProductInfo: *product, ConfigVersion: "12",
		UplinkPortPolicy:  &types.DVSNameArrayUplinkPortPolicy{UplinkPortName: []string{"Uplink 1", "Uplink 2"}},
		DefaultPortConfig: portSetting(Network{}), Contact: *dvs.Summary.Contact, CreateTime: w.clock.daysAgo(60),
		Policy: &types.DVSPolicy{AutoPreInstallAllowed: ptr(false)}, NetworkResourceManagementEnabled: ptr(true),
	}
	for _, spec := range w.site.Hosts {
		host := w.hosts[spec.Name]
		dvs.Summary.HostMember = append(dvs.Summary.HostMember, host.Self)
		dvs.Summary.Host = append(dvs.Summary.Host, host.Self)
		config.Host = append(config.Host, types.DistributedVirtualSwitchHostMember{
			Config: types.DistributedVirtualSwitchHostMemberConfigInfo{
				Host: &host.Self, MaxProxySwitchPorts: 2560, Backing: &types.DistributedVirtualSwitchHostMemberPnicBacking{
					PnicSpec: []types.DistributedVirtualSwitchHostMemberPnicSpec{{PnicDevice: "vmnic2"}, {PnicDevice: "vmnic3"}},
				},
			}, Status: "up",
		})
	}
	dvs.Config = config
	simulator.Map.PutEntity(folder, dvs)
	folder.ChildEntity = append(folder.ChildEntity, dvs.Self)
	w.dvs = dvs
}

func (w *world) addPortgroup(folder *simulator.Folder, spec Network) {
	group := &simulator.DistributedVirtualPortgroup{}
	group.Self = types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: fmt.Sprintf("dvportgroup-%d", 80+len(w.portgroups))}
	group.Name, group.ManagedEntity.Name = spec.Name, spec.Name
	group.Key = group.Self.Value
	group.Summary = &types.NetworkSummary{Network: &group.Self, Name: spec.Name, Accessible: true}
	group.Config = types.DVPortgroupConfigInfo{
		Key: group.Key, Name: spec.Name, NumPorts: 16, DistributedVirtualSwitch: &w.dvs.Self, DefaultPortConfig: portSetting(spec),
		Type: "earlyBinding", ConfigVersion: "3", AutoExpand: ptr(true), Uplink: ptr(spec.Uplink), BackingType: "standard",
		Policy: &types.VMwareDVSPortgroupPolicy{DVPortgroupPolicy: types.DVPortgroupPolicy{
			BlockOverrideAllowed: true, PortConfigResetAtDisconnect: true, NetworkResourcePoolOverrideAllowed: ptr(false),
		}, IpfixOverrideAllowed: ptr(false)},
	}
	group.Host = w.dvs.Summary.HostMember
	for port := 0; port < 16; port++ {
		group.PortKeys = append(group.PortKeys, fmt.Sprint(16*len(w.portgroups)+port))
	}
	simulator.Map.PutEntity(folder, group)
	folder.ChildEntity = append(folder.ChildEntity, group.Self)
	w.datacenter.Network = append(w.datacenter.Network, group.Self)
	w.dvs.Portgroup = append(w.dvs.Portgroup, group.Self)
	w.dvs.Summary.PortgroupName = append(w.dvs.Summary.PortgroupName, spec.Name)
	if spec.Uplink {
		config := w.dvs.Config.GetDVSConfigInfo()
		config.UplinkPortgroup = append(config.UplinkPortgroup, group.Self)
	}
	w.portgroups[spec.Name] = group
}

func portSetting(spec Network) *types.VMwareDVSPortSetting {
	is := func(value bool) *types.BoolPolicy { return &types.BoolPolicy{Value: ptr(value)} }
	shaping := &types.DVSTrafficShapingPolicy{
		Enabled: is(false), AverageBandwidth: &types.LongPolicy{Value: 100000000},
		PeakBandwidth: &types.LongPolicy{Value: 100000000}, BurstSize: &types.LongPolicy{Value: 104857600},
	}
	setting := &types.VMwareDVSPortSetting{
		DVPortSetting: types.DVPortSetting{Blocked: is(false), InShapingPolicy: shaping, OutShapingPolicy: shaping},
		Vlan:          &types.VmwareDistributedVirtualSwitchVlanIdSpec{VlanId: spec.VLAN},
		SecurityPolicy: &types.DVSSecurityPolicy{
			AllowPromiscuous: is(spec.Promiscuous), MacChanges: is(false), ForgedTransmits: is(false),
		},
		UplinkTeamingPolicy: &types.VmwareUplinkPortTeamingPolicy{
			Policy: &types.StringPolicy{Value: "loadbalance_srcid"}, ReversePolicy: is(true), NotifySwitches: is(true), RollingOrder: is(false),
			UplinkPortOrder: &types.VMwareUplinkPortOrderPolicy{ActiveUplinkPort: []string{"Uplink 1", "Uplink 2"}},
		},
		IpfixEnabled: is(false), TxUplink: is(false),
	}
	if spec.Uplink {
		setting.Vlan = &types.VmwareDistributedVirtualSwitchTrunkVlanSpec{VlanId: []types.NumericRange{{Start: 0, End: 4094}}}
	}
	return setting
}
