package provision

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/http"
	"strings"
	"time"

	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/web/api"
)

// ServeHTTP answers a phone that asks for a file by its token: settings, or the phone book. Who has none learns
// nothing.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	visit := api.VisitOf(r.Context())
	ctx := store.As(r.Context(), store.Strangers, "")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !visit.HTTPS && !s.cfg.Plain:
		refuse(w, http.StatusForbidden)
		return
	case !s.rates.Allow(guard.NetworkOf(visit.IP)):
		refuse(w, http.StatusTooManyRequests)
		return
	}
	setup, once, err := s.Directory.SetupBy(ctx, r.PathValue("token"), time.Now())
	var kind string
	var body []byte
	if err == nil {
		kind, body, err = s.file(ctx, r, setup, once)
	}
	switch {
	case errors.Is(err, pbx.ErrNotFound):
		refuse(w, http.StatusNotFound)
	case err != nil:
		s.Log.Error("a phone is not told its settings", "device", setup.Device, "err", err)
		refuse(w, http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", kind)
		w.Write(body) // to a phone that may be gone
	}
}

// bookFile is the name of the phone book.
const bookFile = "phonebook.xml"

// file is what a phone asks for; pbx.ErrNotFound: it has none of that name.
func (s *Server) file(ctx context.Context, r *http.Request, setup directory.Setup, once bool) (kind string,
	body []byte, err error) {
	d, err := s.Directory.Device(ctx, setup.Device)
	if err != nil {
		return "", nil, err
	}
	user, err := s.Core.User(ctx, d.User)
	if err != nil {
		return "", nil, err
	}
	m, name := makers()[setup.Make], strings.ToLower(r.PathValue("file"))
	switch {
	case d.Off || !user.Active:
		return "", nil, pbx.ErrNotFound
	case !once && (name == bookFile || setup.Make == "poly" && name == setup.MAC+"-directory.xml"):
		list, err := s.entries(ctx, user, r.URL.Query().Get("q"))
		return makers()["snom"].kind, m.book(list), err
	case setup.Make == "poly" && name == setup.MAC+".cfg":
		return m.kind, polyMaster(m.file(setup.MAC)), nil
	case name != m.file(setup.MAC):
		return "", nil, pbx.ErrNotFound
	case r.Method == http.MethodHead: // it only looks: the link still counts
		return m.kind, nil, nil
	}
	p := Profile{Name: user.Name, Username: d.Username, SRTP: d.SRTP, MAC: setup.MAC, File: m.file(setup.MAC),
		Keys: setup.Keys, Asks: d.MWI == directory.MWISubscribe}
	if err := s.complete(ctx, r, &p, d, setup, once); err != nil {
		return "", nil, err
	}
	return m.kind, m.write(p), nil
}

// errNoSIP: there is nothing to register at.
var errNoSIP = errors.New("telephony has no address: set sip.udp or sip.tcp")

// passwordBy is the one of a phone that has to be told it with each fetch: that of its token, which it alone has and of
// which we keep no more than a hash.
func passwordBy(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("password of the phone"))
	return base32.StdEncoding.EncodeToString(mac.Sum(nil))[:20]
}

// complete fills in what depends on the token and on the house.
func (s *Server) complete(ctx context.Context, r *http.Request, p *Profile, d directory.Device, setup directory.Setup,
	once bool) error {
	visit, token, ok := api.VisitOf(ctx), r.PathValue("token"), false
	if p.Host, p.Port, p.Over, ok = s.registrar(s.base(r.Host, token, visit.HTTPS), p.SRTP); !ok {
		return errNoSIP
	}
	codes, err := s.Directory.Codes(ctx)
	if err != nil {
		return err
	}
	p.PickUp = codes["pickup"]
	if once {
		if token, err = s.Directory.UseLink(ctx, token); err != nil {
			return err
		}
	}
	if makers()[setup.Make].forgets {
		p.Password = passwordBy(token)
	} else if once {
		p.Password = rand.Text()[:20]
	}
	// one that stays keeps the phone registered
	if p.Password != "" && d.HA1 != s.Directory.HA1(d.Username, p.Password) {
		if _, err := s.Directory.NewPassword(ctx, setup.Device, p.Password); err != nil {
			return err
		}
	}
	p.Self = s.base(r.Host, token, visit.HTTPS)
	p.Book = p.Self + bookFile
	setup.From, setup.Agent = visit.IP, api.Cut(visit.Agent, 200)
	s.Log.Info("a phone has fetched its settings", "device", setup.Device, "from", setup.From, "agent", setup.Agent)
	return s.Directory.Fetched(ctx, setup, time.Now())
}
