package sip

import (
	"errors"
	"strings"
	"sync"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx"
)

// served is a leg as the messages of its dialogs reach it.
type served interface {
	serve(req *proto.Request, tx *proto.ServerTx) bool // a request in a dialog of it; false when it is over
	acknowledge(ack *proto.Request)                    // of a 2xx
	Hangup(c pbx.Cause)
	abandon()               // ends it, whether its farewells were answered or not
	ended() <-chan struct{} // closed when nothing of it runs any more
}

// dialogs finds the legs of a core by the dialogs that they have, and bounds how many there are.
type dialogs struct {
	most int
	size prometheus.Gauge

	mu      sync.Mutex
	legs    map[string]served // by dialog: Call-ID and our tag
	running map[string]int    // dialogs by Call-ID
	merged  map[string]bool   // INVITEs being served, by Call-ID, From tag and CSeq
	count   int
	closed  bool
}

func newDialogs(most int, size prometheus.Gauge) *dialogs {
	return &dialogs{most: most, size: size, legs: map[string]served{}, running: map[string]int{},
		merged: map[string]bool{}}
}

// close lets no further leg in, and lists those that there are.
func (d *dialogs) close() (list []served) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	seen := map[served]bool{}
	for _, l := range d.legs {
		if !seen[l] {
			seen[l] = true
			list = append(list, l)
		}
	}
	return list
}

var errFull = errors.New("too many calls")

// enter counts a leg in, or refuses it.
func (d *dialogs) enter(key string, l served) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.count >= d.most {
		return errFull
	}
	d.count++
	d.note(key, l)
	d.size.Set(float64(d.count))
	return nil
}

// know makes a further dialog of a leg findable.
func (d *dialogs) know(key string, l served) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(key, l)
}

// note makes a dialog findable; under mu.
func (d *dialogs) note(key string, l served) {
	if d.legs[key] == nil {
		d.running[callOf(key)]++
	}
	d.legs[key] = l
}

func (d *dialogs) leave(keys []string, merged string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range keys {
		if d.legs[k] == nil {
			continue
		}
		delete(d.legs, k)
		if d.running[callOf(k)]--; d.running[callOf(k)] == 0 {
			delete(d.running, callOf(k))
		}
	}
	delete(d.merged, merged)
	d.count--
	d.size.Set(float64(d.count))
}

// find is nil for a dialog that is not here.
func (d *dialogs) find(key string) served {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.legs[key]
}

// runs tells whether there is a call with that Call-ID here.
func (d *dialogs) runs(callID string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.running[callID] > 0
}

// now is how many legs there are.
func (d *dialogs) now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// unmerged notes an INVITE as being served; false when the same one is, by another way through the network (RFC 3261
// §8.2.2.2).
func (d *dialogs) unmerged(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.merged[key] {
		return false
	}
	d.merged[key] = true
	return true
}

func (d *dialogs) forgetMerged(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.merged, key)
}

func callOf(key string) string {
	id, _, _ := strings.Cut(key, "\x00")
	return id
}

func dialogKey(callID, ourTag string) string { return callID + "\x00" + ourTag }
