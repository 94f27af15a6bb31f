package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"frontdesk/bus"
	"frontdesk/cmd/frontdesk/bind"
	"frontdesk/cmd/frontdesk/certificate"
	"frontdesk/crmcore/automation"
	"frontdesk/guard"
	"frontdesk/intake"
	"frontdesk/mail"
	"frontdesk/mail/compose"
	"frontdesk/mail/desk"
	"frontdesk/mail/rules"
	medianet "frontdesk/media/net"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/web"
	"frontdesk/web/live"
	"frontdesk/webhook"
	"frontdesk/webrtc"
	"frontdesk/webrtc/relay"
)

// newNode opens everything and binds every address; start begins to serve. demo is nil but in a demo.
func newNode(ctx context.Context, c Config, log *slog.Logger, demo *web.Demo) (n *node, err error) {
	n = &node{failed: make(chan error, 16), listeners: &listeners{}}
	if n.ground, err = openGround(ctx, c, log); err != nil {
		return nil, err
	}
	n.onClose(n.ground.close)
	openWeb := func(context.Context) error { return n.openWeb(demo) }
	for _, step := range []func(context.Context) error{n.checkBlobs, n.join, n.openBus, n.openMinds, n.openRecordings,
		n.openMail, n.openCertificates,
		n.openTelephony, n.openMailDoors, n.openWebhooks, openWeb, n.appear} {
		if err := step(ctx); err != nil {
			n.close()
			return nil, err
		}
	}
	return n, nil
}

// checkBlobs refuses to start with a store that will never work; one that is away may come back.
func (n *node) checkBlobs(ctx context.Context) error {
	err := n.blobs.Ping(ctx)
	if errors.Is(err, blob.ErrAway) {
		n.log.Error("mails can't be stored or read until their store is back", "err", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("blobs: %w", err)
	}
	return nil
}

func (n *node) openBus(context.Context) (err error) {
	if n.bus, err = bus.Open(n.config.Bus, n.log); err != nil {
		return err
	}
	n.onClose(n.bus.Close)
	n.logins = guard.NewLogins(guard.LoginLimits{}, n.loginTold(userDoor))
	n.jobs = store.NewJobs(n.db,
		store.JobsConfig{Holder: n.members.Self().Holder(), GivenUp: countGivenUp(n.metrics)}, n.log)
	if n.hub, err = live.NewHub(n.config.Node, n.db, n.bus, n.log, n.metrics); err != nil {
		return err
	}
	n.onClose(n.hub.Close)
	return nil
}

func (n *node) openTelephony(ctx context.Context) (err error) {
	if err := n.followDisturbed(); err != nil {
		return err
	}
	n.intake = intake.New(n.intakeDeps())
	n.onClose(n.intake.Close) // after the calls that end now
	keys, err := n.secrets(ctx)
	if err != nil {
		return err
	}
	dialers, err := n.openEdges(keys)
	if err != nil {
		return err
	}
	calls := n.config.exchange(n.members)
	calls.Jobs, calls.Prompt, calls.Voicemail, calls.Tolls = n.jobs, n.prompts.Sound, n.voicemail, n.tolls
	calls.Recorder, calls.Recordings, calls.Supervision = n.recorder, n.recordings, n.supervision
	calls.Prompts = n.prompts
	n.exchange = pbx.New(calls, n.db, n.directory, dialers, pbx.Hooks{
		Lookup: n.intake.Lookup, Ringing: n.intake.Ringing, Changed: n.intake.Changed,
		BusyElsewhere: n.hub.BusyElsewhere, LineDown: n.lineDown, Queues: n.queuesChanged,
		Unwanted: n.unwanted, Language: n.languageOf, Waiting: n.callsWait, MaySupervise: n.maySupervise,
		Supervised: func(user string, v pbx.View) { n.hub.Send(user, "", "call.state", v) },
	}, n.log, n.metrics)
	n.onClose(n.exchange.Close)
	n.tabs = webrtc.NewTabs(n.browsers, n.exchange)
	if err := n.followLamps(); err != nil {
		return err
	}
	if n.phones != nil {
		n.listenSIP()
	}
	for subject, take := range map[string]func(){planSubject: n.dialPlanChanged,
		queueSubject: n.exchange.QueuesChanged} {
		stop, err := n.bus.Subscribe(subject, func(string, []byte) { take() })
		if err != nil {
			return err
		}
		n.onClose(stop)
	}
	return nil
}

// openEdges binds the sockets of browsers' and phones' calls. No call comes before there is an exchange
// to take it.
func (n *node) openEdges(keys secrets) (dialers pbx.Dialers, err error) {
	media := medianet.New()
	n.onClose(media.Close)
	if n.browsers, err = webrtc.New(n.webrtcConfig(keys, media), n.hub, n.log, n.metrics); err != nil {
		return dialers, err
	}
	n.onClose(func() { n.browsers.Close() })
	dialers.Browser = n.browsers
	if n.config.SIP.UDP != "" || n.config.SIP.TCP != "" {
		cfg, err := n.sipConfig(keys, media)
		if err != nil {
			return dialers, err
		}
		if n.phones, err = sip.New(cfg, n.directory, n.log, n.metrics); err != nil {
			return dialers, err
		}
		n.onClose(n.phones.Close)
		dialers.Phone, dialers.Trunk = n.phones, n.phones
	}
	return dialers, nil
}

func (n *node) lineDown(trunk string) bool { return n.phones != nil && n.phones.Down(trunk) }

// intakeDeps connects the intake to rooms of which some come later than it: nothing is asked of them before they are
// there.
func (n *node) intakeDeps() intake.Deps {
	return intake.Deps{
		Core: n.core, Directory: n.directory, Box: n.box, Voicemail: n.voicemail, Recordings: n.recordings,
		Region: n.config.Region, Log: n.log,
		Calls: intake.Calls{
			Runs:    func(call string) bool { _, runs := n.exchange.Call(call); return runs },
			Written: func(ctx context.Context, call string) { n.exchange.Written(ctx, call) },
			Records: func(ctx context.Context, calls []string) ([]ledger.Record, error) {
				return n.exchange.RecordsOf(ctx, calls)
			},
			Rang:  func(ctx context.Context, call string) ([]string, error) { return n.exchange.RangBy(ctx, call) },
			Tell:  func(call string, events ...store.Event) bool { return n.exchange.Tell(call, events...) },
			Named: func(meeting, call, name string) { n.exchange.Named(meeting, call, name) },
		},
		Screens: intake.Screens{Send: func(user, event string, data any) { n.hub.Send(user, "", event, data) },
			Call: n.hub.Call},
		DB: n.db, Called: n.calling.Told, Went: n.offers.Went, Cover: n.exclusions.Cover,
		Sort: func(ctx context.Context, mails []mail.Arrival) []error {
			return rules.New(n.db, n.box, n.queue, n.log).Sort(ctx, mails)
		},
	}
}

// listenSIP adds the SIP addresses; one server serves all.
func (n *node) listenSIP() {
	udp, tcp := n.phones.Addr()
	ws, wss := n.phones.SocketAddr()
	serve := func() error { return n.phones.Serve(context.Background(), n.exchange) }
	for _, at := range []struct {
		name string
		addr netip.AddrPort
	}{{"sip_udp", udp}, {"sip_tcp", tcp}, {"sip_tls", n.phones.SecureAddr()}, {"sip_ws", ws}, {"sip_wss", wss}} {
		if at.addr.IsValid() {
			n.listeners.add(at.name, at.addr.String(), serve)
			serve = nil
		}
	}
}

func (n *node) sipConfig(keys secrets, media medianet.Network) (sip.Config, error) {
	low, high, _ := portRange(n.config.SIP.RTPPorts) // checked when loaded
	cfg := sip.Config{
		UDP: n.config.SIP.UDP, TCP: n.config.SIP.TCP, ExternalIP: n.config.SIP.ExternalIP, RTPMin: low, RTPMax: high,
		Realm: n.config.SIP.Realm, Secret: keys.SIP, Node: n.config.Node, MediaTimeout: n.config.SIP.MediaTimeout,
		Proxies: n.config.SIP.Proxies, Cluster: n.config.SIP.Cluster, Owns: n.ownsTrunk, Alive: n.aliveNode,
		WS: n.config.SIP.WS, WSS: n.config.SIP.WSS, Origins: n.config.SIP.Origins, TLS: n.config.SIP.TLS,
		NodeAt: n.nodeAt, Told: n.loginTold(sipDoor), Network: media, ClearKeys: n.config.SIP.ClearKeys,
	}
	if cfg.TLS+cfg.WSS == "" {
		return cfg, nil
	}
	cfg.Certificate = n.proof.Named()
	var err error
	if cfg.Authorities, err = certificate.Authorities(n.config.SIP.Authorities); err != nil {
		return cfg, fmt.Errorf("sip.authorities: %w", err)
	}
	return cfg, nil
}

func (n *node) webrtcConfig(keys secrets, media medianet.Network) webrtc.Config {
	c := n.config.WebRTC
	w := webrtc.Config{Node: n.config.Node, TCP: bind.Named(c.TCP), ExternalIP: c.ExternalIP, Loopback: c.Loopback,
		Network: media}
	for _, address := range c.UDP {
		w.UDP = append(w.UDP, bind.Named(address))
	}
	if c.TURN.Listen != "" {
		w.TURN = relay.Config{UDP: c.TURN.Listen, TCP: c.TURN.Listen, Secret: c.TURN.Secret,
			RelayIP: c.TURN.RelayIP, Public: c.ExternalIP}
		if w.TURN.Secret == "" {
			w.TURN.Secret = keys.TURN
		}
	}
	return w
}

func (n *node) openWebhooks(context.Context) error {
	egress, err := guard.NewEgress(n.config.Webhooks.Allow)
	if err != nil {
		return err
	}
	n.desk = desk.New(desk.Config{Egress: egress, Agent: "Frontdesk/" + version(), Language: n.languageOf}, n.db,
		n.box, n.queue, n.log)
	n.events = store.NewEventLog(n.db, n.log)
	n.webhooks = webhook.New(webhook.Config{Egress: egress, Agent: "Frontdesk/" + version(), Cards: n.hub.Follow}, n.db,
		n.events, n.log, n.metrics)
	n.automation = automation.New(n.db, n.core, automation.Ports{Webhook: n.webhookOf, Noticed: n.noticed}, n.log,
		n.metrics)
	return nil
}

func (n *node) openWeb(demo *web.Demo) (err error) {
	deps := web.Deps{
		DB: n.db, Members: n.members, Bus: n.bus, Hub: n.hub, Core: n.core, Directory: n.directory,
		Exchange: n.exchange, Prompts: n.prompts, Voicemail: n.voicemail, Tolls: n.tolls, Calling: n.calling,
		Offers:      n.offers,
		Automation:  n.automation,
		Factors:     n.factors,
		Recordings:  n.recordings,
		Supervision: n.supervision, Words: n.words, Mail: n.box, Queue: n.queue, Domains: n.domains,
		Passwords: n.passwords, Hosts: n.hosts, Limits: n.limits, Dead: n.dead,
		Greylist: n.greylist, Carbon: n.carbon, Exclusions: n.exclusions, Reports: n.reports, Telling: n.telling,
		Certificates: n.ordered, Quarantine: n.quarantine, Scanner: n.config.Mail.Clamd != "",
		Desk: n.desk, Team: n.openTeam(), Kit: compose.New(n.db), Rules: rules.New(n.db, n.box, n.queue, n.log),
		Elsewhere: n.elsewhere, Calls: n.tabs,
		SIP: n.phones, Logins: n.logins, Events: n.events, Webhooks: n.webhooks,
		Demo: demo, Listeners: n.listeners.list, Resync: func(device string) { n.hint(resyncSubject, device) },
		Log: n.log, Metrics: n.metrics,
	}
	if n.web, err = web.New(web.Config{
		Node: n.config.Node, Version: version(), Region: n.config.Region,
		URL: n.config.HTTP.URL, Proxies: n.config.HTTP.Proxies, PlainSetup: n.config.HTTP.PlainSetup,
		MaxMail: n.config.Mail.MaxSize,
	}, deps); err != nil {
		return err
	}
	n.onClose(n.web.Close)
	n.health = &health{checks: map[string]func(context.Context) error{"database": n.db.Ping, "blobs": n.blobs.Ping,
		"bus": n.busReached}}
	if err := n.serveHTTP("admin", n.config.Admin.Listen, adminHandler(n.health, n.metrics, n.config.Admin.Token),
		false); err != nil {
		return err
	}
	desk := n.ordered.Handler(n.web.Handler())
	if err := n.serveHTTP("http", n.config.HTTP.Listen, desk, n.config.HTTP.TLS); err != nil {
		return err
	}
	plain := n.ordered.Handler(certificate.ToHTTPS(n.config.HTTP.URL))
	if err := n.serveHTTP("http_plain", n.config.HTTP.Plain, plain, false); err != nil {
		return err
	}
	n.onClose(n.web.Close) // already here: the end of the HTTP server waits for the event streams
	return nil
}

func (n *node) busReached(context.Context) error {
	if !n.bus.Connected() {
		return errors.New("not connected")
	}
	return nil
}

// serveHTTP binds an address and adds its server.
func (n *node) serveHTTP(name, addr string, handler http.Handler, secure bool) error {
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(n.log.Handler(), slog.LevelDebug)}
	serve := func() error { return server.Serve(l) }
	if secure {
		server.TLSConfig = n.proof.Web()
		serve = func() error { return server.ServeTLS(l, "", "") }
	}
	n.listeners.add(name, l.Addr().String(), serve)
	n.onClose(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			server.Close()
		}
	})
	return nil
}
