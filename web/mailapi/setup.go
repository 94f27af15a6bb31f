package mailapi

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/domain"
	"frontdesk/mail/mime"
	"frontdesk/mail/setup"
	"frontdesk/web/api"
)

// maxAsk is how much of Outlook's question is read, in bytes.
const maxAsk = 64 << 10

// Setup registers what mail programs and servers fetch before anybody has logged in: settings of our domains, which are
// in DNS as well, and their policies. Whether a mailbox exists they don't tell.
func (o *Operations) Setup(mux *http.ServeMux) {
	mux.HandleFunc("GET "+domain.PolicyPath, o.servePolicy)
	mux.HandleFunc("GET /.well-known/autoconfig/mail/config-v1.1.xml", o.serveThunderbird)
	mux.HandleFunc("GET /mail/config-v1.1.xml", o.serveThunderbird)
	for _, path := range []string{"/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml"} {
		mux.HandleFunc("POST "+path, o.serveOutlook)
		mux.HandleFunc("GET "+path, o.serveOutlook)
	}
}

// hostOf is the name that a request is for, without a prefix; "" when it has another.
func hostOf(r *http.Request, prefixes ...string) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	for _, prefix := range prefixes {
		if name, ok := strings.CutPrefix(strings.ToLower(host), prefix); ok {
			return name
		}
	}
	return ""
}

func (o *Operations) servePolicy(w http.ResponseWriter, r *http.Request) {
	name := hostOf(r, "mta-sts.")
	d, err := o.box.Domain(r.Context(), name)
	policy := d.Policy(o.domains.Place().HostOf(name))
	if err == nil && policy == "" {
		err = mail.ErrNotFound
	}
	serve(w, "text/plain", []byte(policy), err)
}

// serve answers with a file, or says why there is none.
func serve(w http.ResponseWriter, kind string, file []byte, err error) {
	switch {
	case errors.Is(err, mail.ErrNotFound):
		api.WriteProblem(w, http.StatusNotFound, "There is nothing for this domain here.")
	case err != nil:
		api.WriteProblem(w, http.StatusServiceUnavailable, "This server can't tell just now. Try again in a moment.")
	default:
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		w.Write(file) // to a client that may be gone
	}
}

func (o *Operations) serveThunderbird(w http.ResponseWriter, r *http.Request) {
	name := hostOf(r, "autoconfig.")
	if _, of, err := mime.SplitAddress(r.URL.Query().Get("emailaddress")); err == nil {
		name = of
	}
	account, err := o.account(r.Context(), name, "")
	serve(w, "text/xml", setup.Thunderbird(account), err)
}

// account is what a program has to know for an address of a domain of ours. mail.ErrNotFound when it is not ours, or
// there is no way in.
func (o *Operations) account(ctx context.Context, name, address string) (setup.Account, error) {
	d, err := o.box.Domain(ctx, name)
	if err != nil {
		return setup.Account{}, err
	}
	place := o.domains.Place()
	a := setup.Account{Company: d.Name, Domain: d.Name, Address: address, Host: place.HostOf(d.Name)}
	ok := false
	if a.In, a.Out, ok = setup.Doors(place.Services); !ok {
		return a, mail.ErrNotFound
	}
	return a, nil
}

// serveOutlook answers by Microsoft's rules: also what it has not got is told with 200.
func (o *Operations) serveOutlook(w http.ResponseWriter, r *http.Request) {
	address := setup.OutlookAsks(io.LimitReader(r.Body, maxAsk))
	lower, name, err := mime.SplitAddress(address)
	if err != nil {
		serve(w, "text/xml", setup.OutlookError(setup.OutlookInvalid, "Invalid request"), nil)
		return
	}
	account, err := o.account(r.Context(), name, lower)
	if errors.Is(err, mail.ErrNotFound) {
		serve(w, "text/xml", setup.OutlookError(setup.OutlookUnknown, "The address is not known here"), nil)
		return
	}
	serve(w, "text/xml", setup.Outlook(account), err)
}

// profile is for phones and computers of Apple.
func (o *Operations) profile(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	boxes, err := o.box.MailboxesOf(ctx, api.UserOf(ctx).ID)
	if err != nil {
		return nil, err
	}
	for _, m := range boxes {
		if m.ID != in.ID || m.Remote {
			continue
		}
		_, name, _ := strings.Cut(m.Address, "@")
		account, err := o.account(ctx, name, m.Address)
		if err != nil {
			return nil, err
		}
		account.Name = m.Name
		return download(m.Address+".mobileconfig", "application/x-apple-aspen-config",
			io.NopCloser(strings.NewReader(string(setup.Apple(account))))), nil
	}
	return nil, mail.ErrNoMailbox
}
