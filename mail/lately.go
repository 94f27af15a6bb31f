package mail

import (
	"context"
	"strings"
	"sync"
	"time"

	"frontdesk/store"
)

// domainsKept is how long a node believes which domains are the company's.
const domainsKept = time.Second

// lately are the names of the company's domains as they were at most that long ago: each mail asks for them several
// times.
type lately struct {
	mu    sync.Mutex
	names map[string]bool
	until time.Time
}

// OursLately is Ours as it was at most a second ago, mostly without a question to the database.
func (b *Box) OursLately(ctx context.Context, domain string) (bool, error) {
	names, fresh := b.lately.known()
	if !fresh {
		rows, err := b.db.Query(ctx, `SELECT name FROM mail_domain`)
		list, err := store.Collect(rows, err, one[string])
		if err != nil {
			return false, err
		}
		names = b.lately.keep(list)
	}
	return names[strings.ToLower(domain)], nil
}

func (l *lately) known() (names map[string]bool, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.names, time.Now().Before(l.until)
}

func (l *lately) keep(list []string) map[string]bool {
	names := make(map[string]bool, len(list))
	for _, name := range list {
		names[name] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names, l.until = names, time.Now().Add(domainsKept)
	return names
}
