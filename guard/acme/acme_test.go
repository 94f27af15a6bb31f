package acme

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"frontdesk/guard"
	"frontdesk/guard/acme/pebbletest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// doors are what an authority asks at: those of one node.
type doors struct {
	http, tls int // ports
	node      atomic.Pointer[Keeper]
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.node.Load().Handler(http.NotFoundHandler()).ServeHTTP(w, r)
	}))
	t.Cleanup(plain.Close)
	d.http = plain.Listener.Addr().(*net.TCPAddr).Port
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{NextProtos: []string{Protocol},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if Asks(hello) {
				return d.node.Load().Prove(hello)
			}
			cert, _ := d.node.Load().Find(hello.ServerName)
			return cert, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { conn.(*tls.Conn).Handshake(); conn.Close() }()
		}
	}()
	d.tls = l.Addr().(*net.TCPAddr).Port
	return d
}

// world is an authority and two nodes, of which the second answers its questions and the first orders.
type world struct {
	*doors
	authority   *pebbletest.Authority
	orders      Config
	first, next *Keeper
	here        error // what DNS says of names
	now         time.Time
}

func newWorld(t *testing.T, db *store.DB, kinds ...string) *world {
	t.Helper()
	w := &world{doors: openDoors(t), now: time.Now()}
	w.authority = pebbletest.Start(t, w.http, w.tls)
	w.orders = Config{Directory: w.authority.Directory, HTTP: w.authority.HTTP, Contact: "admin@example.org",
		Kinds: kinds, Changed: func() {},
		Names: func(context.Context) ([]Wanted, error) {
			return []Wanted{{"desk.example", true}, {"mta-sts.example", false}}, nil
		},
		Here: func(_ context.Context, n Wanted) error {
			if n.Sure {
				return w.here
			}
			return &Trouble{Elsewhere, "192.0.2.9"}
		},
		Alone: func(context.Context) (bool, error) { return true, nil }}
	answers := w.orders
	answers.Alone = func(context.Context) (bool, error) { return false, nil }
	seal, log := guard.NewSeal("the secret of all nodes"), slog.New(slog.DiscardHandler)
	w.first, w.next = New(w.orders, db, seal, log), New(answers, db, seal, log)
	w.first.now, w.next.now = func() time.Time { return w.now }, func() time.Time { return w.now }
	w.node.Store(w.next)
	return w
}

func (w *world) look(t *testing.T) {
	t.Helper()
	for _, k := range []*Keeper{w.first, w.next} {
		if err := k.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// shows is the number of the certificate that the second node shows for a name, checked as a client does.
func (w *world) shows(t *testing.T, name string) string {
	t.Helper()
	conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.tls)),
		&tls.Config{ServerName: name, RootCAs: w.authority.Roots})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// A certificate that one node ordered, proven at another, is shown there; it is renewed when two thirds of its time
// are over, and not before. Nothing is ordered for a name that DNS leads elsewhere.
func TestOrdered(t *testing.T) {
	for _, kind := range []string{HTTP01, TLSALPN01} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				w := newWorld(t, db, kind)
				w.look(t)
				first := w.shows(t, "desk.example")
				list, err := w.next.List(t.Context())
				if err != nil || len(list) != 1 || list[0].State != Valid || list[0].Name != "desk.example" {
					t.Fatalf("%+v %v", list, err)
				}
				w.now = w.now.Add(59 * 24 * time.Hour)
				w.look(t)
				if w.shows(t, "desk.example") != first {
					t.Error("renewed too early")
				}
				w.now = w.now.Add(2 * 24 * time.Hour)
				w.look(t)
				if w.shows(t, "desk.example") == first {
					t.Error("not renewed")
				}
				if n := count(t, db, `SELECT COUNT(*) FROM certificate_challenge`); n != 0 {
					t.Errorf("%d answers lie about", n)
				}
			})
		})
	}
}

// Who asks for a name that is not ours gets nothing, and has nothing ordered.
func TestNotOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t), HTTP01, TLSALPN01)
	w.look(t)
	for _, name := range []string{"evil.example", "x.desk.example"} {
		if cert, ours := w.next.Find(name); cert != nil || ours {
			t.Errorf("%s: a certificate", name)
		}
		if _, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.tls)),
			&tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: []string{Protocol}}); err == nil {
			t.Errorf("%s is proven", name)
		}
		if err := w.next.Again(t.Context(), name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s is ordered: %v", name, err)
		}
	}
	w.look(t)
	if n := count(t, w.first.db, `SELECT COUNT(*) FROM certificate WHERE chain <> ''`); n != 1 {
		t.Errorf("%d certificates", n)
	}
	for _, path := range []string{challengePath + "x", challengePath} {
		answer := httptest.NewRecorder()
		asked := httptest.NewRequest("GET", "http://desk.example"+path, nil)
		w.next.Handler(http.NotFoundHandler()).ServeHTTP(answer, asked)
		if answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, answer.Code)
		}
	}
}

// What keeps a name from having one is told, and tried again later each time; the way that works is found.
func TestFailing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, HTTP01)
		w.orders.Kinds = nil
		state := func() Certificate {
			t.Helper()
			w.look(t)
			list, err := w.next.List(t.Context())
			if err != nil || len(list) != 1 {
				t.Fatalf("%+v %v", list, err)
			}
			return list[0]
		}
		w.here = &Trouble{NoAddress, "no such name"}
		if got := state(); got.State != Waiting || got.Trouble != NoAddress || got.Next == nil {
			t.Errorf("without an address: %+v", got)
		}
		w.here, w.now = nil, w.now.Add(hereEvery)
		w.node.Store(New(w.orders, storetest.SQLite(t), w.first.seal, w.first.log)) // knows nothing of the challenge
		got := state()
		if got.State != Waiting || got.Trouble != "unauthorized" || !strings.Contains(got.Detail, "404") {
			t.Errorf("not answered: %+v", got)
		}
		tried := got.Tried
		w.now = w.now.Add(soonest / 2)
		if got := state(); !got.Tried.Equal(*tried) {
			t.Error("tried again at once")
		}
		w.node.Store(w.next)
		if err := w.next.Again(t.Context(), "desk.example"); err != nil {
			t.Fatal(err)
		}
		if got := state(); got.State != Valid || got.Trouble != "" {
			t.Errorf("asked for by a person: %+v", got)
		}
	})
}

// The pause grows up to a day; an authority that says how long is obeyed.
func TestPauses(t *testing.T) {
	k := New(Config{}, nil, nil, slog.New(slog.DiscardHandler))
	now := time.Now()
	k.now = func() time.Time { return now }
	var r row
	before := time.Duration(0)
	for range 12 {
		k.failed(&r, errors.New("no"))
		wait := r.next.Sub(now)
		if wait > latest*11/10 || wait < soonest || wait*10 < before*9 {
			t.Errorf("after %d failures: %v", r.failures, wait)
		}
		before = wait
	}
	r = row{}
	k.failed(&r, &acme.Error{ProblemType: "urn:ietf:params:acme:error:rateLimited",
		Header: http.Header{"Retry-After": {"10800"}}})
	if r.trouble != "rateLimited" || r.next.Sub(now) < 3*time.Hour {
		t.Errorf("%+v", r)
	}
}

func count(t *testing.T, db *store.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
