package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/cmd/frontdesk/clients"
	"frontdesk/cmd/frontdesk/demodns"
	"frontdesk/mail/smtpd"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/web"
)

// world is what lies beyond the demo company's trunk: a SIP peer on loopback that answers numbers with an echo, and
// clients who call, write and answer through the same doors as the real world's.
type world struct {
	carrier *sip.Server
	clients *clients.Clients
	names   *demodns.Names
	db      *store.DB
	log     *slog.Logger

	doors  atomic.Pointer[ready] // of the company
	calls  sync.WaitGroup
	ctx    context.Context
	cancel context.CancelFunc
}

// demoTrunk is the company's line to the world.
const demoTrunk = "Demo carrier"

// newWorld keeps its own small database beside the company's: the world knows nothing of the company but its address.
func newWorld(ctx context.Context, data string, log *slog.Logger) (w *world, err error) {
	w = &world{log: log.With("peer", "demo carrier")}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	if w.db, err = store.Open(ctx, "sqlite://"+filepath.Join(data, "world.db")); err != nil {
		return nil, err
	}
	if w.names, err = demodns.New(demoClients); err != nil {
		w.db.Close()
		return nil, err
	}
	if w.clients, err = clients.New(clients.Config{Domain: demoClients, Company: demoDomain, Name: nameOf},
		w.post, w.log.Info); err != nil {
		w.names.Close()
		w.db.Close()
		return nil, err
	}
	if err := w.openCarrier(ctx); err != nil {
		w.close()
		return nil, fmt.Errorf("demo carrier: %w", err)
	}
	return w, nil
}

func (w *world) openCarrier(ctx context.Context) (err error) {
	dir := directory.New(directory.Config{Region: "RO"}, w.db, nil)
	trunks, err := dir.Trunks(ctx)
	if err != nil {
		return err
	}
	if len(trunks) == 0 {
		if err := dir.SaveTrunk(ctx, &directory.Trunk{Name: "Everybody here", Host: "127.0.0.1",
			Allow: []string{"127.0.0.0/8"}, Active: true}); err != nil {
			return err
		}
	}
	w.carrier, err = sip.New(sip.Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Secret: []byte(rand.Text()),
		UserAgent: "Demo carrier"}, dir, w.log, prometheus.NewRegistry())
	if err != nil {
		return err
	}
	w.calls.Go(func() {
		if err := w.carrier.Serve(w.ctx, w); err != nil {
			w.log.Error("demo carrier", "err", err)
		}
	})
	return nil
}

func (w *world) close() {
	w.cancel()
	w.clients.Close()
	w.calls.Wait()
	w.names.Close()
	w.db.Close()
}

// unwilling are those in the world who do not answer, by the end of their numbers: the SIP status that tells of it.
var unwilling = map[string]pbx.Cause{"486": pbx.CauseBusy, "603": pbx.CauseDeclined, "480": pbx.CauseUnavailable}

// Arrive rings a while and answers with an echo. A number that ends in the code of a refusal refuses instead, and one
// in 408 rings on.
func (w *world) Arrive(leg pbx.Leg, dialled string) string {
	e := &echo{leg: leg, answer: time.NewTimer(2 * time.Second), over: make(chan struct{})}
	e.refusal = unwilling[dialled[max(0, len(dialled)-3):]]
	if strings.HasSuffix(dialled, "408") {
		e.answer.Stop()
	}
	leg.Listen(e.event)
	leg.Ring(false)
	w.calls.Go(func() { e.run(w.ctx) })
	return leg.ID()
}

// echo is one call to the world.
type echo struct {
	leg     pbx.Leg
	answer  *time.Timer
	refusal pbx.Cause // instead of the answer
	over    chan struct{}
}

func (e *echo) event(ev pbx.Event) {
	switch ev := ev.(type) {
	case pbx.TrackAdded:
		e.leg.Play(ev.Track)
	case pbx.Gone:
		close(e.over)
	}
}

func (e *echo) run(ctx context.Context) {
	defer e.answer.Stop()
	for {
		select {
		case <-e.answer.C:
			if e.refusal != pbx.CauseNone {
				e.leg.Hangup(e.refusal)
			} else if offer := e.leg.Offer(); len(offer) > 0 {
				e.leg.Answer(offer[0])
			} else {
				e.leg.Hangup(pbx.CauseNoCodec)
			}
		case <-e.over:
			return
		case <-ctx.Done():
			e.leg.Hangup(pbx.CauseNormal)
			<-e.over
			return
		}
	}
}

// open tells the world where the company's doors are. It must be called before the company serves.
func (w *world) open(doors ready) { w.doors.Store(&doors) }

// populate makes the company, or on a later start only points its trunk at this carrier.
func (w *world) populate(ctx context.Context, n *node) error {
	trunk := directory.Trunk{Name: demoTrunk, Kind: dialplan.Carrier, Transport: "udp", Allow: []string{"127.0.0.0/8"},
		CallerID: demoNumbers()[0], Active: true}
	trunks, err := n.directory.Trunks(ctx)
	if err != nil {
		return err
	}
	for _, t := range trunks {
		if t.Name == demoTrunk {
			trunk = t
		}
	}
	udp, _ := w.carrier.Addr()
	trunk.Host = udp.String()
	if trunk.ID != "" && len(n.members.Others()) > 0 {
		return nil // another node's carrier serves all
	}
	if trunk.ID != "" {
		return n.directory.SaveTrunk(ctx, &trunk)
	}
	return seed(ctx, n, trunk)
}

// demo is what the start page of the company offers.
func (w *world) demo() *web.Demo {
	info := web.DemoInfo{Domain: demoDomain, Numbers: demoNumbers()}
	for _, u := range demoUsers() {
		info.Users = append(info.Users, web.DemoUser{Login: u.login, Password: demoPassword, Name: u.name,
			Extension: u.extension, Mailbox: u.mailbox()})
	}
	for _, c := range demoContacts() {
		info.Clients = append(info.Clients, web.DemoClient{Name: c.name, Number: c.phone, Email: c.email})
	}
	return &web.Demo{Info: info, Call: w.call, Mail: w.mail}
}

// call has a client call one of the company's numbers and stay until somebody hangs up, two minutes at most.
func (w *world) call(_ context.Context, number, from string) error {
	if number == "" {
		number = demoNumbers()[0]
	}
	if from == "" {
		from = demoContacts()[0].phone
	}
	w.calls.Go(func() {
		ctx, cancel := context.WithTimeout(w.ctx, 2*time.Minute)
		defer cancel()
		if _, err := sip.PlaceCall(ctx, sip.CallOptions{Server: w.doors.Load().SIPUDP, To: number, From: from,
			Duration: time.Minute}, func(string) {}); err != nil {
			w.log.Info("a demo client called", "from", from, "to", number, "err", err)
		}
	})
	return nil
}

func (w *world) mail(ctx context.Context, to, from string) error {
	if to == "" {
		to = demoUsers()[1].mailbox()
	}
	if from == "" {
		from = demoContacts()[0].email
	}
	return w.post(ctx, smtpd.PostOptions{
		From: from, To: to, Subject: "Question about our order",
		Text: "Hello,\n\ncould you tell me when our order will arrive, and send me the new price list?\n\n" +
			"Kind regards\n" + nameOf(from) + "\n",
	})
}

// post hands a mail to the company.
func (w *world) post(ctx context.Context, o smtpd.PostOptions) error {
	o.Server = w.doors.Load().SMTP
	return smtpd.Post(ctx, o, func(string) {})
}
