package main

import (
	"context"
	"fmt"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A world is a simulator while its inventory is being filled.
type world struct {
	site  Site
	clock Clock
	model *simulator.Model

	datacenter *simulator.Datacenter
	cluster    *simulator.ClusterComputeResource // nil on a lone host
	dvs        *simulator.DistributedVirtualSwitch
	hosts      map[string]*simulator.HostSystem
	pools      map[string]*simulator.ResourcePool
	vapps      map[string]*simulator.VirtualApp
	folders    map[string]*simulator.Folder
	stores     map[string]*simulator.Datastore
	networks   map[string]types.ManagedObjectReference
	portgroups map[string]*simulator.DistributedVirtualPortgroup
	fields     map[string]int32
	machines   int
	snapshots  int
}

func (w *world) lone() bool { return w.site.Cluster == "" }

// build makes the simulator's own empty model and fills it, in the order in which things lean on each other.
func build(site Site, clock Clock) (*world, error) {
	w := &world{
		site: site, clock: clock, hosts: map[string]*simulator.HostSystem{}, pools: map[string]*simulator.ResourcePool{},
		vapps: map[string]*simulator.VirtualApp{}, folders: map[string]*simulator.Folder{},
		stores: map[string]*simulator.Datastore{}, networks: map[string]types.ManagedObjectReference{},
		portgroups: map[string]*simulator.DistributedVirtualPortgroup{}, fields: map[string]int32{},
	}
	if err := w.createModel(); err != nil {
		return nil, err
	}
	if err := w.createPlaces(); err != nil {
		return nil, err
	}
	w.addStores()
	w.addNetworks()
	w.describeHosts()
	w.describeCluster()
	w.addLicences()
	w.addFields()
	for _, machine := range site.Machines {
		w.addMachine(machine)
	}
	w.sumUp()
	if site.Extra != nil {
		site.Extra(w)
	}
	return w, nil
}

const version, apiVersion, vcenterBuild, hostBuild = "7.0.0", "7.0.0.0", "16749653", "16324942"

func (w *world) createModel() error {
	w.model = &simulator.Model{ServiceContent: vpx.ServiceContent, RootFolder: vpx.RootFolder}
	if w.lone() {
		w.model.ServiceContent, w.model.RootFolder = esx.ServiceContent, esx.RootFolder
	}
	about := &w.model.ServiceContent.About
	about.Version, about.ApiVersion, about.LicenseProductVersion = version, apiVersion, "7.0"
	about.Build = vcenterBuild
	if w.lone() {
		about.Build = hostBuild
	}
	about.FullName = fmt.Sprintf("%s %s build-%s", about.Name, version, about.Build)
	if err := w.model.Create(); err != nil {
		return err
	}
	if !w.lone() {
		instance := simulator.Map.Get(vim25.ServiceInstance).(*simulator.ServiceInstance)
		instance.Content.About.InstanceUuid = w.site.UUID
	}
	return nil
}

func (w *world) createPlaces() error {
	client, err := vim25.NewClient(context.Background(), w.model.Service)
	if err != nil {
		return err
	}
	if w.lone() {
		w.adoptLoneHost()
		return nil
	}
	ctx := context.Background()
	datacenter, err := object.NewRootFolder(client).CreateDatacenter(ctx, w.site.Datacenter)
	if err != nil {
		return err
	}
	folders, err := datacenter.Folders(ctx)
	if err != nil {
		return err
	}
	w.datacenter = simulator.Map.Get(datacenter.Reference()).(*simulator.Datacenter)
	cluster, err := folders.HostFolder.CreateCluster(ctx, w.site.Cluster, types.ClusterConfigSpecEx{})
	if err != nil {
		return err
	}
	w.cluster = simulator.Map.Get(cluster.Reference()).(*simulator.ClusterComputeResource)
	for _, host := range w.site.Hosts {
		task, err := cluster.AddHost(ctx, types.HostConnectSpec{HostName: host.Name}, true, nil, nil)
		if err != nil {
			return err
		}
		info, err := task.WaitForResult(ctx, nil)
		if err != nil {
			return err
		}
		w.hosts[host.Name] = simulator.Map.Get(info.Result.(types.ManagedObjectReference)).(*simulator.HostSystem)
	}
	return w.createContainers(ctx, folders, cluster)
}

func (w *world) createContainers(ctx context.Context, folders *object.DatacenterFolders, cluster *object.ClusterComputeResource) error {
	root, err := cluster.ResourcePool(ctx)
	if err != nil {
		return err
	}
	w.pools[""] = simulator.Map.Get(root.Reference()).(*simulator.ResourcePool)
	for _, name := range w.site.Pools {
		pool, err := root.Create(ctx, name, types.DefaultResourceConfigSpec())
		if err != nil {
			return err
		}
		w.pools[name] = simulator.Map.Get(pool.Reference()).(*simulator.ResourcePool)
	}
	for _, name := range w.site.VApps {
		vapp, err := root.CreateVApp(ctx, name, types.DefaultResourceConfigSpec(), simulator.NewVAppConfigSpec(), nil)
		if err != nil {
			return err
		}
		w.vapps[name] = simulator.Map.Get(vapp.Reference()).(*simulator.VirtualApp)
	}
	w.folders[""] = simulator.Map.Get(folders.VmFolder.Reference()).(*simulator.Folder)
	for _, name := range w.site.Folders {
		folder, err := folders.VmFolder.CreateFolder(ctx, name)
		if err != nil {
			return err
		}
		w.folders[name] = simulator.Map.Get(folder.Reference()).(*simulator.Folder)
	}
	return nil
}

// adoptLoneHost takes over what the ESX model always has: one host, one root pool, a fixed folder tree.
func (w *world) adoptLoneHost() {
	w.datacenter = simulator.Map.Get(esx.Datacenter.Reference()).(*simulator.Datacenter)
	host := simulator.Map.Get(esx.HostSystem.Reference()).(*simulator.HostSystem)
	host.Name = w.site.Hosts[0].Name
	host.Summary.Config.Name = host.Name
	w.hosts[host.Name] = host
	w.pools[""] = simulator.Map.Get(esx.ResourcePool.Reference()).(*simulator.ResourcePool)
	w.folders[""] = simulator.Map.Get(w.datacenter.VmFolder).(*simulator.Folder)
	simulator.Map.Get(*host.Parent).(*mo.ComputeResource).Name = host.Name
}

// addMachine registers a machine and hangs it everywhere a real one hangs.
func (w *world) addMachine(m Machine) *simulator.VirtualMachine {
	vm := w.newMachine(m)
	host := w.hosts[m.Host]
	vm.Runtime.Host, vm.Summary.Runtime.Host = &host.Self, &host.Self
	vm.EnvironmentBrowser = *w.environmentBrowser()
	w.place(vm, m)
	host.Vm = append(host.Vm, vm.Self)
	for _, disk := range m.Disks {
		w.useStore(vm, disk.Store)
	}
	w.useNetwork(vm, m)
	w.setAttributes(vm, m.Attributes)
	if m.Tune != nil {
		m.Tune(vm)
	}
	return vm
}

func (w *world) environmentBrowser() *types.ManagedObjectReference {
	if w.lone() {
		return simulator.Map.Any("ComputeResource").(*mo.ComputeResource).EnvironmentBrowser
	}
	return w.cluster.EnvironmentBrowser
}

// place puts a machine under its folder and pool; a member of a vApp has no folder, a template no pool.
func (w *world) place(vm *simulator.VirtualMachine, m Machine) {
	if m.VApp != "" {
		vapp := w.vapps[m.VApp]
		simulator.Map.Put(vm)
		vm.ParentVApp, vm.ResourcePool = &vapp.Self, &vapp.Self
		vapp.Vm = append(vapp.Vm, vm.Self)
		return
	}
	folder := w.folders[m.Folder]
	simulator.Map.PutEntity(folder, vm)
	folder.ChildEntity = append(folder.ChildEntity, vm.Self)
	if !m.Template {
		pool := w.pools[m.Pool]
		vm.ResourcePool = &pool.Self
		pool.Vm = append(pool.Vm, vm.Self)
	}
}

func (w *world) useStore(vm *simulator.VirtualMachine, name string) {
	store := w.stores[name]
	for _, ref := range vm.Datastore {
		if ref == store.Self {
			return
		}
	}
	vm.Datastore = append(vm.Datastore, store.Self)
	store.Vm = append(store.Vm, vm.Self)
}

func (w *world) useNetwork(vm *simulator.VirtualMachine, m Machine) {
	if group, ok := w.portgroups[m.Network]; ok {
		vm.Network = append(vm.Network, group.Self)
		group.Vm = append(group.Vm, vm.Self)
		w.dvs.Summary.Vm = append(w.dvs.Summary.Vm, vm.Self)
		return
	}
	if ref, ok := w.networks[m.Network]; ok {
		network := simulator.Map.Get(ref).(*mo.Network)
		vm.Network = append(vm.Network, ref)
		network.Vm = append(network.Vm, vm.Self)
	}
}

func (w *world) addFields() {
	if w.lone() {
		return
	}
	manager := simulator.Map.CustomFieldsManager()
	for i, name := range w.site.Fields {
		w.fields[name] = int32(101 + i)
		manager.Field = append(manager.Field, types.CustomFieldDef{
			Key: w.fields[name], Name: name, Type: "string", ManagedObjectType: "VirtualMachine",
		})
	}
}

func (w *world) setAttributes(vm *simulator.VirtualMachine, attributes map[string]string) {
	if w.lone() {
		return
	}
	vm.AvailableField = simulator.Map.CustomFieldsManager().Field
	for _, name := range w.site.Fields {
		if value, ok := attributes[name]; ok {
			field := &types.CustomFieldStringValue{CustomFieldValue: types.CustomFieldValue{Key: w.fields[name]}, Value: value}
			vm.CustomValue = append(vm.CustomValue, field)
			vm.Value = append(vm.Value, field)
		}
	}
	vm.Summary.CustomValue = vm.CustomValue
}
