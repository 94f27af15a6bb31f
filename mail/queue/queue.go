// Package queue sends mail: what users submit and what this server has to say itself. A message is accepted in one
// transaction with its copy in Sent, the CRM's job and one job per destination domain; then every recipient gets an
// outcome: delivered, or a notice to the sender (RFC 3464) that says why not.
//
// Any number of nodes work on one queue. An attempt claims its recipients in SQL under a name of its own; when its node
// is lost, others take them over at once. Just before the dot that ends a message, the attempt proves in SQL that its
// claim still stands, so a node that was stopped in the middle and goes on later drops the connection instead, and what
// it learned is not written over what others did.
//
// Delivery is at least once. What a server answered is written down at once, per recipient, and never sent to it again.
// What remains is RFC 5321 section 4.5.3.2.6's window, from the dot until the answer to it is written: a node that
// crashes in it, or is stopped for longer than the others' patience, repeats a message, with the same Message-ID; and
// so does one that is stopped between its proof and the dot itself.
package queue

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Mode is where mail for domains that aren't ours goes.
type Mode string

const (
	None      Mode = "none"      // nowhere: it comes back to the sender at once, saying so
	SmartHost Mode = "smarthost" // to one server that sends it on
	MX        Mode = "mx"        // to the recipient domain's servers
)

// Host is a smart host.
type Host struct {
	Address  string // host:port
	User     string // "": no log-in
	Password string
	TLS      TLS
}

// TLS is how a smart host is spoken to.
type TLS string

const (
	Opportunistic TLS = ""         // STARTTLS when it is offered, whatever the certificate; never with a log-in
	StartTLS      TLS = "starttls" // STARTTLS with a valid certificate
	Immediate     TLS = "tls"      // TLS from the first byte with a valid certificate
)

// Config of the queue. Zero values stand for the defaults named.
type Config struct {
	Hostname  string // ours, in EHLO and notices
	Deliver   Mode   // None
	SmartHost Host
	Resolver  dns.Resolver   // see filter.Resolver; needed for MX
	Roots     *x509.CertPool // nil: the system's
	Port      int            // of other domains' servers; 25
	FirstWait time.Duration  // before the second attempt; 5 min. It grows to 48 times that
	Warn      time.Duration  // until the sender is told of the delay; 4 h
	GiveUp    time.Duration  // until it is returned; 4 days
	Attempt   time.Duration  // for one attempt; 10 min
	PerDomain int            // messages to one domain at a time; 4
	Workers   int            // messages at a time; 16
	MaxSize   int64          // bytes of a draft once built; 50 MiB
	Members   *store.Members // this node's place; needed
}

func (c Config) withDefaults() Config {
	standard(&c.Deliver, None)
	standard(&c.Port, 25)
	standard(&c.FirstWait, 5*time.Minute)
	standard(&c.Warn, 4*time.Hour)
	standard(&c.GiveUp, 4*24*time.Hour)
	standard(&c.Attempt, 10*time.Minute)
	standard(&c.PerDomain, 4)
	standard(&c.Workers, 16)
	standard(&c.MaxSize, 50<<20)
	return c
}

func standard[T comparable](value *T, normal T) {
	var zero T
	if *value == zero {
		*value = normal
	}
}

func (c Config) check() error {
	switch {
	case c.Deliver == MX && c.Resolver == nil:
		return errors.New("mail queue: deliver mx needs a resolver")
	case c.Deliver == SmartHost && !strings.Contains(c.SmartHost.Address, ":"):
		return fmt.Errorf("mail queue: deliver smarthost needs its address as host:port, not %q", c.SmartHost.Address)
	case c.SmartHost.User != "" && c.SmartHost.TLS == Opportunistic:
		return errors.New("mail queue: a smart host with a log-in needs tls: starttls or tls: tls, or the password could be read on the way")
	case c.Deliver != None && c.Deliver != SmartHost && c.Deliver != MX:
		return fmt.Errorf("mail queue: deliver is none, smarthost or mx, not %q", c.Deliver)
	}
	return nil
}

// Queue sends mail. It is safe for concurrent use, by any number of nodes on one database.
type Queue struct {
	// Wake, when set, hears that a job of that kind was committed; see store.Jobs.Wake.
	Wake func(kind string)

	config  Config
	box     *mail.Box
	db      *store.DB
	blobs   blob.Store
	log     *slog.Logger
	metrics *metrics
	slots   slots
	strict  policies
}

// sendJob is the kind of the job that sends a message to one domain.
const sendJob = "mail.send"

// New makes the queue over a migrated database. Register its work with Handle.
func New(config Config, box *mail.Box, db *store.DB, blobs blob.Store, log *slog.Logger,
	reg prometheus.Registerer) (*Queue, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	q := &Queue{config: config, box: box, db: db, blobs: blobs, log: log, slots: newSlots(config.PerDomain)}
	q.metrics = newMetrics(reg, q.waiting)
	return q, nil
}

// Handle registers the queue's jobs. Call it before jobs.Run.
func (q *Queue) Handle(jobs *store.Jobs) {
	jobs.Handle(sendJob, q.config.Workers, q.run)
}

func (q *Queue) wake(kinds ...string) {
	for _, kind := range kinds {
		if q.Wake != nil {
			q.Wake(kind)
		}
	}
}

// Envelope is whom a message goes to, and from whom it comes.
type Envelope struct {
	From string   // "" is the null path: nothing comes back
	To   []string // with Cc and Bcc
	User string   // id of who submits it; "" for this server itself
	UTF8 bool     // SMTPUTF8 was asked for
}

// Receipt names an accepted message.
type Receipt struct {
	ID   string   // in the queue and in its Received field
	Copy mail.Ref // in the author's Sent; zero when the server itself wrote it
}

// Submit accepts a message for sending. It adds Date and Message-ID where they are missing, takes Bcc
// out of what is sent, signs it with DKIM and keeps a copy in the author's Sent, all or nothing.
// Errors: mail.ErrNotOurs when the user may not send as From, mail.ErrInvalid for a bad address, mail.ErrQuota.
func (q *Queue) Submit(ctx context.Context, e Envelope, message io.Reader) (Receipt, error) {
	raw, err := io.ReadAll(message)
	if err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	p, err := q.prepare(ctx, e, raw)
	if err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	if err := q.db.Tx(ctx, func(tx *store.Tx) error { return q.insert(ctx, tx, p) }); err != nil {
		return Receipt{}, fmt.Errorf("submit: %w", err)
	}
	q.accepted(p)
	return Receipt{ID: p.id, Copy: p.sent}, nil
}

// SubmitDraft sends what a user wrote in the browser, and marks the message it answers. Its errors are those of
// mail.Box.Compose and Submit, and mail.ErrTooBig.
func (q *Queue) SubmitDraft(ctx context.Context, user string, d mail.Draft) (Receipt, error) {
	c, err := q.box.Compose(ctx, user, d)
	if err != nil {
		return Receipt{}, err
	}
	if int64(len(c.Raw)) > q.config.MaxSize {
		return Receipt{}, mail.ErrTooBig
	}
	receipt, err := q.Submit(ctx, Envelope{From: c.From, To: c.To, User: user}, bytes.NewReader(c.Raw))
	if err == nil {
		q.answered(ctx, user, receipt, c.Reply)
	}
	return receipt, err
}

// SendDraft sends a stored draft, once: it is gone from the drafts in the transaction that accepts it. Its errors are
// those of mail.Box.ReadyDraft and Submit, and mail.ErrTooBig.
func (q *Queue) SendDraft(ctx context.Context, user, id, version string) (Receipt, error) {
	draft, err := q.box.ReadyDraft(ctx, user, id, version)
	if err != nil {
		return Receipt{}, err
	}
	if int64(len(draft.Raw)) > q.config.MaxSize {
		return Receipt{}, mail.ErrTooBig
	}
	p, err := q.prepare(ctx, Envelope{From: draft.From, To: draft.To, User: user}, draft.Raw)
	if err != nil {
		return Receipt{}, fmt.Errorf("send draft: %w", err)
	}
	err = q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := q.box.TakeDraftTx(ctx, tx, draft, p.copy.Mailbox); err != nil {
			return err
		}
		return q.insert(ctx, tx, p)
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("send draft: %w", err)
	}
	q.box.Changed(draft.Drafts())
	q.accepted(p)
	receipt := Receipt{ID: p.id, Copy: p.sent}
	q.answered(ctx, user, receipt, draft.Reply)
	return receipt, nil
}

// answered marks the message that a mail answers.
func (q *Queue) answered(ctx context.Context, user string, r Receipt, message string) {
	if message == "" {
		return
	}
	if err := q.box.MarkAnswered(ctx, user, message); err != nil {
		q.log.Warn("mark as answered", "msg", r.ID, "err", err) // it is sent all the same
	}
}

// accepted is what follows the commit of a message.
func (q *Queue) accepted(p *prepared) {
	q.metrics.accepted.Inc()
	if p.copy != nil {
		q.box.Changed(p.copy.Mailbox)
		q.wake(mail.IntakeJob)
	}
	q.wake(sendJob)
}

// Local tells whether mail for an address stays here.
func (q *Queue) Local(ctx context.Context, address string) (bool, error) {
	domain, err := domainOf(address)
	if err != nil {
		return false, err
	}
	return q.box.Ours(ctx, domain)
}

// domainOf is the domain of an address, lower-case and in A-labels; an address literal stays as it is.
func domainOf(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return "", fmt.Errorf("address %q: %w", address, mail.ErrInvalid)
	}
	if strings.HasPrefix(address[at+1:], "[") {
		return strings.ToLower(address[at+1:]), nil
	}
	domain, err := dns.ParseDomain(address[at+1:])
	if err != nil {
		return "", fmt.Errorf("address %q: %w", address, mail.ErrInvalid)
	}
	return domain.ASCII, nil
}

// payload of a sendJob.
type payload struct {
	Message string `json:"message"`
	Domain  string `json:"domain"`
}

func (p payload) key() string { return p.Message + "/" + p.Domain }

// run is one attempt to send a message to a domain. More than one job may exist for the two: the claim on the
// recipients decides which of them acts.
func (q *Queue) run(ctx context.Context, job store.Job) error {
	var p payload
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	local, err := q.box.Ours(ctx, p.Domain)
	if err != nil {
		return err
	}
	if !local && !q.slots.take(p.Domain) {
		return &store.RetryAt{At: time.Now().Add(time.Second),
			Err: errors.New("enough messages are under way to that domain")}
	}
	if !local {
		defer q.slots.give(p.Domain)
	}
	m, rcpts, due, err := q.claim(ctx, p)
	switch {
	case err != nil:
		return err
	case m == nil:
		return nil // sent or dropped as a whole
	case len(rcpts) == 0 && due.IsZero():
		return q.finish(ctx, m) // whoever settled the last of it may have died before it could
	case len(rcpts) == 0:
		return &store.RetryAt{At: due, Err: errors.New("not due yet")}
	}
	outcomes := q.attempt(ctx, m, p.Domain, rcpts, local)
	err = q.settle(ctx, m, outcomes)
	var retry *store.RetryAt
	if errors.As(err, &retry) && errors.Is(context.Cause(ctx), store.ErrLeaseLost) {
		return q.later(context.WithoutCancel(ctx), p, retry.At)
	}
	return err
}

// later leaves the next attempt to a new job. Whoever took this one's over found the recipients claimed, and waits for
// the end of that.
func (q *Queue) later(ctx context.Context, p payload, at time.Time) error {
	if err := enqueue(ctx, q.db, p, at); err != nil {
		return err
	}
	q.wake(sendJob)
	return store.ErrLeaseLost
}

func (q *Queue) attempt(ctx context.Context, m *message, domain string, rcpts []recipient, local bool) []outcome {
	ctx, cancel := context.WithTimeout(ctx, q.config.Attempt)
	defer cancel()
	if local {
		return q.deliverLocal(ctx, m, rcpts)
	}
	return q.deliverRemote(ctx, m, domain, rcpts)
}

// trouble is the outcome of an error of ours: it may pass.
func (q *Queue) trouble(m *message, err error) outcome {
	if !errors.Is(err, context.Canceled) { // that is our own end: who comes next goes on
		q.log.Error("mail could not be attempted", "msg", m.id, "err", err)
	}
	return outcome{state: waiting, enhanced: "4.3.0", answer: "trouble at " + q.config.Hostname}
}
