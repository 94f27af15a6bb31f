package queue

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/mail/resolver"
	"frontdesk/store/storetest"
)

func TestConfig(t *testing.T) {
	tests := []struct {
		config Config
		says   string
	}{
		{Config{Deliver: "pigeon"}, "none, smarthost or mx"},
		{Config{Deliver: MX}, "resolver"},
		{Config{Deliver: SmartHost, SmartHost: Host{Address: "relay"}}, "host:port"},
		{Config{Deliver: SmartHost, SmartHost: Host{Address: "relay:587", User: "u"}}, "password could be read"},
	}
	for _, test := range tests {
		if _, err := New(test.config, nil, nil, nil, nil, newRegistry()); err == nil ||
			!strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v, want %q", test.config, err, test.says)
		}
	}
}

func TestSlots(t *testing.T) {
	s := newSlots(2)
	for i, want := range []bool{true, true, false} {
		if s.take("a") != want {
			t.Errorf("take %d of one domain: not %v", i, want)
		}
	}
	if !s.take("b") {
		t.Error("another domain has to wait")
	}
	s.give("a")
	if !s.take("a") || len(s.taken) != 2 {
		t.Error("a slot given back is free")
	}
}

func TestBackoff(t *testing.T) {
	q := &Queue{config: Config{FirstWait: 5 * time.Minute}}
	var total time.Duration
	attempts := 0
	for total < 4*24*time.Hour {
		attempts++
		wait := q.backoff(attempts)
		if wait < 5*time.Minute || wait > 5*time.Hour {
			t.Fatalf("attempt %d waits %v", attempts, wait)
		}
		total += wait
	}
	if attempts < 20 || attempts > 40 {
		t.Errorf("%d attempts in four days", attempts)
	}
}

// A name server that doesn't answer is no reason to return mail.
func TestDNSDown(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t), Config{Resolver: resolver.New("127.0.0.1:1",
		slog.New(slog.DiscardHandler))}, nil)
	o.send(t, "carl@far.test")
	eventually(t, "attempted", func() bool { l := o.list(t); return len(l) == 1 && l[0].Attempts == 1 })
	if item := o.list(t)[0]; !strings.Contains(item.Answer, "DNS") {
		t.Errorf("item %+v", item)
	}
}
