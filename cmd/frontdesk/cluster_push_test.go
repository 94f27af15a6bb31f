package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"frontdesk/testwait"
)

// BenchmarkToEveryTab is what a message costs that goes to all tabs, as a change of somebody's presence does: for each
// tab, in the node that holds them.
func BenchmarkToEveryTab(b *testing.B) {
	const each, batch, batches = 10, 100, 100 // a tab may not be more than 256 messages behind
	c := startCluster(b, "a")
	var tabs []<-chan liveMessage
	for _, u := range demoUsers() {
		for range each {
			tabs = append(tabs, openTab(b, c.nodes["a"].HTTP, u.login))
		}
	}
	bus, err := nats.Connect(c.nats.url())
	if err != nil {
		b.Fatal(err)
	}
	defer bus.Close()
	text, _ := json.Marshal(map[string]any{"from": "elsewhere",
		"text": map[string]any{"ev": "presence",
			"data": map[string]any{"user": "01a21bb2-e41b-7d47-8a67-e9771dedcc6f", "online": true, "busy": true}}})
	m := newMeter(b, c)
	m.start()
	pushes, began := 0, time.Now()
	for b.Loop() {
		for range batches {
			for range batch {
				bus.Publish("hub.all", text)
			}
			for _, tab := range tabs {
				takes(b, tab, "presence", batch)
			}
			pushes += batch * len(tabs)
		}
	}
	b.ReportMetric(float64(pushes)/time.Since(began).Seconds(), "pushes/s")
	b.ReportMetric(1e6*m.spent().nodes/float64(pushes), "node-cpu-µs/push")
	b.ReportMetric(0, "ns/op")
	reportLoad(b)
}

// BenchmarkReadAgain is what a tab costs that reads again what waits for its person, as each does that somebody looks
// at when records changed.
func BenchmarkReadAgain(b *testing.B) {
	const reads = 1000
	c := startCluster(b, "a")
	m := newMeter(b, c)
	m.start()
	done := 0
	for b.Loop() {
		for range reads {
			if code := c.nodes["a"].api("GET", "/my-day", nil, nil); code != 200 {
				b.Fatalf("answered %d", code)
			}
		}
		done += reads
	}
	m.report(done, "read")
}

// takes waits until a tab has had so many messages of a kind.
func takes(b *testing.B, tab <-chan liveMessage, ev string, n int) {
	b.Helper()
	timeout := time.After(testwait.Limit)
	for n > 0 {
		select {
		case m, open := <-tab:
			if !open {
				b.Fatal("the live socket was closed")
			}
			if m.Ev == ev {
				n--
			}
		case <-timeout:
			b.Fatalf("%d messages did not come", n)
		}
	}
}
