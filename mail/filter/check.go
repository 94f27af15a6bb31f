package filter

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// New loads the company's model and starts sharing what it learns with the other nodes. Close ends that.
func New(ctx context.Context, config Config, db *store.DB, log *slog.Logger,
	reg prometheus.Registerer) (*Filter, error) {
	config = config.withDefaults(log)
	zones, err := parseZones(config.DNSBL)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	f := &Filter{config: config, zones: zones, db: db, log: log, metrics: newMetrics(reg), model: newModel(config.bits),
		stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	f.scratch.New = func() any { return newScratch(config.bits) }
	if err := f.take(ctx); err != nil {
		stop()
		return nil, err
	}
	go f.keepShared(running)
	return f, nil
}

// Close saves what was learned and stops.
func (f *Filter) Close() error {
	f.stop()
	<-f.done
	return f.share(context.Background(), true)
}

// Whole is the size of a message up to which Check wants all of it parsed.
const Whole = headBytes

// Check judges a message. It is parsed whole where it is smaller than Whole; of a larger one its header is enough. The
// header that Check returns (an Authentication-Results field with its CRLF) belongs on top of the message, above a
// Received field of ours. DNS trouble is no error: it shows as temperror in the verdict.
func (f *Filter) Check(ctx context.Context, e Envelope, message io.ReaderAt,
	parsed *mime.Message) (mail.Verdict, []byte, error) {
	began := time.Now()
	head, err := readHead(message)
	if err != nil {
		return mail.Verdict{}, nil, err
	}
	auth := f.authenticate(ctx, e, message, parsed)
	if auth.pretends, err = f.pretends(ctx, e, message, parsed, auth); err != nil {
		return mail.Verdict{}, nil, err
	}
	if f.config.Counted != nil {
		f.config.Counted(parsed, auth.counted(e))
	}
	verdict := auth.verdict()
	results := auth.results(f.config.Hostname)
	if len(head) >= Whole {
		parsed = mime.ParseBytes(head)
	}
	f.classify(&verdict, auth, head, parsed)
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
