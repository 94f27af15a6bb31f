package live

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"frontdesk/store"
	"frontdesk/web/api"
)

// EndUser closes the sockets of a user on all nodes, except those of one session; endSession those of one.
func (h *Hub) EndUser(user, except string) { h.endAll(ending{User: user, Except: except}) }

func (h *Hub) EndSession(session string) { h.endAll(ending{Session: session}) }

// EndTokens closes the sockets of a user that logged in with an API token; those whose token is still good come back.
func (h *Hub) EndTokens(user string) { h.endAll(ending{User: user, Tokens: true}) }

// EndMail closes the mail programs of a user on all nodes; those whose password is still good come back.
func (h *Hub) EndMail(user string) { h.endAll(ending{User: user, Mail: true}) }

// ending says which sockets lost their log-in.
type ending struct {
	User    string `json:"user,omitempty"`
	Except  string `json:"except,omitempty"`
	Session string `json:"session,omitempty"`
	Tokens  bool   `json:"tokens,omitempty"`
	Mail    bool   `json:"mail,omitempty"`
}

func (e ending) hits(c api.Caller) bool {
	if e.Mail {
		return false
	}
	if e.Session != "" {
		return c.Session == e.Session
	}
	if e.Tokens {
		return c.ID == e.User && c.Session == ""
	}
	return c.ID == e.User && (e.Except == "" || c.Session != e.Except)
}

func (h *Hub) endAll(e ending) {
	h.endHere(e)
	if err := h.bus.Publish(endSubject, e); err != nil {
		h.log.Warn("end of log-in", "user", e.User, "err", err)
	}
}

func (h *Hub) onEnd(_ string, data []byte) {
	var e ending
	if err := json.Unmarshal(data, &e); err == nil {
		h.endHere(e)
	}
}

func (h *Hub) endHere(e ending) {
	h.mu.Lock()
	ends := slices.Clone(h.ends)
	h.closeEnded(e)
	h.mu.Unlock()
	if e.User == "" || e.Tokens {
		return
	}
	for _, fn := range ends {
		fn(e.User)
	}
}

// closeEnded closes what of this node an ending hits. The caller holds mu.
func (h *Hub) closeEnded(e ending) {
	for _, s := range h.sockets {
		if e.hits(s.caller) {
			s.end(closeLoggedOut, "logged out")
		}
	}
	for w := range h.watches {
		if e.hits(w.Caller) {
			delete(h.watches, w) // the bus tells this node, too
			w.end()
		}
	}
}

// AtEnd has fn called, on each node, when somebody's password or all his log-ins end: other doors that took it close.
func (h *Hub) AtEnd(fn func(user string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ends = append(h.ends, fn)
}

// Watch calls end when the log-in of c ends, unless it is called off before.
func (h *Hub) Watch(c api.Caller, end func()) (off func()) {
	w := &watch{c, end}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches[w] = true
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watches, w)
	}
}

// expel closes the sockets of this node whose log-in counts no more: it expired, or the bus did not tell of its end.
func (h *Hub) expel(ctx context.Context) error {
	h.mu.Lock()
	all := slices.Collect(maps.Values(h.sockets))
	h.mu.Unlock()
	keys := map[string]bool{}
	for _, s := range all {
		keys[s.caller.Key()] = true
	}
	good, err := api.NewSessions(h.db, time.Now).Good(store.As(ctx, store.Doors, ""), slices.Collect(maps.Keys(keys)))
	if err != nil {
		return err
	}
	for _, s := range all {
		if !good[s.caller.Key()] {
			s.end(closeLoggedOut, "logged out")
		}
	}
	return nil
}
