package crmapi

import (
	"context"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/merging"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

type binList struct {
	api.Paging
	Kind record.Kind `query:"kind" enum:"lead,deal,contact,company"`
}

func (o *Operations) routeBin(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Bin", Access: api.Users, Pattern: "GET /bin",
		Summary: "Deleted leads, deals, contacts and companies, the latest first"}, o.listBin)
	api.Add(f, api.Route{Tag: "Bin", Access: api.Users, Pattern: "POST /bin/{id}/restore",
		Summary: "Bring a record back as it was"}, o.restore)
	api.Do(f, api.Route{Tag: "Bin", Access: api.Admins, Pattern: "DELETE /bin/{id}",
		Summary: "Delete a record in the bin for good"}, o.erase)
}

type mergeInput struct{ Body merging.Merging }

func (o *Operations) routeMerges(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Merges", Access: api.Users, Pattern: "POST /merges",
		Summary: "Make one of several leads, contacts or companies", Status: 201}, o.merge)
	api.Add(f, api.Route{Tag: "Merges", Access: api.Users, Pattern: "POST /merges/{id}/undo",
		Summary: "Take a merge back"}, o.unmerge)
}

func (o *Operations) merge(ctx context.Context, in *mergeInput) (merging.Merged, error) {
	return o.core.Merge(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) unmerge(ctx context.Context, in *api.ByID) (record.Ref, error) {
	return o.core.Unmerge(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) listBin(ctx context.Context, in *binList) (api.Page[bin.Deleted], error) {
	return page(o.core.Bin(ctx, api.UserOf(ctx), in.Kind, pageOf(in.Paging)))
}

func (o *Operations) restore(ctx context.Context, in *api.ByID) (record.Ref, error) {
	return o.core.Restore(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) erase(ctx context.Context, in *api.ByID) error {
	return o.core.Erase(ctx, api.UserOf(ctx), in.ID)
}
