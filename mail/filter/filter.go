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
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail/mime"
	"frontdesk/mail/resolver"
	"frontdesk/mail/tally"
	"frontdesk/store"
)

// Config of the filter. The zero value of each field but Hostname has a sensible meaning.
type Config struct {
	Hostname string        // ours: signs the Authentication-Results
	Resolver dns.Resolver  // see package resolver; nil: the system's
	DNSBL    []string      // zones of DNS block lists to ask, such as "zen.spamhaus.org"
	Timeout  time.Duration // for all DNS questions about one message together; 0: 10 s
	// between looks at the company's model, should a hint get lost, and saves of what nobody taught; 0: 30 s
	Save   time.Duration
	Gather time.Duration // for which lessons are gathered before the next save; 0: 1 s

	// Ours tells the company's own domains (lower case, ASCII form) from others. nil: none is.
	Ours func(ctx context.Context, domain string) (bool, error)

	// Colleague tells whether somebody of the company is called so. nil: nobody is.
	Colleague func(ctx context.Context, name string) (bool, error)

	// Counted is told of each mail what SPF, DKIM and DMARC said. May be nil.
	Counted func(parsed *mime.Message, m tally.Mail)

	// Learned is told when this node has saved what it learned: the other nodes' Notify wants to hear of it. May be
	// nil.
	Learned func()

	bits int // of the model's size; 0: modelBits
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

func (c Config) withDefaults(log *slog.Logger) Config {
	if c.Resolver == nil {
		c.Resolver = resolver.New("", log)
	}
	if c.bits == 0 {
		c.bits = modelBits
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
