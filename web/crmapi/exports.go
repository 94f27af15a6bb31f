package crmapi

import (
	"context"
	"io"
	"os"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/exporting"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

type exportQuery struct {
	ListQuery
	Kind     record.Kind      `path:"kind" enum:"lead,deal,contact,company"`
	Format   exporting.Format `query:"format" enum:"csv,xlsx" default:"csv"`
	Pipeline string           `query:"pipeline" maxLength:"100" doc:"Of deals"`
}

func (o *Operations) routeExports(f *api.Frame) {
	api.Raw(f, api.Route{Tag: "Export", Access: api.Users, Pattern: "GET /exports/{kind}", Audit: api.AuditData,
		Streams: "application/octet-stream",
		Summary: "All that a list shows, as a CSV or an XLSX with one's own fields; import reads both"}, o.export)
}

// kinds of the files, as RFC 9110 names them.
var exportTypes = map[exporting.Format]string{exporting.CSV: "text/csv; charset=utf-8",
	exporting.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// export writes a whole file before the first byte is sent: a client never takes half a list for the list.
func (o *Operations) export(ctx context.Context, in *exportQuery) (*api.StreamOutput, error) {
	f, err := o.filter(ctx, in.Kind, in.ListQuery)
	if err != nil {
		return nil, err
	}
	f.Pipeline = in.Pipeline
	file, err := os.CreateTemp("", "frontdesk-export-*")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name()) // it lives as long as it is open
	err = o.exports.Write(ctx, api.UserOf(ctx), in.Kind, f, in.Format, file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &api.StreamOutput{Body: func(to huma.Context) {
		defer file.Close()
		to.SetHeader("Content-Type", exportTypes[in.Format])
		to.SetHeader("Content-Disposition", `attachment; filename="`+string(in.Kind)+"."+string(in.Format)+`"`)
		io.Copy(to.BodyWriter(), file) // to a client that may be gone
	}}, nil
}
