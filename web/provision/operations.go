package provision

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/skip2/go-qrcode"

	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/web/api"
)

// Routes registers the operations on how phones are set up.
func (s *Server) Routes(f *api.Frame) {
	admins := func(pattern, summary string) api.Route {
		return api.Route{Tag: "Telephony", Access: api.Admins, Pattern: pattern, Summary: summary}
	}
	api.Add(f, admins("GET /devices/{id}/setup", "How a desk phone is set up from here"), s.get)
	api.Add(f, admins("PUT /devices/{id}/setup", "Say how a desk phone is set up from here"), s.put)
	link := admins("POST /devices/{id}/setup/link",
		"Make the link by which a phone gets its settings and a new password; it counts once")
	link.Person = true
	api.Add(f, link, s.link)
	api.Do(f, admins("POST /devices/{id}/setup/resync", "Ask a registered phone to fetch its settings anew"), s.resync)
}

type setupInput struct {
	api.ByID
	Body struct {
		Make string          `json:"make" enum:"yealink,snom,grandstream,fanvil,cisco,poly,linphone"`
		MAC  string          `json:"mac,omitempty" maxLength:"30" doc:"Of all but linphone"`
		Keys []directory.Key `json:"keys,omitempty" maxItems:"40" doc:"Colleagues and slots of parked calls that its keys show"`
	}
}

// Link is what a phone is given.
type Link struct {
	URL   string    `json:"url"`
	QR    string    `json:"qr" doc:"The same as a picture, a data URL"`
	Until time.Time `json:"until"`
}

// get is empty but for the device of a phone that nobody has set up from here.
func (s *Server) get(ctx context.Context, in *api.ByID) (directory.Setup, error) {
	setup, err := s.Directory.Setup(ctx, in.ID)
	if !errors.Is(err, directory.ErrNotFound) {
		return setup, err
	}
	_, err = s.Directory.Device(ctx, in.ID)
	return directory.Setup{Device: in.ID, Keys: []directory.Key{}}, err
}

func (s *Server) put(ctx context.Context, in *setupInput) (directory.Setup, error) {
	setup := directory.Setup{Device: in.ID, Make: in.Body.Make, MAC: in.Body.MAC, Keys: in.Body.Keys}
	if err := s.Directory.SaveSetup(ctx, &setup); err != nil {
		return setup, err
	}
	return s.Directory.Setup(ctx, in.ID)
}

func (s *Server) link(ctx context.Context, in *api.ByID) (Link, error) {
	setup, err := s.Directory.Setup(ctx, in.ID)
	if err != nil {
		return Link{}, err
	}
	visit := api.VisitOf(ctx)
	base := s.base(visit.Host, "", visit.HTTPS)
	if scheme, _ := schemeOf(base); scheme != "https" && !s.cfg.Plain {
		return Link{}, input.Refuse("link",
			"phones get passwords over https only: give the server a certificate, or allow http.plain_setup in the "+
				"configuration")
	}
	if _, _, _, ok := s.registrar(base, directory.SRTPOffered); !ok {
		return Link{}, input.Refuse("link", "%v", errNoSIP)
	}
	token, err := s.Directory.LinkSetup(ctx, in.ID, time.Now())
	if err != nil {
		return Link{}, err
	}
	if setup, err = s.Directory.Setup(ctx, in.ID); err != nil {
		return Link{}, err
	}
	address := s.base(visit.Host, token, visit.HTTPS)
	if m := makers()[setup.Make]; m.whole {
		address += m.file(setup.MAC)
	}
	picture, err := qrcode.Encode(address, qrcode.Medium, 256)
	return Link{URL: address, QR: "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture),
		Until: setup.Until}, err
}

func (s *Server) resync(ctx context.Context, in *api.ByID) error {
	if _, err := s.Directory.Setup(ctx, in.ID); err != nil {
		return err
	}
	s.Resync(in.ID)
	return nil
}
