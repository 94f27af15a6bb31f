// Package relay keeps the servers that send our mail on: those of a sender's domain, else those of all; the next one
// when one does not answer.
package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"frontdesk/guard"
	"frontdesk/store"
)

// ErrInvalid says what is wrong with a host.
var ErrInvalid = errors.New("invalid smart host")

// TLS is how a smart host is spoken to.
type TLS string

const (
	Opportunistic TLS = ""         // STARTTLS when it is offered, whatever the certificate; never with a log-in
	StartTLS      TLS = "starttls" // STARTTLS with a valid certificate
	Immediate     TLS = "tls"      // TLS from the first byte with a valid certificate
)

// Host is a smart host.
type Host struct {
	ID       string `json:"id"`
	Domain   string `json:"domain" doc:"Of the senders whose mail it takes; empty: of all"`
	Position int    `json:"position" doc:"The lowest of a domain is asked first"`
	Address  string `json:"address" doc:"host:port"`
	User     string `json:"user" doc:"Empty: no log-in"`
	Password string `json:"-"`
	TLS      TLS    `json:"tls" enum:",starttls,tls"`
}

// Check tells what is wrong with a host. ErrInvalid.
func (h Host) Check() error {
	name, port, err := net.SplitHostPort(h.Address)
	n, bad := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || bad != nil || name == "" || n == 0:
		return fmt.Errorf("%w: its address is host:port, not %q", ErrInvalid, h.Address)
	case h.User != "" && h.TLS == Opportunistic:
		return fmt.Errorf("%w: with a log-in it needs STARTTLS or TLS, or the password could be read on the way",
			ErrInvalid)
	case h.User != "" && h.Password == "":
		return fmt.Errorf("%w: the password is missing", ErrInvalid)
	}
	return nil
}

// Hosts are the company's smart hosts.
type Hosts struct {
	db   *store.DB
	seal *guard.Seal
}

// New opens them over a migrated database; seal keeps their passwords.
func New(db *store.DB, seal *guard.Seal) *Hosts { return &Hosts{db, seal} }

func purpose(id string) string { return "smarthost " + id }

// All lists them by domain, in the order in which they are asked, without their passwords.
func (h *Hosts) All(ctx context.Context) ([]Host, error) {
	list, err := h.find(ctx, ``)
	for i := range list {
		list[i].Password = ""
	}
	return list, err
}

// For are the hosts for mail of a sender's domain, in the order in which they are asked: its own, else those of all.
func (h *Hosts) For(ctx context.Context, domain string) ([]Host, error) {
	list, err := h.find(ctx, ` WHERE domain = $1 OR domain = ''`, strings.ToLower(domain))
	if err != nil {
		return nil, err
	}
	var own, others []Host
	for _, host := range list {
		der, err := h.seal.Open(purpose(host.ID), host.Password)
		if err != nil {
			return nil, fmt.Errorf("password of the smart host %s: %w", host.Address, err)
		}
		if host.Password = string(der); host.Domain != "" {
			own = append(own, host)
		} else {
			others = append(others, host)
		}
	}
	if len(own) > 0 {
		return own, nil
	}
	return others, nil
}

// Get is one with its password. store.ErrNotFound.
func (h *Hosts) Get(ctx context.Context, id string) (Host, error) {
	list, err := h.find(ctx, ` WHERE id = $1`, id)
	if err != nil {
		return Host{}, err
	}
	if len(list) == 0 {
		return Host{}, fmt.Errorf("smart host %s: %w", id, store.ErrNotFound)
	}
	open, err := h.seal.Open(purpose(id), list[0].Password)
	list[0].Password = string(open)
	return list[0], err
}

func (h *Hosts) find(ctx context.Context, where string, args ...any) ([]Host, error) {
	rows, err := h.db.Query(ctx, `SELECT id, domain, position, address, login, secret, tls FROM mail_smarthost`+where+` ORDER BY domain, position, id`, args...)
	return store.Collect(rows, err, func(row store.Row) (x Host, err error) {
		return x, row.Scan(&x.ID, &x.Domain, &x.Position, &x.Address, &x.User, &x.Password, &x.TLS)
	})
}

// Put adds a host (without an ID), or changes one. ErrInvalid.
func (h *Hosts) Put(ctx context.Context, x Host) (Host, error) {
	x.Address, x.Domain = strings.TrimSpace(x.Address), strings.ToLower(strings.TrimSpace(x.Domain))
	if err := x.Check(); err != nil {
		return x, err
	}
	if x.ID == "" {
		x.ID = store.NewID()
	}
	_, err := h.db.Exec(ctx, `INSERT INTO mail_smarthost (id, domain, position, address, login, secret, tls) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET domain = excluded.domain, position = excluded.position, address = excluded.address, login = excluded.login,
		secret = excluded.secret, tls = excluded.tls`,
		x.ID, x.Domain, x.Position, x.Address, x.User, h.seal.Close(purpose(x.ID), []byte(x.Password)), string(x.TLS))
	return x, err
}

// Remove takes a host away.
func (h *Hosts) Remove(ctx context.Context, id string) error {
	_, err := h.db.Exec(ctx, `DELETE FROM mail_smarthost WHERE id = $1`, id)
	return err
}
