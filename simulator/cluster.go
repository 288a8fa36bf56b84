package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// describeCluster switches on what an office switches on: HA and DRS, admission control left off.
func (w *world) describeCluster() {
	if w.cluster == nil {
		return
	}
	yes, no := ptr(true), ptr(false)
	config := w.cluster.ConfigurationEx.(*types.ClusterConfigInfoEx)
	config.DasConfig = types.ClusterDasConfigInfo{
		Enabled: yes, VmMonitoring: "vmMonitoringDisabled", HostMonitoring: "enabled", FailoverLevel: 1,
		AdmissionControlEnabled: no, AdmissionControlPolicy: &types.ClusterFailoverLevelAdmissionControlPolicy{FailoverLevel: 1},
		HBDatastoreCandidatePolicy: "allFeasibleDsWithUserPreference", VmComponentProtecting: "disabled",
		DefaultVmSettings: &types.ClusterDasVmSettings{
			RestartPriority: "medium", IsolationResponse: "none", RestartPriorityTimeout: 600,
			VmToolsMonitoringSettings: &types.ClusterVmToolsMonitoringSettings{
				Enabled: no, VmMonitoring: "vmMonitoringDisabled", ClusterSettings: no, FailureInterval: 30, MinUpTime: 120,
				MaxFailures: 3, MaxFailureWindow: -1,
			},
		},
	}
	config.DrsConfig = types.ClusterDrsConfigInfo{
		Enabled: yes, EnableVmBehaviorOverrides: yes, DefaultVmBehavior: types.DrsBehaviorPartiallyAutomated, VmotionRate: 3,
	}
	config.DpmConfigInfo = &types.ClusterDpmConfigInfo{Enabled: no, DefaultDpmBehavior: types.DpmBehaviorAutomated, HostPowerActionRate: 3}
	summary := w.cluster.Summary.(*types.ClusterComputeResourceSummary)
	summary.ComputeResourceSummary = types.ComputeResourceSummary{OverallStatus: types.ManagedEntityStatusGreen}
	for _, host := range w.site.Hosts {
		mhz := host.MHz * int32(host.Cores)
		summary.TotalCpu += mhz
		summary.EffectiveCpu += mhz * 9 / 10
		summary.TotalMemory += host.MemoryGiB * gib
		summary.EffectiveMemory += host.MemoryGiB * 1024 * 9 / 10 // MiB here, bytes above: so says the API
		summary.NumCpuCores += host.Cores
		summary.NumCpuThreads += 2 * host.Cores
		summary.NumHosts++
		summary.NumEffectiveHosts++
	}
	summary.CurrentFailoverLevel, summary.CurrentEVCModeKey = 1, "intel-broadwell"
	summary.NumVmotions, summary.CurrentBalance, summary.TargetBalance = 14, 120, 200
}

// sumUp fills what is counted over the machines: resource pools.
func (w *world) sumUp() {
	for _, pool := range w.pools {
		var mhz, memory int64
		for _, ref := range pool.Vm {
			vm := simulator.Map.Get(ref).(*simulator.VirtualMachine)
			mhz += int64(vm.Summary.QuickStats.OverallCpuUsage)
			memory += int64(vm.Summary.Config.MemorySizeMB)
		}
		limit := int64(w.site.Hosts[0].MHz) * int64(w.site.Hosts[0].Cores) * int64(len(w.site.Hosts))
		bytes := w.site.Hosts[0].MemoryGiB * gib * int64(len(w.site.Hosts))
		pool.Runtime = types.ResourcePoolRuntimeInfo{
			OverallStatus: types.ManagedEntityStatusGreen,
			Cpu:           types.ResourcePoolResourceUsage{UnreservedForPool: limit, UnreservedForVm: limit, OverallUsage: mhz, MaxUsage: limit},
			Memory: types.ResourcePoolResourceUsage{
				UnreservedForPool: bytes, UnreservedForVm: bytes, OverallUsage: memory * mib * 9 / 10, MaxUsage: bytes,
			},
		}
		// A struct of its own: the model lets all pools share one.
		summary := &types.ResourcePoolSummary{
			Name: pool.Name, Config: pool.Config, Runtime: pool.Runtime, ConfiguredMemoryMB: int32(memory),
		}
		if !w.lone() {
			summary.QuickStats = &types.ResourcePoolQuickStats{
				OverallCpuUsage: mhz, OverallCpuDemand: mhz, GuestMemoryUsage: memory / 5, HostMemoryUsage: memory * 9 / 10,
				DistributedCpuEntitlement: mhz, DistributedMemoryEntitlement: memory / 3, PrivateMemory: memory * 8 / 10,
				SharedMemory: memory / 20, ConsumedOverheadMemory: 60 * int64(len(pool.Vm)),
			}
		}
		pool.Summary = summary
	}
}
