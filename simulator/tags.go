package main

import (
	"context"
	"net/url"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/soap"
)

const roleCategory = "role"

// addTags speaks to the server just started, as a person would: the tag service has no door inside.
func (w *world) addTags(address *url.URL, line ready) error {
	wanted := w.tagged()
	if w.lone() || len(wanted) == 0 {
		return nil
	}
	ctx := context.Background()
	// To ourselves over loopback, with a certificate made a moment ago: there is nobody to check.
	client, err := vim25.NewClient(ctx, soap.NewClient(address, true))
	if err != nil {
		return err
	}
	session := rest.NewClient(client)
	if err := session.Login(ctx, url.UserPassword(line.Username, line.Password)); err != nil {
		return err
	}
	manager := tags.NewManager(session)
	category, err := manager.CreateCategory(ctx, &tags.Category{
		Name: roleCategory, Description: "What the server is for", Cardinality: "MULTIPLE", AssociableTypes: []string{"VirtualMachine"},
	})
	if err != nil {
		return err
	}
	for tag, machines := range wanted {
		id, err := manager.CreateTag(ctx, &tags.Tag{Name: tag, CategoryID: category})
		if err != nil {
			return err
		}
		for _, vm := range machines {
			if err := manager.AttachTag(ctx, id, vm.Self); err != nil {
				return err
			}
		}
	}
	return session.Logout(ctx)
}

func (w *world) tagged() map[string][]*simulator.VirtualMachine {
	wanted := map[string][]*simulator.VirtualMachine{}
	for _, m := range w.site.Machines {
		for _, tag := range m.Tags {
			if vm := findMachine(m.Name); vm != nil {
				wanted[tag] = append(wanted[tag], vm)
			}
		}
	}
	return wanted
}

func findMachine(name string) *simulator.VirtualMachine {
	for _, entity := range simulator.Map.All("VirtualMachine") {
		if vm := entity.(*simulator.VirtualMachine); vm.Name == name {
			return vm
		}
	}
	return nil
}
