package domain

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/mjl-/mox/dns"
)

// What was found out about a record or an address.
const (
	OK      = "ok"
	Missing = "missing"
	Wrong   = "wrong"
	Weak    = "weak"    // it does, but not all that it should
	Unknown = "unknown" // it could not be asked
)

// Verdict is what was found out, and what is wrong with it.
type Verdict struct {
	State   string `json:"state" enum:"ok,missing,wrong,weak,unknown"`
	Problem string `json:"problem" doc:"A word for what is wrong, for a screen to tell in its language"`
	Detail  string `json:"detail" doc:"What others said, as they said it"`
}

// Config of a Checker.
type Config struct {
	Place
	Resolver func() dns.Resolver // one that remembers nothing yet
	HTTP     *http.Client        // for policies; it follows no redirects
	Lists    []string            // zones of DNS lists of senders of junk (RFC 5782)
	Port     int                 // of SMTP: 25
}

// Checker looks at domains as the world sees them.
type Checker struct {
	config Config
	book   *Book
	log    *slog.Logger
}

// NewChecker makes a checker of the domains of a book.
func NewChecker(c Config, book *Book, log *slog.Logger) *Checker {
	if c.Port == 0 {
		c.Port = 25
	}
	return &Checker{config: c, book: book, log: log}
}

// Place is what this server is to the world.
func (c *Checker) Place() Place { return c.config.Place }

// look is one look at a domain.
type look struct {
	*Checker
	ctx       context.Context
	resolver  dns.Resolver
	domain    Domain
	host      string
	addresses []net.IP // of host
	err       error    // why there are none
}

// failed is the verdict when there was no answer, or one that there is nothing.
func failed(err error) Verdict {
	if dns.IsNotFound(err) {
		return Verdict{State: Missing}
	}
	return Verdict{State: Unknown, Problem: "no_answer", Detail: err.Error()}
}

// same compares names, of which one may end in a dot.
func same(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}
