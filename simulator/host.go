package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

func (w *world) describeHosts() {
	for i, spec := range w.site.Hosts {
		host := w.hosts[spec.Name]
		host.Hardware = hardware(spec, w.clock)
		host.Summary.Host = &host.Self
		summary := host.Hardware.SystemInfo
		*host.Summary.Hardware = types.HostHardwareSummary{
			Vendor: summary.Vendor, Model: summary.Model, Uuid: summary.Uuid, OtherIdentifyingInfo: summary.OtherIdentifyingInfo,
			MemorySize: spec.MemoryGiB * gib, CpuModel: spec.CPU, CpuMhz: spec.MHz, NumCpuPkgs: spec.Packages,
			NumCpuCores: spec.Cores, NumCpuThreads: 2 * spec.Cores, NumNics: 4, NumHBAs: 2,
		}
		w.hostRuntime(host, spec)
		w.hostConfig(host, spec)
		host.Config.Network = w.hostNetwork(spec, i)
		host.Config.StorageDevice = w.hostStorage(spec, i)
		certificates := &certificateManager{}
		certificates.Self = types.ManagedObjectReference{Type: "HostCertificateManager", Value: "certificateManager-" + host.Self.Value}
		certificates.CertificateInfo = certificateInfo(spec, w.clock)
		host.ConfigManager.CertificateManager = ptr(simulator.Map.Put(certificates).Reference())
		if spec.Tune != nil {
			spec.Tune(host)
		}
	}
}

func hardware(spec Host, clock Clock) *types.HostHardwareInfo {
	identifier := func(key, label, value string) types.HostSystemIdentificationInfo {
		return types.HostSystemIdentificationInfo{IdentifierValue: value, IdentifierType: &types.ElementDescription{
			Key: key, Description: types.Description{Label: label, Summary: label},
		}}
	}
	info := &types.HostHardwareInfo{
		SystemInfo: types.HostSystemInfo{
			Vendor: spec.Vendor, Model: spec.Model, Uuid: spec.UUID, SerialNumber: spec.Serial,
			OtherIdentifyingInfo: []types.HostSystemIdentificationInfo{
				identifier("AssetTag", "Asset Tag", " "), // blank and padded, as real ones are
				identifier("ServiceTag", "Service tag", spec.Serial+"  "),
				identifier("EnclosureSerialNumberTag", "Enclosure serial number tag", spec.Serial),
			},
		},
		CpuPowerManagementInfo: &types.HostCpuPowerManagementInfo{CurrentPolicy: "Balanced", HardwareSupport: "ACPI P-states, ACPI C-states"},
		CpuInfo: types.HostCpuInfo{
			NumCpuPackages: spec.Packages, NumCpuCores: spec.Cores, NumCpuThreads: 2 * spec.Cores, Hz: int64(spec.MHz) * 1e6,
		},
		MemorySize: spec.MemoryGiB * gib,
		BiosInfo: &types.HostBIOSInfo{
			BiosVersion: "P89", ReleaseDate: ptr(clock.daysAgo(900)), Vendor: "HP", MajorRelease: 2, MinorRelease: 76,
		},
	}
	for i := int16(0); i < spec.Packages; i++ {
		info.CpuPkg = append(info.CpuPkg, types.HostCpuPackage{
			Index: i, Vendor: "intel", Hz: int64(spec.MHz) * 1e6, BusHz: 100e6, Description: spec.CPU, ThreadId: []int16{2 * i, 2*i + 1},
		})
	}
	return info
}

func (w *world) hostRuntime(host *simulator.HostSystem, spec Host) {
	fan := types.HostNumericSensorInfo{
		Name: "Fan Device 3 System Fans", CurrentReading: 4700, UnitModifier: -2, BaseUnits: "Percent", SensorType: "fan",
		HealthState: health("Green", "Sensor is operating under normal conditions"),
	}
	if spec.HotFan {
		fan.HealthState = health("Yellow", "Sensor is operating under conditions that are non-critical")
	}
	host.Runtime = types.HostRuntimeInfo{
		ConnectionState: types.HostSystemConnectionStateConnected, PowerState: types.HostSystemPowerStatePoweredOn,
		StandbyMode: "none", InQuarantineMode: ptr(false), BootTime: ptr(w.clock.daysAgo(spec.BootDays)),
		HealthSystemRuntime: &types.HealthSystemRuntime{
			SystemHealthInfo: &types.HostSystemHealthInfo{NumericSensorInfo: []types.HostNumericSensorInfo{fan, {
				Name: "Temperature 1 01-Inlet Ambient", CurrentReading: 2300, UnitModifier: -2, BaseUnits: "Degrees C",
				SensorType: "temperature", HealthState: health("Green", "Sensor is operating under normal conditions"),
			}}},
			HardwareStatusInfo: &types.HostHardwareStatusInfo{MemoryStatusInfo: []types.BaseHostHardwareElementInfo{
				&types.HostHardwareElementInfo{Name: "Proc 1 DIMM 1", Status: health("Green", "Physical element is functioning as expected")},
			}},
		},
	}
	host.Summary.Runtime = &host.Runtime
	host.Summary.OverallStatus = types.ManagedEntityStatusGreen
	host.Summary.QuickStats = types.HostListSummaryQuickStats{
		OverallCpuUsage: spec.MHz * int32(spec.Cores) / 5, OverallMemoryUsage: int32(spec.MemoryGiB * 1024 * 6 / 10),
		Uptime: int32(spec.BootDays) * 86400,
	}
	if !w.lone() {
		host.Summary.MaxEVCModeKey, host.Summary.CurrentEVCModeKey = "intel-broadwell", "intel-broadwell"
		host.Summary.ManagementServerIp = "10.20.0.20"
	}
}

func health(key, summary string) *types.ElementDescription {
	return &types.ElementDescription{Key: key, Description: types.Description{Label: key, Summary: summary}}
}

func (w *world) hostConfig(host *simulator.HostSystem, spec Host) {
	config := host.Config
	config.Host = host.Self
	config.Product = types.AboutInfo{
		Name: "VMware ESXi", FullName: "VMware ESXi " + version + " build-" + hostBuild, Vendor: "VMware, Inc.",
		Version: version, Build: hostBuild, LocaleVersion: "INTL", LocaleBuild: "000", OsType: "vmnix-x86",
		ProductLineId: "embeddedEsx", ApiType: "HostAgent", ApiVersion: apiVersion,
		LicenseProductName: "VMware ESX Server", LicenseProductVersion: "7.0",
	}
	host.Summary.Config.Product = &config.Product
	config.HyperThread = &types.HostHyperThreadScheduleInfo{Available: true, Active: true, Config: true}
	config.DateTimeInfo = &types.HostDateTimeInfo{
		TimeZone:  types.HostDateTimeSystemTimeZone{Key: "UTC", Name: "UTC", Description: "UTC", GmtOffset: 0},
		NtpConfig: &types.HostNtpConfig{Server: spec.NTP}, SystemClockProtocol: "ntp",
	}
	config.Service = &types.HostServiceInfo{Service: []types.HostService{
		service("TSM", "ESXi Shell", spec.Shell), service("TSM-SSH", "SSH", spec.SSH),
		service("ntpd", "NTP Daemon", !spec.NTPStopped), service("DCUI", "Direct Console UI", true),
		service("vpxa", "VMware vCenter Agent", !w.lone()), service("vmsyslogd", "Syslog Server", true),
		service("sfcbd-watchdog", "CIM Server", true), service("lbtd", "Load-Based Teaming Daemon", true),
	}}
	config.Option = []types.BaseOptionValue{
		&types.OptionValue{Key: "Syslog.global.logHost", Value: spec.Syslog},
		&types.OptionValue{Key: "ScratchConfig.CurrentScratchLocation", Value: "/vmfs/volumes/" + w.site.Stores[0].UUID + "/.locker"},
		&types.OptionValue{Key: "UserVars.SuppressShellWarning", Value: int64(0)},
		&types.OptionValue{Key: "Misc.HostName", Value: spec.Name},
	}
	config.LockdownMode = types.HostLockdownModeLockdownDisabled
	config.PowerSystemInfo = &types.PowerSystemInfo{CurrentPolicy: types.HostPowerPolicy{
		Key: 2, Name: "PowerPolicy.dynamic.name", ShortName: "dynamic", Description: "PowerPolicy.dynamic.description",
	}}
	config.Certificate = hostCertificate(spec, w.clock)
	host.Capability = &types.HostCapability{
		VmotionSupported: true, StorageVMotionSupported: ptr(true), NfsSupported: true, IscsiSupported: true, SanSupported: true,
		MaintenanceModeSupported: true, VlanTaggingSupported: true, NicTeamingSupported: true,
	}
}

func service(key, label string, running bool) types.HostService {
	policy := "off"
	if running {
		policy = "on"
	}
	return types.HostService{Key: key, Label: label, Running: running, Policy: policy, Ruleset: []string{key}}
}
