package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/crmcore/people"
)

// demo runs a made-up company on loopback until ctx ends.
func demo(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	data := flags.String("data", "demo-data", "folder for its data; what is there already is kept")
	ports := flags.String("ports", "fixed", "fixed, or auto to take free ones")
	readyFile := flags.String("ready", "", "file to write the addresses and log-ins to, as JSON, once all listens")
	database := flags.String("database", "", "postgres://… in place of the embedded database")
	bus := flags.String("bus", "", "nats://… to be one of several nodes on that database")
	blobs := flags.String("blobs", "", "folder or s3://… of the mails; several nodes share it")
	node := flags.String("node", "demo", "name among the nodes")
	workplace := flags.String("http", "", "address of the workplace in place of the one of --ports")
	admin := flags.String("admin", "", "address of /readyz and /metrics in place of the one of --ports")
	drain := flags.Duration("drain", 0, "how long calls may go on after SIGTERM; 3s when not given")
	lookup := flags.Duration("lookup", 0, "how long a call waits for the client's card; 300ms when not given")
	relay := flags.String("relay", "",
		"IP of this machine to run a TURN relay at, for browsers that reach nothing else")
	verbose := flags.Bool("v", false, "log on the terminal")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *ports != "fixed" && *ports != "auto" {
		return fmt.Errorf("demo: --ports is fixed or auto, not %q", *ports)
	}
	if err := os.MkdirAll(*data, 0o700); err != nil {
		return err
	}
	c := demoConfig(*data, *database, *ports == "auto")
	c.Bus, c.Blobs, c.Node, c.Drain = *bus, cmp.Or(*blobs, c.Blobs), *node, cmp.Or(*drain, c.Drain)
	c.Calls.Lookup = cmp.Or(*lookup, c.Calls.Lookup)
	if *relay != "" {
		c.WebRTC.TURN.Listen = net.JoinHostPort(*relay, "0")
	}
	c.HTTP.Listen, c.Admin.Listen = cmp.Or(*workplace, c.HTTP.Listen), cmp.Or(*admin, c.Admin.Listen)
	if err := c.check(); err != nil {
		return err
	}
	log, closeLog, err := demoLog(*data, *verbose)
	if err != nil {
		return err
	}
	defer closeLog()
	w, err := newWorld(ctx, *data, log)
	if err != nil {
		return err
	}
	defer w.close()
	c.Mail.Resolver, c.Mail.Deliver, c.Mail.SmartHost = w.names.Address(), "smarthost", w.clients.Address()
	return lives(log, func() error { return demoOnce(ctx, c, log, w, *readyFile) })
}

// demoOnce is one life of the company, or of the node of it that runs here.
func demoOnce(ctx context.Context, c Config, log *slog.Logger, w *world, readyFile string) error {
	n, err := newNode(ctx, c, log, w.demo())
	if err != nil {
		return fmt.Errorf("%w\n(is another demo running? `frontdesk demo --ports auto` takes free ports)", err)
	}
	defer n.close()
	if err := w.populate(ctx, n); err != nil {
		return err
	}
	r, err := n.ready(ctx)
	if err != nil {
		return err
	}
	w.open(r)
	n.start(ctx)
	if readyFile != "" {
		if err := writeReady(readyFile, r); err != nil {
			return err
		}
	}
	welcome(r, c.Data)
	return n.wait(ctx)
}

// demoConfig is a configuration of loopback addresses only, with a log-in the browser takes without https.
func demoConfig(data, database string, auto bool) Config {
	port := func(fixed int) string {
		if auto {
			fixed = 0
		}
		return fmt.Sprintf("127.0.0.1:%d", fixed)
	}
	c := defaults()
	c.Data, c.Database, c.Node, c.Drain = data, database, "demo", 3*time.Second
	c.Log = LogConfig{Level: "info", Format: "json"}
	c.HTTP = HTTPConfig{Listen: port(8080), Proxies: []string{"127.0.0.1"}}
	c.Admin = AdminConfig{Listen: port(9090)}
	c.SIP.UDP, c.SIP.TCP, c.SIP.WS = port(5060), port(5060), port(5066)
	c.SIP.Origins = []string{"127.0.0.1:*", "localhost:*"}
	c.SIP.RTPPorts = "" // any free ones
	c.WebRTC = WebRTCConfig{UDP: []string{port(3478)}, TCP: port(3478), Loopback: true}
	c.Mail.Hostname = "mail." + demoDomain
	c.Mail.SMTP, c.Mail.Submission, c.Mail.Submissions = port(2525), port(2587), port(2465)
	c.Mail.IMAP, c.Mail.IMAPS = port(2143), port(2993)
	c.Mail.Deliver = "none"
	c.Webhooks.Allow = []string{"127.0.0.0/8", "::1"}
	c.Calls.Words.Allow = c.Webhooks.Allow
	c.knownPasswords = true
	c.fill()
	return c
}

// ready collects the addresses and log-ins. The token of an earlier run is replaced.
func (n *node) ready(ctx context.Context) (ready, error) {
	r := ready{
		HTTP: "http://" + n.listeners.address("http"), SIPUDP: n.listeners.address("sip_udp"),
		SIPTCP: n.listeners.address("sip_tcp"), SIPWS: n.listeners.address("sip_ws"),
		SMTP: n.listeners.address("smtp"), Submission: n.listeners.address("submission"),
		Submissions: n.listeners.address("submissions"),
		IMAP:        n.listeners.address("imap"), IMAPS: n.listeners.address("imaps"),
		Admin:   n.listeners.address("admin"),
		Numbers: demoNumbers(), Domain: demoDomain,
	}
	for _, u := range demoUsers() {
		r.Users = append(r.Users, readyUser{Login: u.login, Password: demoPassword, Extension: u.extension,
			Mailbox: u.mailbox()})
	}
	var err error
	r.Token, err = n.demoToken(ctx)
	return r, err
}

func (n *node) demoToken(ctx context.Context) (string, error) {
	name := "demo " + n.config.Node
	admin, err := n.core.Login(ctx, demoUsers()[0].login, demoPassword)
	if err != nil {
		return "", err
	}
	tokens, err := n.core.Tokens(ctx, admin, admin.ID)
	if err != nil {
		return "", err
	}
	for _, t := range tokens {
		if t.Name == name {
			if _, err := n.core.DeleteToken(ctx, admin, t.ID); err != nil {
				return "", err
			}
		}
	}
	_, secret, err := n.core.CreateToken(ctx, admin,
		people.NewToken{User: admin.ID, Name: name, Scope: people.ScopeAdmin})
	return secret, err
}

// writeReady renames the file into place, so that a reader never sees half of it.
func writeReady(path string, r ready) error {
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(path), ".ready-"+filepath.Base(path))
	if err := os.WriteFile(tmp, body, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func welcome(r ready, data string) {
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe demo company runs.  Open  %s  in two browser windows, as two of these:\n\n", r.HTTP)
	fmt.Fprintf(&b, "  %-10s %-16s %-5s %s\n", "log-in", "password", "ext.", "mailbox")
	for _, u := range r.Users {
		fmt.Fprintf(&b, "  %-10s %-16s %-5s %s\n", u.Login, u.Password, u.Extension, u.Mailbox)
	}
	fmt.Fprintf(&b, "\nHave a client call or write from the start page, or from a second terminal:\n\n")
	fmt.Fprintf(&b, "  bin/frontdesk ring --to %s --from %s --server %s\n", r.Numbers[0], demoContacts()[0].phone,
		r.SIPUDP)
	fmt.Fprintf(&b, "  bin/frontdesk post --to %s --from %s --server %s\n", r.Users[1].Mailbox, demoContacts()[0].email,
		r.SMTP)
	fmt.Fprintf(&b, "\nA number you dial is answered by an echo, a mail to %s by that client. Data and log: %s   "+
		"Stop: Ctrl-C\n\n", demoContacts()[0].email, data)
	fmt.Print(b.String())
}
