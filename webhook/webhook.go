// Package webhook tells other programs what happens in the company: it sends the events they want to their addresses,
// signed, and again until each has arrived or has been tried for three days. The requests are those of Standard
// Webhooks (standardwebhooks.com), for which receivers have libraries.
package webhook

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/store"
)

// Webhook is an address of another program that events are sent to.
type Webhook struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	URL     string    `json:"url"`
	Types   []string  `json:"types" doc:"Types of events; empty: all"`
	Active  bool      `json:"active"`
	Stopped Reason    `json:"stopped" doc:"Why it is not active, where nobody switched it off: silent (nothing arrived for days), gone (it answered 410)"`
	Failing time.Time `json:"failing_since" doc:"Since when nothing arrives"`
	Waiting int64     `json:"waiting" doc:"Deliveries that have not arrived yet"`
	Created time.Time `json:"created"`

	secret string
}

// Reason is why a webhook was stopped by itself.
type Reason string

const (
	Silent Reason = "silent" // nothing arrived for too long
	Gone   Reason = "gone"   // the receiver answered 410
)

func (h Webhook) wants(kind string) bool { return len(h.Types) == 0 || slices.Contains(h.Types, kind) }

const hookColumns = `id, name, url, types, secret, active, stopped, failing_since, created_at`

func scanHook(r store.Row) (h Webhook, err error) {
	var types string
	var failing, created int64
	if err = r.Scan(&h.ID, &h.Name, &h.URL, &types, &h.secret, &h.Active, &h.Stopped, &failing, &created); err != nil {
		return h, err
	}
	h.Failing, h.Created = store.Time(failing), store.Time(created)
	return h, json.Unmarshal([]byte(types), &h.Types)
}

// State of a Delivery.
type State string

const (
	Waiting   State = "waiting"   // it is tried, again and again
	Delivered State = "delivered" // the receiver answered 2xx
	Failed    State = "failed"    // it was given up
)

// Trouble is what went wrong with an attempt.
type Trouble string

const (
	Private     Trouble = "private"     // the address is of a network that may not be reached
	Plain       Trouble = "plain"       // it may be reached with https only
	Name        Trouble = "name"        // its name is not found
	Refused     Trouble = "refused"     // nothing listens there
	Timeout     Trouble = "timeout"     // it does not answer in time
	Certificate Trouble = "certificate" // its certificate is not valid
	Redirect    Trouble = "redirect"    // it answered that it is elsewhere
	Status      Trouble = "status"      // it answered something else than 2xx
	Other       Trouble = "other"
)

// Delivery is an event on its way to a webhook, or that was.
type Delivery struct {
	ID       string    `json:"id" doc:"The header Webhook-Id of every attempt"`
	Webhook  string    `json:"webhook"`
	Event    int64     `json:"event" doc:"Its number in the event stream; 0: a test"`
	Type     string    `json:"type"`
	State    State     `json:"state" enum:"waiting,delivered,failed"`
	Attempts int       `json:"attempts"`
	Status   int       `json:"status" doc:"HTTP status of the last answer; 0: there was none"`
	Trouble  Trouble   `json:"trouble" doc:"What went wrong last: private, plain, name, refused, timeout, certificate, redirect, status, other"`
	Answer   string    `json:"answer" doc:"The beginning of the last answer, or the error"`
	Took     int64     `json:"took" doc:"Milliseconds of the last attempt"`
	Created  time.Time `json:"created"`
	Tried    time.Time `json:"tried"`
	Next     time.Time `json:"next" doc:"When it is tried again"`

	body  string
	since time.Time
}

const deliveryColumns = `id, webhook, seq, type, body, state, attempts, status, trouble, answer, took, next_at, since, created_at, tried_at`

func scanDelivery(r store.Row) (d Delivery, err error) {
	var next, since, created, tried int64
	err = r.Scan(&d.ID, &d.Webhook, &d.Event, &d.Type, &d.body, &d.State, &d.Attempts, &d.Status, &d.Trouble, &d.Answer,
		&d.Took, &next, &since, &created, &tried)
	d.since = store.Time(since)
	d.Created, d.Tried, d.Next = store.Time(created), store.Time(tried), store.Time(next)
	if d.State != Waiting {
		d.Next = time.Time{}
	}
	return d, err
}

// Invalid says which field of an input can't be accepted and why, in words for the person who typed it.
type Invalid struct{ Field, Problem string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Problem }

func invalid(field, format string, args ...any) error {
	return &Invalid{field, fmt.Sprintf(format, args...)}
}
