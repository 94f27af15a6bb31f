package acme

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
)

// Ways to prove that a name is ours (RFC 8555 section 8.3, RFC 8737).
const (
	HTTP01    = "http-01"
	TLSALPN01 = "tls-alpn-01"
)

// Wanted is a name that is to have a certificate.
type Wanted struct {
	Name string
	Sure bool // somebody named it; otherwise it is one only where DNS leads it here
}

// Config is how certificates are had.
type Config struct {
	Directory string       // URL of the authority's directory
	Contact   string       // mail address that the authority may write to; "": none
	KeyID     string       // of an account made at the authority's before (RFC 8555 section 7.3.4); "": none
	MAC       []byte       // its key
	HTTP      *http.Client // to the authority
	Kinds     []string     // HTTP01 and TLSALPN01 where they can be answered, in the order in which they are tried

	// Names are those that are to have certificates, the first one for who names none.
	Names func(ctx context.Context) ([]Wanted, error)
	// Here tells why the authority would not find a name of these here, as a *Trouble; nil where it would.
	Here func(ctx context.Context, w Wanted) error
	// Alone tells whether this node is the one that orders.
	Alone func(ctx context.Context) (bool, error)
	// Changed hints the other nodes to Load.
	Changed func()
}

// Keeper keeps them. It is safe for concurrent use.
type Keeper struct {
	config Config
	db     *store.DB
	seal   *guard.Seal
	log    *slog.Logger
	now    func() time.Time
	again  chan struct{}

	mu     sync.Mutex
	shown  map[string]*tls.Certificate // by name
	chains map[string]string           // what those were read of
	first  string                      // name for who names none
	ours   map[string]bool
}

// New opens them; keys are sealed in the database. Load and Run must follow.
func New(c Config, db *store.DB, seal *guard.Seal, log *slog.Logger) *Keeper {
	return &Keeper{config: c, db: db, seal: seal, log: log, now: time.Now, again: make(chan struct{}, 1),
		shown: map[string]*tls.Certificate{}, chains: map[string]string{}, ours: map[string]bool{}}
}

// Load reads what any node ordered.
func (k *Keeper) Load(ctx context.Context) error {
	names, err := k.config.Names(ctx)
	if err != nil {
		return err
	}
	rows, err := rowsOf(ctx, k.db)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.first, k.ours = "", map[string]bool{}
	for _, w := range names {
		if k.first == "" {
			k.first = w.Name
		}
		k.ours[w.Name] = true
	}
	for _, r := range rows {
		if r.chain == "" || r.chain == k.chains[r.name] || !k.ours[r.name] {
			continue
		}
		cert, err := r.pair(k.seal)
		if err != nil {
			k.log.Error("a certificate can't be shown", "name", r.name, "err", err)
			continue
		}
		k.shown[r.name], k.chains[r.name] = cert, r.chain
	}
	return nil
}

// Find is the certificate of a name, or for who names none; nil while there is none. ours tells whether there will be.
func (k *Keeper) Find(name string) (cert *tls.Certificate, ours bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if name == "" {
		name = k.first
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if !k.ours[name] {
		return nil, false
	}
	return k.shown[name], true
}

// List is how they do, in the order of their names.
func (k *Keeper) List(ctx context.Context) ([]Certificate, error) {
	names, err := k.config.Names(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(ctx, k.db)
	if err != nil {
		return nil, err
	}
	kept := map[string]row{}
	for _, r := range rows {
		kept[r.name] = r
	}
	list := make([]Certificate, 0, len(names))
	for _, w := range names {
		r := kept[w.Name]
		if r.name = w.Name; !w.Sure && r.chain == "" && elsewhere(r.trouble) {
			continue // a name that we would serve if it led here
		}
		list = append(list, r.shown(k.now()))
	}
	return list, nil
}

// Again has a name ordered soon that could not be, or is not due. store.ErrNotFound when it is none of ours.
func (k *Keeper) Again(ctx context.Context, name string) error {
	if _, ours := k.Find(name); !ours || name == "" {
		return store.ErrNotFound
	}
	if _, err := k.db.Exec(ctx, `UPDATE certificate SET next_at = 0 WHERE name = $1 AND trouble <> ''`, name); err != nil {
		return err
	}
	k.Ring()
	return nil
}

// Ring has Run look at once.
func (k *Keeper) Ring() {
	select {
	case k.again <- struct{}{}:
	default:
	}
}
