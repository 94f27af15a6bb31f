package crmapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/importing"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

type (
	importCreate struct {
		Kind    record.Kind `query:"kind" required:"true" enum:"lead,contact,company"`
		Name    string      `query:"name" maxLength:"300" doc:"Of the file"`
		RawBody []byte      `contentType:"application/octet-stream"`
	}
	importStart struct {
		api.ByID
		Body importing.Start
	}
)

func (o *Operations) routeImports(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "GET /imports",
		Summary: "One's imports of clients, of administrators all, the latest first"}, o.listImports)
	api.Add(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "POST /imports", Status: 201,
		Body:    importing.MaxFile,
		Summary: "Read a file (CSV, XLSX or vCard) and guess what its columns are; nothing is made yet"},
		o.createImport)
	api.Add(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "GET /imports/{id}",
		Summary: "An import, and how far it is"}, o.getImport)
	api.Add(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "POST /imports/{id}/run",
		Summary: "Bring the lines in"}, o.runImport)
	api.Add(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "POST /imports/{id}/undo",
		Summary: "Take an import back, but for what was changed or used since"}, o.undoImport)
	api.Raw(f, api.Route{Tag: "Import", Access: api.Users, Pattern: "GET /imports/{id}/errors", Streams: "text/csv",
		Summary: "The lines that could not be brought in, with what is wrong with each"}, o.importErrors)
}

func (o *Operations) listImports(ctx context.Context, _ *api.None) (api.Page[importing.Import], error) {
	return api.List(o.imports.List(ctx, api.UserOf(ctx)))
}

func (o *Operations) createImport(ctx context.Context, in *importCreate) (importing.Import, error) {
	return o.imports.Add(ctx, api.UserOf(ctx), in.Kind, in.Name, in.RawBody)
}

func (o *Operations) getImport(ctx context.Context, in *api.ByID) (importing.Import, error) {
	return o.imports.Get(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) runImport(ctx context.Context, in *importStart) (importing.Import, error) {
	return o.imports.Run(ctx, api.UserOf(ctx), in.ID, in.Body)
}

func (o *Operations) undoImport(ctx context.Context, in *api.ByID) (importing.Import, error) {
	return o.imports.Undo(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) importErrors(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	write, err := o.imports.Errors(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &api.StreamOutput{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", "text/csv; charset=utf-8")
		to.SetHeader("Content-Disposition", `attachment; filename="errors.csv"`)
		to.SetStatus(200)
		write(to.BodyWriter()) // to a client that may be gone
	}}, nil
}
