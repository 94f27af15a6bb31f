package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"frontdesk/bus"
	"frontdesk/cmd/frontdesk/bind"
	"frontdesk/mail/virus"
	"frontdesk/store"
	keep "frontdesk/store/backup"
)

// soonOver is how long before its end a certificate is warned of.
const soonOver = 14 * 24 * time.Hour

// inquiry is one run of `frontdesk check`: it says what it finds, key by key, and changes nothing.
type inquiry struct {
	config Config
	failed int
}

// check tells what of a configuration would fail at the start, and what may be meant otherwise.
func check(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	file := flags.String("config", "", "configuration file")
	if err := parse(flags, args); err != nil {
		return err
	}
	c, err := configOf(*file)
	if err != nil {
		return err
	}
	q := &inquiry{config: c}
	for _, ask := range []func(context.Context){q.data, q.database, q.blobs, q.bus, q.certificate, q.addresses, q.sip,
		q.mail} {
		ask(ctx)
	}
	if q.failed > 0 {
		return fmt.Errorf("%d would fail; the server was not started and nothing was changed", q.failed)
	}
	fmt.Println("The server would start.")
	return nil
}

func (q *inquiry) good(key, format string, args ...any) { q.say("ok  ", key, format, args...) }
func (q *inquiry) warn(key, format string, args ...any) { q.say("note", key, format, args...) }
func (q *inquiry) bad(key, format string, args ...any) {
	q.failed++
	q.say("FAIL", key, format, args...)
}

func (q *inquiry) say(verdict, key, format string, args ...any) {
	fmt.Printf("%s  %-22s %s\n", verdict, key, fmt.Sprintf(format, args...))
}

// data asks for a folder that can be written, or made.
func (q *inquiry) data(context.Context) {
	folder := q.config.Data
	for {
		_, err := os.Stat(folder)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	if err := syscall.Access(folder, 2); err != nil { // W_OK
		q.bad("data", "%s: %v: give it to the server's user", folder, err)
		return
	}
	q.good("data", "%s can be written", q.config.Data)
}

func (q *inquiry) database(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	state, err := store.Look(ctx, q.config.Database)
	switch {
	case err != nil:
		q.bad("database", "%v", err)
	case state == store.SchemaMissing:
		q.good("database", "new: the first start makes its tables and the user admin")
	case state == store.SchemaOlder:
		q.warn("database", "of an older version: the start brings it up to date. Make a backup first")
	default:
		q.good("database", "of this version")
	}
}

func (q *inquiry) blobs(ctx context.Context) {
	if !strings.Contains(q.config.Blobs, "://") {
		return // in the data folder, or made where it says
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if _, err := keep.Contents(ctx, q.config.Blobs); err != nil {
		q.bad("blobs", "%v", err)
		return
	}
	q.good("blobs", "the store answers and takes contents")
}

func (q *inquiry) bus(context.Context) {
	if q.config.Bus == "" {
		return
	}
	b, err := bus.Open(q.config.Bus, slog.New(slog.DiscardHandler))
	if err != nil {
		q.bad("bus", "%v", err)
		return
	}
	b.Close()
	q.good("bus", "connected")
}

// certificate asks whether it is for the names that people and servers know us by, and for how long.
func (q *inquiry) certificate(context.Context) {
	if q.config.TLS.Cert == "" {
		q.warn("tls", "none: a self-signed one is made, of which browsers, phones and mail programs will warn")
		return
	}
	pair, err := tls.LoadX509KeyPair(q.config.TLS.Cert, q.config.TLS.Key)
	if err != nil {
		q.bad("tls", "%v", err)
		return
	}
	for key, name := range q.names() {
		if err := pair.Leaf.VerifyHostname(name); err != nil {
			q.warn("tls", "is not for %s (%s): %v", name, key, err)
		}
	}
	q.lasts(pair.Leaf)
}

func (q *inquiry) lasts(leaf *x509.Certificate) {
	switch left := time.Until(leaf.NotAfter); {
	case left <= 0:
		q.bad("tls", "ended at %s: renew it", leaf.NotAfter.Format(time.DateOnly))
	case left < soonOver:
		q.warn("tls", "ends at %s: renew it", leaf.NotAfter.Format(time.DateOnly))
	default:
		q.good("tls", "lasts until %s", leaf.NotAfter.Format(time.DateOnly))
	}
}

// names are what the certificate must be for, by key.
func (q *inquiry) names() map[string]string {
	names := map[string]string{}
	if q.config.Mail.SMTP != "" || q.config.Mail.IMAPS != "" {
		names["mail.hostname"] = q.config.Mail.Hostname
	}
	if u, err := url.Parse(q.config.HTTP.URL); q.config.HTTP.TLS && err == nil && u.Hostname() != "" {
		names["http.url"] = u.Hostname()
	}
	return names
}

// addresses binds each and lets it go again.
func (q *inquiry) addresses(ctx context.Context) {
	all := q.config.listeners()
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if err := bindable(ctx, key, all[key]); err != nil {
			q.bad(key, "%v: %s", err, bind.Hint(err))
			continue
		}
		q.good(key, "%s is free", all[key])
	}
}

func bindable(ctx context.Context, key, address string) error {
	var of net.ListenConfig
	if bind.OfUDP(key) {
		conn, err := of.ListenPacket(ctx, "udp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	l, err := of.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return l.Close()
}

// sip asks whether so many calls have ports.
func (q *inquiry) sip(context.Context) {
	if q.config.SIP.UDP == "" && q.config.SIP.TCP == "" {
		return
	}
	low, high, err := portRange(q.config.SIP.RTPPorts)
	if calls := (high - low + 1) / portsOfCall; err == nil && high > 0 && calls < q.config.Calls.Max {
		q.warn("sip.rtp_ports", "are enough for %d calls between phones and lines, calls.max is %d", calls,
			q.config.Calls.Max)
	}
	if q.config.SIP.ExternalIP == "" {
		q.warn("sip.external_ip", "empty: carriers and phones elsewhere are told an address of this machine")
	}
}

// portsOfCall are a pair (RTP and RTCP) for each of two legs.
const portsOfCall = 4

// scanner asks for a sign of life: without one no mail is taken.
func (q *inquiry) scanner(ctx context.Context) {
	if q.config.Mail.Clamd == "" {
		return
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if err := virus.New(q.config.Mail.Clamd).Ping(ctx); err != nil {
		q.warn("mail.clamd", "%v: all mail is asked to come again (451) until it answers", err)
		return
	}
	q.good("mail.clamd", "the virus scanner answers")
}

// mail asks whether the world finds us, and we our way out.
func (q *inquiry) mail(ctx context.Context) {
	if q.config.Mail.SMTP == "" {
		return
	}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	if _, err := net.DefaultResolver.LookupHost(ctx, q.config.Mail.Hostname); err != nil {
		q.warn("mail.hostname", "%v: other servers will not find it either, unless theirs is another DNS", err)
	}
	q.scanner(ctx)
	if q.config.Mail.Deliver != "smarthost" {
		return
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", q.config.Mail.SmartHost)
	if err != nil {
		q.warn("mail.smarthost", "%v: mail will wait in the queue until it answers", err)
		return
	}
	conn.Close()
	q.good("mail.smarthost", "%s answers", q.config.Mail.SmartHost)
}
