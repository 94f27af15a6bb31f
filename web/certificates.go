package web

import (
	"context"

	"frontdesk/guard/acme"
	"frontdesk/store"
	"frontdesk/web/api"
)

// Certificates are those of this company's names.
type Certificates struct {
	Ordered bool               `json:"ordered" doc:"They are ordered by this program (tls.acme in its configuration)"`
	Items   []acme.Certificate `json:"items"`
}

type certificatePath struct {
	Name string `path:"name" maxLength:"253"`
}

func (s *Server) routeCertificates(f *api.Frame) {
	api.Add(f, api.Route{Tag: "System", Access: api.Admins, Pattern: "GET /certificates",
		Summary: "Certificates that are ordered by ACME (RFC 8555), and what keeps one from coming"}, s.certificates)
	api.Do(f, api.Route{Tag: "System", Access: api.Admins, Pattern: "POST /certificates/{name}/order",
		Summary: "Try again now to have a name's certificate, which failed before"}, s.orderCertificate)
}

func (s *Server) certificates(ctx context.Context, _ *api.None) (Certificates, error) {
	if s.deps.Certificates == nil {
		return Certificates{Items: []acme.Certificate{}}, nil
	}
	items, err := s.deps.Certificates.List(ctx)
	return Certificates{Ordered: true, Items: items}, err
}

func (s *Server) orderCertificate(ctx context.Context, in *certificatePath) error {
	if s.deps.Certificates == nil {
		return store.ErrNotFound
	}
	return s.deps.Certificates.Again(ctx, in.Name)
}
