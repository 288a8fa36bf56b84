package main

import (
	"fmt"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// pageLimit is the most objects in one answer; 0 answers everything at once, as the library does.
var pageLimit int

// A pager answers in pages, which the library does not. The library makes a new one for each session.
type pager struct {
	simulator.PropertyCollector
	rest   map[string][]types.ObjectContent
	tokens int
	asked  int
}

func usePages(limit int) {
	pageLimit = limit
	collector := &pager{}
	collector.Self = simulator.Map.Get(types.ManagedObjectReference{Type: "ServiceInstance", Value: "ServiceInstance"}).(*simulator.ServiceInstance).Content.PropertyCollector
	simulator.Map.Put(collector)
}

// RetrievePropertiesEx hides the library's, and like the next two is found by its name.
func (p *pager) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	answer := p.PropertyCollector.RetrievePropertiesEx(ctx, req)
	body := answer.(*methods.RetrievePropertiesExBody)
	if body.Res == nil || body.Res.Returnval == nil {
		return answer
	}
	p.asked = pageLimit
	if wanted := int(req.Options.MaxObjects); wanted > 0 && wanted < p.asked {
		p.asked = wanted
	}
	body.Res.Returnval = p.page(body.Res.Returnval.Objects)
	return body
}

// ContinueRetrievePropertiesEx gives the next page. A token is good once.
func (p *pager) ContinueRetrievePropertiesEx(req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	objects, ok := p.rest[req.Token]
	if !ok {
		fault := simulator.Fault("", &types.InvalidArgument{InvalidProperty: "token"})
		return &methods.ContinueRetrievePropertiesExBody{Fault_: fault}
	}
	delete(p.rest, req.Token)
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: *p.page(objects)},
	}
}

// CancelRetrievePropertiesEx forgets what was not fetched.
func (p *pager) CancelRetrievePropertiesEx(req *types.CancelRetrievePropertiesEx) soap.HasFault {
	delete(p.rest, req.Token)
	return &methods.CancelRetrievePropertiesExBody{Res: &types.CancelRetrievePropertiesExResponse{}}
}

func (p *pager) page(objects []types.ObjectContent) *types.RetrieveResult {
	if len(objects) <= p.asked {
		return &types.RetrieveResult{Objects: objects}
	}
	if p.rest == nil {
		p.rest = map[string][]types.ObjectContent{}
	}
	p.tokens++
	token := fmt.Sprint(p.tokens)
	p.rest[token] = objects[p.asked:]
	return &types.RetrieveResult{Token: token, Objects: objects[:p.asked]}
}
