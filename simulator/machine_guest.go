package main

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// guest is what the tools inside report; a machine that is off reports what vCenter remembers: nearly nothing.
func (w *world) guest(m Machine) *types.GuestInfo {
	family := "windowsGuest"
	if !strings.Contains(m.Guest, "Windows") {
		family = "linuxGuest"
	}
	guest := &types.GuestInfo{
		GuestId: m.GuestID, GuestFamily: family, GuestFullName: m.Guest, GuestState: "notRunning", AppState: "none",
		ToolsStatus: types.VirtualMachineToolsStatusToolsNotRunning, ToolsRunningStatus: "guestToolsNotRunning",
		ToolsVersion: fmt.Sprint(m.ToolsVersion), ToolsVersionStatus: "guestToolsCurrent",
		ToolsVersionStatus2: "guestToolsCurrent", ToolsInstallType: "guestToolsTypeMSI", AppHeartbeatStatus: "appStatusGray",
		GuestOperationsReady: ptr(false), InteractiveGuestOperationsReady: ptr(false),
		GuestStateChangeSupported: ptr(false), Screen: &types.GuestScreenInfo{Width: 1024, Height: 768},
	}
	if m.RealGuest != "" {
		guest.GuestFullName, guest.GuestId = m.RealGuest, m.RealGuestID
	}
	switch {
	case m.ToolsVersion == 0:
		guest.ToolsStatus = types.VirtualMachineToolsStatusToolsNotInstalled
		guest.ToolsVersionStatus, guest.ToolsVersionStatus2 = "guestToolsNotInstalled", "guestToolsNotInstalled"
		guest.ToolsInstallType, guest.GuestFullName = "", ""
	case m.Tools != "":
		guest.ToolsVersionStatus, guest.ToolsVersionStatus2 = m.Tools, m.Tools
	}
	if m.Off || m.Template || m.ToolsVersion == 0 {
		return guest
	}
	w.running(guest, m)
	return guest
}

func (w *world) running(guest *types.GuestInfo, m Machine) {
	guest.GuestState, guest.ToolsRunningStatus = "running", "guestToolsRunning"
	guest.ToolsStatus = types.VirtualMachineToolsStatusToolsOk
	if m.Tools != "" {
		guest.ToolsStatus = types.VirtualMachineToolsStatusToolsOld
	}
	guest.GuestOperationsReady, guest.GuestStateChangeSupported = ptr(true), ptr(true)
	guest.GuestKernelCrashed = ptr(false)
	guest.HostName = m.HostName
	if len(m.Addresses) > 0 {
		guest.IpAddress = m.Addresses[0]
	}
	for i, address := range m.Addresses {
		guest.Net = append(guest.Net, guestNIC(m, i, address))
	}
	guest.IpStack = []types.GuestStackInfo{ipStack(m)}
	for _, partition := range m.Partitions {
		guest.Disk = append(guest.Disk, types.GuestDiskInfo{
			DiskPath: partition.Path, Capacity: partition.GiB * gib, FreeSpace: partition.FreeMiB * mib,
		})
	}
}

func guestNIC(m Machine, index int, address string) types.GuestNicInfo {
	local := fmt.Sprintf("fe80::250:56ff:fe%s:%02x", m.UUID[0:2], index+1)
	return types.GuestNicInfo{
		Network: m.Network, MacAddress: mac(m, index), Connected: true, DeviceConfigId: int32(4000 + index),
		IpAddress: []string{address, local},
		IpConfig: &types.NetIpConfigInfo{
			IpAddress: []types.NetIpConfigInfoIpAddress{
				{IpAddress: address, PrefixLength: 24, State: "preferred"},
				{IpAddress: local, PrefixLength: 64, State: "unknown"},
			},
			Dhcp: &types.NetDhcpConfigInfo{Ipv4: &types.NetDhcpConfigInfoDhcpOptions{Enable: false}},
		},
		DnsConfig: dns(m),
	}
}

func dns(m Machine) *types.NetDnsConfigInfo {
	return &types.NetDnsConfigInfo{
		HostName: strings.Split(m.HostName, ".")[0], DomainName: "example.ir",
		IpAddress: []string{"10.20.0.11", "10.20.0.12"}, SearchDomain: []string{"example.ir"},
	}
}

func ipStack(m Machine) types.GuestStackInfo {
	route := func(network string, prefix int32, gateway string) types.NetIpRouteConfigInfoIpRoute {
		return types.NetIpRouteConfigInfoIpRoute{
			Network: network, PrefixLength: prefix,
			Gateway: types.NetIpRouteConfigInfoGateway{IpAddress: gateway, Device: "0"},
		}
	}
	return types.GuestStackInfo{
		DnsConfig: dns(m),
		IpRouteConfig: &types.NetIpRouteConfigInfo{IpRoute: []types.NetIpRouteConfigInfoIpRoute{
			route("0.0.0.0", 0, "10.20.0.1"), route("10.20.0.0", 24, ""), route("224.0.0.0", 4, ""),
		}},
	}
}
