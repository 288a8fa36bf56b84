package main

import (
	"fmt"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) addStores() {
	folder := simulator.Map.Get(w.datacenter.DatastoreFolder).(*simulator.Folder)
	pod := w.addPod(folder)
	for i, spec := range w.site.Stores {
		store := w.newStore(spec, i)
		w.stores[spec.Name] = store
		simulator.Map.PutEntity(folder, store)
		// A member of the pod stays the folder's child too: the simulator's views do not look into pods.
		folder.ChildEntity = append(folder.ChildEntity, store.Self)
		if spec.InPod && pod != nil {
			store.Parent = &pod.Self
			pod.ChildEntity = append(pod.ChildEntity, store.Self)
			pod.Summary.Capacity += store.Summary.Capacity
			pod.Summary.FreeSpace += store.Summary.FreeSpace
		}
		w.datacenter.Datastore = append(w.datacenter.Datastore, store.Self)
		w.mount(store, spec)
	}
}

func (w *world) addPod(folder *simulator.Folder) *simulator.StoragePod {
	if w.site.Pod == "" {
		return nil
	}
	pod := &simulator.StoragePod{}
	pod.Self = types.ManagedObjectReference{Type: "StoragePod", Value: "group-p90"}
	pod.Name = w.site.Pod
	pod.ChildType = []string{"Datastore"}
	pod.Summary = &types.StoragePodSummary{Name: pod.Name}
	pod.PodStorageDrsEntry = &types.PodStorageDrsEntry{}
	simulator.Map.PutEntity(folder, pod)
	folder.ChildEntity = append(folder.ChildEntity, pod.Self)
	return pod
}

func (w *world) newStore(spec Store, index int) *simulator.Datastore {
	store := &simulator.Datastore{}
	store.Self = types.ManagedObjectReference{Type: "Datastore", Value: fmt.Sprintf("datastore-%d", 40+index)}
	if w.lone() {
		store.Self.Value = spec.UUID
	}
	store.Name = spec.Name
	url := "ds:///vmfs/volumes/" + spec.UUID + "/"
	store.Summary = types.DatastoreSummary{
		Datastore: &store.Self, Name: spec.Name, Url: url, Capacity: spec.GiB * gib, FreeSpace: spec.FreeGiB * gib,
		Uncommitted: spec.Uncommitted * gib, Accessible: true, Type: spec.Kind, MaintenanceMode: "normal",
	}
	if !w.lone() {
		store.Summary.MultipleHostAccess = ptr(len(spec.Hosts) != 1)
	}
	info := types.DatastoreInfo{
		Name: spec.Name, Url: url, FreeSpace: spec.FreeGiB * gib, MaxFileSize: 64 << 40, Timestamp: &w.clock.Now,
	}
	store.Info = storeInfo(spec, info)
	store.Capability = types.DatastoreCapability{
		DirectoryHierarchySupported: true, RawDiskMappingsSupported: spec.Kind == "VMFS", PerFileThinProvisioningSupported: true,
	}
	store.IormConfiguration = &types.StorageIORMInfo{Enabled: false, CongestionThreshold: 30, CongestionThresholdMode: "automatic"}
	browser := &datastoreBrowser{store: store, stray: spec.Stray}
	browser.Self = types.ManagedObjectReference{Type: "HostDatastoreBrowser", Value: "datastoreBrowser-" + store.Self.Value}
	browser.Datastore = []types.ManagedObjectReference{store.Self}
	store.Browser = simulator.Map.Put(browser).Reference()
	return store
}

func storeInfo(spec Store, info types.DatastoreInfo) types.BaseDatastoreInfo {
	volume := types.HostFileSystemVolume{Type: spec.Kind, Name: spec.Name, Capacity: spec.GiB * gib}
	if spec.Kind == "NFS" {
		return &types.NasDatastoreInfo{DatastoreInfo: info, Nas: &types.HostNasVolume{
			HostFileSystemVolume: volume, RemoteHost: spec.Address, RemotePath: spec.Export, UserName: "",
			RemoteHostNames: []string{spec.Address}, SecurityType: "AUTH_SYS",
		}}
	}
	return &types.VmfsDatastoreInfo{DatastoreInfo: info, Vmfs: &types.HostVmfsVolume{
		HostFileSystemVolume: volume, BlockSizeMb: 1, BlockSize: 1024, UnmapGranularity: 1024, UnmapPriority: "low",
		MaxBlocks: 63963136, MajorVersion: 6, Version: "6.82", Uuid: spec.UUID, Ssd: ptr(false), Local: ptr(len(spec.Hosts) == 1),
		Extent: []types.HostScsiDiskPartition{{DiskName: diskOf(spec), Partition: 1}},
	}}
}

// diskOf names the disk under a VMFS volume.
func diskOf(spec Store) string {
	return "naa.600508b1" + strings.ReplaceAll(identity("lun/" + spec.UUID)[:19], "-", "")
}

func (w *world) mount(store *simulator.Datastore, spec Store) {
	for _, each := range w.site.Hosts {
		if !mounts(spec, each.Name) {
			continue
		}
		host := w.hosts[each.Name]
		host.Datastore = append(host.Datastore, store.Self)
		store.Host = append(store.Host, types.DatastoreHostMount{Key: host.Self, MountInfo: types.HostMountInfo{
			Path: "/vmfs/volumes/" + spec.UUID, AccessMode: "readWrite", Mounted: ptr(true), Accessible: ptr(true),
		}})
	}
	if w.cluster != nil {
		w.cluster.Datastore = append(w.cluster.Datastore, store.Self)
	} else {
		parent := simulator.Map.Any("ComputeResource").(*mo.ComputeResource)
		parent.Datastore = append(parent.Datastore, store.Self)
	}
}

func mounts(spec Store, host string) bool {
	for _, name := range spec.Hosts {
		if name == host {
			return true
		}
	}
	return len(spec.Hosts) == 0
}

// A datastoreBrowser answers searches from what the machines say they have; no file exists.
type datastoreBrowser struct {
	mo.HostDatastoreBrowser
	store *simulator.Datastore
	stray []string
}

// SearchDatastoreSubFoldersTask is found by the simulator by its name.
func (b *datastoreBrowser) SearchDatastoreSubFoldersTask(req *types.SearchDatastoreSubFolders_Task) soap.HasFault {
	// The task is the datastore's: a browser is no managed entity, and pyVmomi raises when one says it is.
	task := simulator.CreateTask(b.store, "searchDatastoreSubFolders", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		return types.ArrayOfHostDatastoreBrowserSearchResults{HostDatastoreBrowserSearchResults: b.search()}, nil
	})
	return &methods.SearchDatastoreSubFolders_TaskBody{Res: &types.SearchDatastoreSubFolders_TaskResponse{Returnval: task.Run()}}
}

func (b *datastoreBrowser) search() []types.HostDatastoreBrowserSearchResults {
	folders := map[string][]types.BaseFileInfo{}
	for name, size := range b.files() {
		folder := path.Dir(name) + "/"
		folders[folder] = append(folders[folder], fileInfo(path.Base(name), size, b.store.Info.GetDatastoreInfo().Timestamp))
	}
	names := make([]string, 0, len(folders))
	for name := range folders {
		names = append(names, name)
	}
	sort.Strings(names)
	var results []types.HostDatastoreBrowserSearchResults
	for _, name := range names {
		files := folders[name]
		sort.Slice(files, func(i, j int) bool { return files[i].GetFileInfo().Path < files[j].GetFileInfo().Path })
		results = append(results, types.HostDatastoreBrowserSearchResults{
			Datastore: &b.store.Self, FolderPath: name, File: files,
		})
	}
	return results
}

var extents = strings.NewReplacer("-flat.vmdk", ".vmdk", "-delta.vmdk", ".vmdk")

// files are those of the registered machines and those that nobody owns any more, with their sizes.
func (b *datastoreBrowser) files() map[string]int64 {
	prefix := "[" + b.store.Name + "] "
	files := map[string]int64{}
	for _, ref := range b.store.Vm {
		vm, ok := simulator.Map.Get(ref).(*simulator.VirtualMachine)
		if !ok || vm.LayoutEx == nil {
			continue
		}
		for _, file := range vm.LayoutEx.File {
			// The browser shows one file for a disk, with the size of its data.
			if strings.HasPrefix(file.Name, prefix) && file.Type != "diskDescriptor" {
				files[extents.Replace(file.Name)] = file.Size
			}
		}
	}
	for _, name := range b.stray {
		files[prefix+name] = map[string]int64{".vmdk": 40 * gib, ".iso": 5 * gib, ".vmx": 3200}[path.Ext(name)]
	}
	return files
}

func fileInfo(name string, size int64, modified *time.Time) types.BaseFileInfo {
	info := types.FileInfo{Path: name, FileSize: size, Modification: modified, Owner: "root"}
	switch path.Ext(name) {
	case ".vmdk":
		return &types.VmDiskFileInfo{FileInfo: info}
	case ".vmx", ".vmtx":
		return &types.VmConfigFileInfo{FileInfo: info}
	case ".log":
		return &types.VmLogFileInfo{FileInfo: info}
	case ".nvram":
		return &types.VmNvramFileInfo{FileInfo: info}
	case ".iso":
		return &types.IsoImageFileInfo{FileInfo: info}
	case ".vmsn":
		return &types.VmSnapshotFileInfo{FileInfo: info}
	}
	return &info
}
