// Package filter judges incoming mail: who really sent it (SPF, DKIM, DMARC, reverse DNS, block lists), and whether it
// is junk.
//
// The classifier starts knowing nothing and calls nothing junk until people have moved mail into Junk: a model trained
// elsewhere was measured to be wrong about one clean message in five. Until then only what needs no judgement is junk:
// the GTUBE test string, mail that fails DMARC where the sender's domain asks to quarantine or reject such mail, and
// mail that claims to come from a colleague without proof.
package filter

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net"
	"sync"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/header"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Config of the filter. The zero value of each field but Hostname has a sensible meaning.
type Config struct {
	Hostname string        // ours: signs the Authentication-Results
	Resolver dns.Resolver  // see Resolver; nil: the system's
	DNSBL    []string      // zones of DNS block lists to ask, such as "zen.spamhaus.org"
	Timeout  time.Duration // for all DNS questions about one message together; 0: 10 s
	Save     time.Duration // between looks at the company's model, should a hint get lost, and saves of what nobody taught; 0: 30 s
	Gather   time.Duration // for which lessons are gathered before the next save; 0: 1 s

	// Ours tells the company's own domains (lower case, ASCII form) from others. nil: none is.
	Ours func(ctx context.Context, domain string) (bool, error)

	// Colleague tells whether somebody of the company is called so. nil: nobody is.
	Colleague func(ctx context.Context, name string) (bool, error)

	// Learned is told when this node has saved what it learned: the other nodes' Notify wants to hear of it. May be
	// nil.
	Learned func()
}

// Envelope is what SMTP told about a message.
type Envelope struct {
	IP   net.IP // of the client
	Helo string
	From string // reverse path without angle brackets; "" is the null path
	UTF8 bool   // SMTPUTF8 was asked for
	To   []string
}

// Filter judges messages. It is safe for concurrent use.
type Filter struct {
	config  Config
	zones   []dns.Domain
	db      *store.DB
	log     *slog.Logger
	metrics *metrics
	model   *model
	version int64 // of the company's model that ours begins with; of the goroutine that shares
	wake    chan struct{}
	scratch sync.Pool
	stop    context.CancelFunc
	done    chan struct{}
}

// New loads the company's model and starts sharing what it learns with the other nodes. Close ends that.
func New(ctx context.Context, config Config, db *store.DB, log *slog.Logger,
	reg prometheus.Registerer) (*Filter, error) {
	config = config.withDefaults(log)
	zones, err := parseZones(config.DNSBL)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &Filter{config: config, zones: zones, db: db, log: log, metrics: newMetrics(reg), model: newModel(),
		stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	f.scratch.New = func() any { return new(scratch) }
	if err := f.take(ctx); err != nil {
		stop()
		return nil, err
	}
	go f.keepShared(running)
	return f, nil
}

func (c Config) withDefaults(log *slog.Logger) Config {
	if c.Resolver == nil {
		c.Resolver = Resolver("", log)
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Save == 0 {
		c.Save = 30 * time.Second
	}
	if c.Gather == 0 {
		c.Gather = time.Second
	}
	return c
}

// Close saves what was learned and stops.
func (f *Filter) Close() error {
	f.stop()
	<-f.done
	return f.share(context.Background(), true)
}

// Check judges a message. The header it returns (an Authentication-Results field with its CRLF) belongs on top of the
// message, above a Received field of ours. header.ErrTooLarge is an error, DNS trouble is none: it shows as temperror
// in the verdict.
func (f *Filter) Check(ctx context.Context, e Envelope, message io.ReaderAt) (mail.Verdict, []byte, error) {
	began := time.Now()
	head, err := readHead(message)
	if err != nil {
		return mail.Verdict{}, nil, err
	}
	if _, err := header.Read(io.NewSectionReader(message, 0, math.MaxInt64)); err != nil {
		return mail.Verdict{}, nil, err
	}
	fields, err := mime.ReadHead(io.NewSectionReader(message, 0, math.MaxInt64))
	if err != nil {
		return mail.Verdict{}, nil, err
	}
	auth := f.authenticate(ctx, e, message, fields)
	if auth.pretends, err = f.pretends(ctx, e, message, fields, auth); err != nil {
		return mail.Verdict{}, nil, err
	}
	verdict := auth.verdict()
	results := auth.results(f.config.Hostname)
	f.classify(&verdict, auth, head)
	f.metrics.seconds.Observe(time.Since(began).Seconds())
	f.metrics.verdicts.WithLabelValues(verdictLabel(verdict)).Inc()
	return verdict, []byte(results.Header()), nil
}

// Train learns from a person's decision about a stored message (with our trace fields on top).
func (f *Filter) Train(_ context.Context, message io.Reader, junk bool) error {
	head, err := io.ReadAll(io.LimitReader(message, headBytes))
	if err != nil {
		return err
	}
	signals, rest := splitTrace(head, f.config.Hostname)
	s := f.scratch.Get().(*scratch)
	defer f.scratch.Put(s)
	f.model.train(s.read(signals, rest), junk)
	f.metrics.trained.WithLabelValues(junkLabel(junk)).Inc()
	f.hurry()
	return nil
}

// Learner is what mail.Box.OnTrain wants: it trains the filter with the messages that people move into Junk and out of
// it.
func (f *Filter) Learner(box *mail.Box) func(ctx context.Context, messageID string, junk bool) {
	return func(ctx context.Context, messageID string, junk bool) {
		message, err := box.Raw(ctx, messageID)
		if err != nil {
			f.log.Warn("learn from a move", "msg", messageID, "err", err)
			return
		}
		defer message.Close()
		if err := f.Train(ctx, message, junk); err != nil {
			f.log.Warn("learn from a move", "msg", messageID, "err", err)
		}
	}
}
