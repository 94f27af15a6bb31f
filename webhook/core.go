package webhook

import (
	"crypto/x509"
	"log/slog"
	"net/http"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
)

// Config of the webhooks. Zero values stand for the defaults named.
type Config struct {
	Egress  guard.Egress   // needed: where requests may go
	Agent   string         // User-Agent; "Frontdesk"
	Roots   *x509.CertPool // nil: the system's
	Timeout time.Duration  // of one attempt; 10 s
	GiveUp  time.Duration  // how long a delivery is tried; 3 days
	Silence time.Duration  // how long nothing may arrive until a webhook is stopped, before all is given up; 2 days
	Short   time.Duration  // nothing arrives for so long: that was no failure, what waits comes at its time; 1 min
	// deliveries of one webhook that may wait; 10,000. More events wait for their turn in the event log
	Most int
	// Wait is how long after so many attempts the next one is made; store.Backoff.
	Wait func(attempts int) time.Duration
	// Cards says to the house that the cards that open are read; see live.Hub. May be nil.
	Cards func()
}

func (c Config) withDefaults() Config {
	if c.Agent == "" {
		c.Agent = "Frontdesk"
	}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.GiveUp == 0 {
		c.GiveUp = 3 * 24 * time.Hour
	}
	if c.Silence == 0 {
		c.Silence = 2 * 24 * time.Hour
	}
	if c.Short == 0 {
		c.Short = time.Minute
	}
	if c.Most == 0 {
		c.Most = 10_000
	}
	if c.Wait == nil {
		c.Wait = store.Backoff
	}
	if c.Cards == nil {
		c.Cards = func() {}
	}
	return c
}

// Webhooks are all of the company. They are safe for concurrent use, by any number of nodes on one database.
type Webhooks struct {
	config        Config
	db            *store.DB
	events        *store.EventLog
	log           *slog.Logger
	metrics       *metrics
	secure, plain *http.Client
}
