package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) hostNetwork(spec Host, index int) *types.HostNetworkInfo {
	policy := types.HostNetworkPolicy{
		Security: &types.HostNetworkSecurityPolicy{AllowPromiscuous: ptr(false), MacChanges: ptr(false), ForgedTransmits: ptr(false)},
		NicTeaming: &types.HostNicTeamingPolicy{
			Policy: "loadbalance_srcid", ReversePolicy: ptr(true), NotifySwitches: ptr(true), RollingOrder: ptr(false),
			NicOrder: &types.HostNicOrderPolicy{ActiveNic: []string{"vmnic0", "vmnic1"}},
		},
		ShapingPolicy: &types.HostNetworkTrafficShapingPolicy{Enabled: ptr(false)},
		OffloadPolicy: &types.HostNetOffloadCapabilities{CsumOffload: ptr(true), TcpSegmentation: ptr(true), ZeroCopyXmit: ptr(true)},
	}
	dns := &types.HostDnsConfig{
		HostName: strings.Split(spec.Name, ".")[0], DomainName: "example.ir", Address: []string{"10.20.0.11", "10.20.0.12"},
		SearchDomain: []string{"example.ir"},
	}
	routes := &types.HostIpRouteConfig{DefaultGateway: "10.20.0.1"}
	network := &types.HostNetworkInfo{
		DnsConfig: dns, IpRouteConfig: routes, IpV6Enabled: ptr(true),
		Vnic: []types.HostVirtualNic{
			kernelNIC("vmk0", "Management Network", spec.Address, index),
			kernelNIC("vmk1", "vMotion", strings.Replace(spec.Address, "10.20.0.", "10.20.9.", 1), index),
		},
		NetStackInstance: []types.HostNetStackInstance{{
			Key: "defaultTcpipStack", Name: "defaultTcpipStack", DnsConfig: dns, IpRouteConfig: routes,
			RequestedMaxNumberOfConnections: 11000, CongestionControlAlgorithm: "newreno", IpV6Enabled: ptr(true),
		}},
		Vswitch: []types.HostVirtualSwitch{{
			Name: "vSwitch0", Key: "key-vim.host.VirtualSwitch-vSwitch0", NumPorts: 9216, NumPortsAvailable: 9180, Mtu: 1500,
			Pnic: []string{"key-vim.host.PhysicalNic-vmnic0", "key-vim.host.PhysicalNic-vmnic1"},
			Spec: types.HostVirtualSwitchSpec{
				NumPorts: 128, Mtu: 1500, Policy: &policy,
				Bridge: &types.HostVirtualSwitchBondBridge{NicDevice: []string{"vmnic0", "vmnic1"}},
			},
		}},
	}
	for i := 0; i < 4; i++ {
		network.Pnic = append(network.Pnic, physicalNIC(i, index, spec.DownNIC && i == 3))
	}
	groups := []Network{{Name: "Management Network"}, {Name: "vMotion", VLAN: 90}}
	for _, group := range append(groups, w.site.Networks...) {
		if group.Switch == "" {
			network.Portgroup = append(network.Portgroup, portGroup(group, policy))
		}
	}
	if w.dvs != nil {
		network.ProxySwitch = []types.HostProxySwitch{{
			DvsUuid: w.dvs.Uuid, DvsName: w.dvs.Name, Key: "key-vim.host.ProxySwitch-DvsPortset-0", NumPorts: 2560,
			NumPortsAvailable: 2500, Mtu: 1500, Pnic: []string{"key-vim.host.PhysicalNic-vmnic2", "key-vim.host.PhysicalNic-vmnic3"},
			Spec: types.HostProxySwitchSpec{Backing: &types.DistributedVirtualSwitchHostMemberPnicBacking{}},
		}}
	}
	return network
}

func kernelNIC(device, group, address string, index int) types.HostVirtualNic {
	return types.HostVirtualNic{
		Device: device, Key: "key-vim.host.VirtualNic-" + device, Portgroup: group,
		Spec: types.HostVirtualNicSpec{
			Ip: &types.HostIpConfig{IpAddress: address, SubnetMask: "255.255.255.0"}, Portgroup: group, Mtu: 1500,
			Mac: fmt.Sprintf("94:57:a5:10:%02x:%s", index, strings.Replace(device, "vmk", "e", 1)), TsoEnabled: ptr(true),
			NetStackInstanceKey: "defaultTcpipStack",
		},
	}
}

func physicalNIC(number, index int, down bool) types.PhysicalNic {
	nic := types.PhysicalNic{
		Key: fmt.Sprintf("key-vim.host.PhysicalNic-vmnic%d", number), Device: fmt.Sprintf("vmnic%d", number),
		Pci: fmt.Sprintf("0000:02:00.%d", number), Driver: "ntg3", WakeOnLanSupported: true, AutoNegotiateSupported: ptr(true),
		Mac:       fmt.Sprintf("94:57:a5:10:%02x:%02x", index, number),
		LinkSpeed: &types.PhysicalNicLinkInfo{SpeedMb: 1000, Duplex: true},
	}
	if down {
		nic.LinkSpeed = nil
	}
	return nic
}

func portGroup(group Network, policy types.HostNetworkPolicy) types.HostPortGroup {
	if group.Promiscuous {
		security := *policy.Security
		security.AllowPromiscuous = ptr(true)
		policy.Security = &security
	}
	return types.HostPortGroup{
		Key: "key-vim.host.PortGroup-" + group.Name, Vswitch: "key-vim.host.VirtualSwitch-vSwitch0", ComputedPolicy: policy,
		Spec: types.HostPortGroupSpec{Name: group.Name, VlanId: group.VLAN, VswitchName: "vSwitch0", Policy: policy},
	}
}
