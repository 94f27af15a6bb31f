package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"

	"frontdesk/store"
)

// shop is another program, which a webhook tells of contacts.
type shop struct {
	*httptest.Server
	mu    sync.Mutex
	first int               // number of the last event before it
	heard map[string]string // event by Webhook-Id
	asked int               // requests
}

// newShop adds a webhook to a company, with that database, and what it sends to.
func newShop(t *testing.T, c *company, url string) *shop {
	t.Helper()
	db := openDatabase(t, url)
	defer db.Close()
	await(t, "what happened before", func() bool { return untold(t, db) == 0 })
	s := &shop{heard: map[string]string{}}
	s.first, _ = strconv.Atoi(column(t, db, `SELECT seq FROM event_counter`)[0])
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	body, err := json.Marshal(map[string]any{"name": "Shop", "url": s.URL, "types": []string{"contact.changed"}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("POST", c.HTTP+"/api/v1/webhooks", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer " + c.Token}, "Content-Type": {"application/json"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusCreated {
		t.Fatalf("webhook: %d %s", resp.StatusCode, answer)
	}
	return s
}

// ServeHTTP refuses every third request: it is made again.
func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var told struct{ Event int64 }
	err := json.NewDecoder(r.Body).Decode(&told)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; err != nil || s.asked%3 == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	s.heard[r.Header.Get("Webhook-Id")] = strconv.FormatInt(told.Event, 10)
}

// agrees compares what was heard with what those were told who followed the events.
func (s *shop) agrees(t *testing.T, told []event) {
	t.Helper()
	var want, got []string
	for _, e := range told {
		if n, _ := strconv.Atoi(e.id); e.kind == "contact.changed" && n > s.first {
			want = append(want, e.id)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.heard {
		got = append(got, id)
	}
	slices.Sort(want)
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the webhook heard of %d events, %d happened:\n%s", len(got), len(want), difference(got, want))
	}
}

// unsent are the events that a webhook is still to be told.
func unsent(t *testing.T, db *store.DB) string {
	t.Helper()
	return column(t, db, `SELECT (SELECT count(*) FROM webhook_delivery WHERE state = 'waiting')
		+ (SELECT count(*) FROM event WHERE seq > (SELECT min(seq) FROM event_cursor) AND type = 'contact.changed')`)[0]
}
