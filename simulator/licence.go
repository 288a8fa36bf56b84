package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) addLicences() {
	manager := simulator.Map.Get(*w.model.ServiceContent.LicenseManager).(*simulator.LicenseManager)
	assignment := &licenceAssignments{name: w.site.Name, hosts: map[string]string{}}
	assignment.Self = types.ManagedObjectReference{Type: "LicenseAssignmentManager", Value: "LicenseAssignmentManager"}
	manager.Licenses = nil
	for _, spec := range w.site.Licences {
		info := w.licence(spec)
		manager.Licenses = append(manager.Licenses, info)
		if spec.Hosts {
			assignment.host = info
		} else if assignment.server.LicenseKey == "" {
			assignment.server = info
		}
	}
	for name, host := range w.hosts {
		assignment.hosts[host.Self.Value] = name
	}
	manager.LicenseAssignmentManager = ptr(simulator.Map.Put(assignment).Reference())
}

func (w *world) licence(spec Licence) types.LicenseManagerLicenseInfo {
	info := types.LicenseManagerLicenseInfo{
		LicenseKey: spec.Key, EditionKey: spec.Edition, Name: spec.Name, Total: spec.Total, Used: spec.Used, CostUnit: spec.Unit,
		Labels: []types.KeyValue{{Key: "VpxClientLicenseLabel", Value: "Alborz"}},
		Properties: []types.KeyAnyValue{
			{Key: "ProductName", Value: spec.Name}, {Key: "ProductVersion", Value: "7.0"},
			{Key: "feature", Value: types.KeyValue{Key: "vmotion", Value: "vSphere vMotion"}},
			{Key: "feature", Value: types.KeyValue{Key: "das", Value: "vSphere HA"}},
		},
	}
	if spec.ExpiresDays != 0 {
		info.Properties = append(info.Properties, types.KeyAnyValue{
			Key: "expirationDate", Value: w.clock.daysAgo(-spec.ExpiresDays),
		})
	}
	return info
}

// licenceAssignments replaces the simulator's, which answers with one empty entry and crashes on a lone host.
type licenceAssignments struct {
	mo.LicenseAssignmentManager
	server, host types.LicenseManagerLicenseInfo
	name         string            // of the vCenter
	hosts        map[string]string // moref value to name
}

// QueryAssignedLicenses is found by the simulator by its name.
func (m *licenceAssignments) QueryAssignedLicenses(req *types.QueryAssignedLicenses) soap.HasFault {
	response := &types.QueryAssignedLicensesResponse{}
	for id, name := range m.hosts {
		if req.EntityId == "" || req.EntityId == id {
			response.Returnval = append(response.Returnval, assigned(id, name, m.host))
		}
	}
	about := simulator.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content.About
	if id := about.InstanceUuid; id != "" && (req.EntityId == "" || req.EntityId == id) {
		response.Returnval = append(response.Returnval, assigned(id, m.name, m.server))
	}
	return &methods.QueryAssignedLicensesBody{Res: response}
}

func assigned(id, name string, licence types.LicenseManagerLicenseInfo) types.LicenseAssignmentManagerLicenseAssignment {
	return types.LicenseAssignmentManagerLicenseAssignment{
		EntityId: id, EntityDisplayName: name, AssignedLicense: licence, Scope: fmt.Sprintf("scope-%s", id),
	}
}
