package provision

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// office is a company with two people and a phone of the first.
type office struct {
	*testing.T
	ctx    context.Context
	server *Server
	mux    *http.ServeMux
	ana    people.User
	bob    people.User
	phone  directory.Device
	asked  []string // to fetch anew
	log    strings.Builder
}

func newOffice(t *testing.T, db *store.DB) *office {
	o := &office{T: t,
		ctx: context.WithValue(context.Background(), api.VisitKey{},
			&api.Visit{IP: "192.0.2.7", HTTPS: true, Agent: "Yealink T46"})}
	log := slog.New(slog.NewTextHandler(&o.log, nil))
	core := crmcore.New(db, crmcore.Config{Region: "RO"}, crmcore.Hooks{}, log, prometheus.NewRegistry())
	dir := directory.New(directory.Config{Node: "n1", Realm: "test"}, db, nil)
	o.server = New(Config{URL: "https://desk.example.com"}, Deps{Directory: dir, Core: core, Log: log,
		Listeners: func() map[string]string { return map[string]string{"sip_udp": "0.0.0.0:5060"} },
		Resync:    func(device string) { o.asked = append(o.asked, device) }})
	o.mux = http.NewServeMux()
	o.mux.Handle("GET "+Path+"{token}/{file}", o.server)
	o.ana, o.bob = o.user("ana"), o.user("bob")
	o.phone = directory.Device{User: o.ana.ID, Username: "desk1"}
	o.must(dir.SaveDevice(o.ctx, &o.phone, "secret-one"))
	o.must(dir.SaveExtension(o.ctx, &dialplan.Extension{Number: "202",
		Destination: dialplan.Destination{Kind: "user", User: o.bob.ID}}))
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) user(login string) people.User {
	u, err := o.server.Core.CreateUser(o.ctx, people.System(), people.NewUser{User: people.User{Login: login,
		Name: strings.ToUpper(login), Access: people.AccessOwn, Active: true}, Password: "correct horse " + login})
	o.must(err)
	return u
}

func (o *office) contact(of people.User, name, number string) {
	_, err := o.server.Core.CreateContact(o.ctx, of, crmcore.Contact{Name: name, Responsible: of.ID,
		Points: []record.Point{{Kind: address.Phone, Raw: number}}})
	o.must(err)
}

// fetches asks as a phone does.
func (o *office) fetches(method, url string) (status int, body string) {
	r := httptest.NewRequestWithContext(o.ctx, method, strings.TrimPrefix(url, "https://desk.example.com"), nil)
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func (o *office) ha1() string {
	d, err := o.server.Directory.Device(o.ctx, o.phone.ID)
	o.must(err)
	return d.HA1
}

// A phone's link counts once and tells a new password; what it keeps brings the settings again without one, and the
// phone book that its user may see. No token and no password is logged.
func TestPhoneSetsItselfUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		if empty, err := o.server.get(o.ctx, &api.ByID{ID: o.phone.ID}); err != nil || empty.Make != "" {
			t.Errorf("%+v, %v", empty, err)
		}
		put := &setupInput{ByID: api.ByID{ID: o.phone.ID}}
		put.Body.Make, put.Body.MAC, put.Body.Keys = "yealink", "00:15:65:12:34:AB",
			[]directory.Key{{Number: "202", Label: "Bob"}}
		_, err := o.server.put(o.ctx, put)
		o.must(err)
		link, err := o.server.link(o.ctx, &put.ByID)
		o.must(err)
		if !strings.HasPrefix(link.URL, "https://desk.example.com/provision/") ||
			!strings.HasPrefix(link.QR, "data:image/png;base64,") {
			t.Errorf("%+v", link)
		}
		before := o.ha1()
		for _, c := range []struct {
			method, url string
			status      int
		}{
			{"GET", link.URL + "y000000000044.cfg", 404}, {"HEAD", link.URL + "0015651234ab.cfg", 200},
			{"GET", link.URL + bookFile, 404}, {"GET", "/provision/GUESS/0015651234ab.cfg", 404},
		} {
			if status, _ := o.fetches(c.method, c.url); status != c.status || o.ha1() != before {
				t.Errorf("%s %s: %d", c.method, c.url, status)
			}
		}
		_, first := o.fetches("GET", link.URL+"0015651234AB.cfg")
		set := lines(t, []byte(first))
		password, kept := set["account.1.password"], set["static.auto_provision.server.url"]
		if got := o.ha1(); password == "" || got != o.server.Directory.HA1("desk1", password) ||
			set["account.1.sip_server.1.address"] != "desk.example.com" {
			t.Fatalf("it is told\n%s", first)
		}
		if status, _ := o.fetches("GET", link.URL+"0015651234ab.cfg"); status != 404 {
			t.Errorf("the link counts again: %d", status)
		}
		_, later := o.fetches("GET", kept+"0015651234ab.cfg")
		set = lines(t, []byte(later))
		if set["account.1.password"] != "" || set["linekey.2.label"] != "Bob" ||
			set["static.auto_provision.server.url"] != kept {
			t.Errorf("later it is told %v", set)
		}
		o.contact(o.ana, "Client & Co", "0722 000 001")
		o.contact(o.bob, "Another's", "0722 000 002")
		status, book := o.fetches("GET", set["remote_phonebook.data.1.url"])
		if status != 200 || !strings.Contains(book, "<Name>BOB</Name><Telephone>202") ||
			!strings.Contains(book, "Client &amp; Co") ||
			strings.Contains(book, "Another") {
			t.Errorf("%d\n%s", status, book)
		}
		if _, book := o.fetches("GET", kept+bookFile+"?q=client"); strings.Contains(book, "BOB") ||
			!strings.Contains(book, "Client") {
			t.Errorf("searched:\n%s", book)
		}
		o.isNoted(put.ByID)
		for _, secret := range []string{password, strings.Split(link.URL, "/")[4], strings.Split(kept, "/")[4]} {
			if strings.Contains(o.log.String(), secret) {
				t.Errorf("a secret is logged:\n%s", o.log.String())
			}
		}
	})
}

// isNoted checks what an admin sees of it, and that a phone is asked to fetch its settings anew.
func (o *office) isNoted(phone api.ByID) {
	o.Helper()
	now, err := o.server.get(o.ctx, &phone)
	if err != nil || now.Fetched.IsZero() || now.From != "192.0.2.7" || now.Agent != "Yealink T46" ||
		!now.Until.IsZero() {
		o.Errorf("%+v, %v", now, err)
	}
	if err := o.server.resync(o.ctx, &phone); err != nil || len(o.asked) != 1 {
		o.Errorf("%v, asked %v", err, o.asked)
	}
}

// A Poly phone keeps nothing that its file leaves out: each fetch tells it the same password, and it stays
// registered; a new link tells another.
func TestPolyKeepsItsPassword(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	in := &setupInput{ByID: api.ByID{ID: o.phone.ID}}
	in.Body.Make, in.Body.MAC = "poly", "00:04:f2:12:34:AB"
	_, err := o.server.put(o.ctx, in)
	o.must(err)
	told := func(base string) (password, self string) {
		status, body := o.fetches("GET", base+"0004f21234ab-settings.cfg")
		set := settings(t, []byte(body))
		password, self = set["@reg.1.auth.password"], set["@device.prov.serverName"]
		if status != 200 || o.ha1() != o.server.Directory.HA1("desk1", password) {
			t.Fatalf("%d, it is told\n%s", status, body)
		}
		return password, self
	}
	link, err := o.server.link(o.ctx, &in.ByID)
	o.must(err)
	first, self := told(link.URL)
	phone, err := o.server.Directory.Device(o.ctx, o.phone.ID)
	o.must(err)
	_, err = o.server.Directory.Register(o.ctx,
		directory.Registration{Device: phone.ID, Login: phone.Login(), CallID: "c", CSeq: 1,
			Add: []directory.Binding{{Contact: "sip:desk1@192.0.2.7", Expires: time.Now().Add(time.Hour)}}}, time.Now())
	o.must(err)
	for range 2 {
		if again, _ := told(self); again != first {
			t.Error("a fetch brings another password")
		}
	}
	if list, err := o.server.Directory.Bindings(o.ctx, o.phone.ID, time.Now()); err != nil || len(list) != 1 {
		t.Errorf("it is no longer registered: %v, %v", list, err)
	}
	link, err = o.server.link(o.ctx, &in.ByID)
	o.must(err)
	if other, _ := told(link.URL); other == first {
		t.Error("a new link brings the password of the one before")
	}
}

// Without encryption nothing is told, unless the configuration says so; nor to who asks too often.
func TestSettingsInTheClear(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	o.server.cfg.URL = ""
	o.must(o.server.Directory.SaveSetup(o.ctx, &directory.Setup{Device: o.phone.ID, Make: "linphone"}))
	o.ctx = context.WithValue(o.ctx, api.VisitKey{}, &api.Visit{IP: "192.0.2.7", Host: "10.0.0.5:8080"})
	in := &api.ByID{ID: o.phone.ID}
	var invalid *input.Invalid
	if _, err := o.server.link(o.ctx, in); !errors.As(err, &invalid) {
		t.Errorf("a link in the clear: %v", err)
	}
	if status, _ := o.fetches("GET", "/provision/GUESS/linphone.xml"); status != http.StatusForbidden {
		t.Errorf("without encryption: %d", status)
	}
	o.server.cfg.Plain = true
	link, err := o.server.link(o.ctx, in)
	o.must(err)
	address := strings.TrimPrefix(link.URL, "http://10.0.0.5:8080")
	if status, body := o.fetches("GET", address); status != 200 || !strings.Contains(body, "sip:10.0.0.5") &&
		!strings.Contains(body, "passwd") {
		t.Errorf("allowed, but %d from %s\n%s", status, link.URL, body)
	}
	status := 0
	for range 100 {
		status, _ = o.fetches("GET", "/provision/GUESS/linphone.xml")
	}
	if status != http.StatusTooManyRequests {
		t.Errorf("the hundredth guess: %d", status)
	}
}

// What can't be set up is refused.
func TestSetupIsChecked(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	for field, s := range map[string]directory.Setup{
		"make": {Make: "nobody", MAC: "001565123456"},
		"mac":  {Make: "snom", MAC: "00156512345"},
		"keys": {Make: "linphone", Keys: []directory.Key{{Number: "202;evil"}}},
	} {
		s.Device = o.phone.ID
		var invalid *input.Invalid
		if err := o.server.Directory.SaveSetup(o.ctx, &s); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := o.server.link(o.ctx, &api.ByID{ID: o.phone.ID}); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("a link of a phone that is not set up: %v", err)
	}
}
