package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/bus"
	"frontdesk/testwait"
)

func open(t testing.TB, url string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-b.Closed():
		default:
			b.Close()
		}
	})
	return b
}

// each runs a test with the bus of a node that is alone, and with one over a server.
func each(t *testing.T, test func(t *testing.T, b *bus.Bus)) {
	t.Run("inside", func(t *testing.T) { test(t, open(t, "")) })
	t.Run("nats", func(t *testing.T) { test(t, open(t, serve(t, options("")).ClientURL())) })
}

func TestPublishReachesSubscribersInOrder(t *testing.T) {
	each(t, func(t *testing.T, b *bus.Bus) {
		const total = 1000
		got := make(chan int, total)
		stop, err := b.Subscribe("hub.*", func(_ string, data []byte) {
			var n int
			if err := json.Unmarshal(data, &n); err != nil {
				t.Error(err)
			}
			got <- n
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		for i := range total {
			if err := b.Publish("hub.u1", i); err != nil {
				t.Fatal(err)
			}
		}
		for want := range total {
			select {
			case n := <-got:
				if n != want {
					t.Fatalf("message %d came in place of %d", n, want)
				}
			case <-time.After(testwait.Limit):
				t.Fatalf("message %d did not come", want)
			}
		}
	})
}

func TestRequest(t *testing.T) {
	each(t, func(t *testing.T, b *bus.Bus) {
		ctx, cancel := context.WithTimeout(t.Context(), testwait.Limit)
		defer cancel()
		if err := b.Request(ctx, "call.1", "hi", nil); !errors.Is(err, bus.ErrNobody) {
			t.Errorf("a request nobody serves: %v", err)
		}
		stop, err := b.Answer("call.1", func(data []byte) (any, error) {
			if string(data) == `"bad"` {
				return nil, errors.New("busy")
			}
			return map[string]int{"n": 7}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		var result struct{ N int }
		if err := b.Request(ctx, "call.1", "hi", &result); err != nil || result.N != 7 {
			t.Errorf("got %v, %v", result, err)
		}
		if err := b.Request(ctx, "call.1", "bad", nil); err == nil || err.Error() != "busy" {
			t.Errorf("the answerer's error came as %v", err)
		}
	})
}

// Who stops answering waits for the answers under way.
func TestStopWaitsForAnswers(t *testing.T) {
	each(t, func(t *testing.T, b *bus.Bus) {
		begun, release, given := make(chan struct{}), make(chan struct{}), false
		stop, err := b.Answer("slow", func([]byte) (any, error) {
			close(begun)
			<-release
			given = true
			return 1, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan error, 1)
		go func() { asked <- b.Request(t.Context(), "slow", 1, nil) }()
		<-begun
		go close(release)
		stop()
		if !given {
			t.Error("an answer runs on")
		}
		if err := <-asked; err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkRequestInProcess(b *testing.B) {
	bus := open(b, "")
	stop, err := bus.Answer("echo", func(data []byte) (any, error) { return json.RawMessage(data), nil })
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	for b.Loop() {
		var n int
		if err := bus.Request(b.Context(), "echo", 1, &n); err != nil {
			b.Fatal(err)
		}
	}
}

// A subject that somebody made up, too long for a server's line, is refused; the connection lives on.
func TestLongSubjectIsRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bus.Bus) {
		long := "hub.user." + strings.Repeat("a", 5000)
		if err := b.Publish(long, 1); err == nil {
			t.Error("published")
		}
		if err := b.Request(t.Context(), long, 1, nil); err == nil || errors.Is(err, bus.ErrNobody) {
			t.Errorf("asked: %v", err)
		}
		stop, err := b.Answer("x", func([]byte) (any, error) { return 1, nil })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		ctx, cancel := context.WithTimeout(t.Context(), testwait.Limit)
		defer cancel()
		if err := b.Request(ctx, "x", 1, nil); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// Who is called while he is closed, or no longer wants to be, gets nothing more; nothing of the bus runs on.
func TestEnd(t *testing.T) {
	each(t, func(t *testing.T, b *bus.Bus) {
		before := goleak.IgnoreCurrent()
		begun, release := make(chan struct{}), make(chan struct{})
		var got atomic.Int32
		stop, err := b.Subscribe("x.>", func(string, []byte) {
			if got.Add(1) == 1 {
				close(begun)
				<-release
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := b.Publish("x.y.z", 1); err != nil {
				t.Fatal(err)
			}
		}
		<-begun
		stop()
		close(release)
		goleak.VerifyNone(t, before)
		if n := got.Load(); n != 1 {
			t.Errorf("%d messages after the end", n-1)
		}
		b.Close()
		<-b.Closed()
		if b.Connected() {
			t.Error("connected after the end")
		}
		if err := b.Publish("x.y", 1); err == nil {
			t.Error("published after the end")
		}
		if err := b.Request(t.Context(), "x.y", 1, nil); err == nil {
			t.Error("asked after the end")
		}
	})
}

// Words of a subject are matched as NATS says.
func TestWildcards(t *testing.T) {
	patterns := []string{"a", "a.b", "a.*", "*.b", "a.>", ">", "a.*.c", "*"}
	reached := map[string]string{
		"a":     "a > *",
		"a.b":   "a.b a.* *.b a.> >",
		"a.c":   "a.* a.> >",
		"a.b.c": "a.> > a.*.c",
		"b":     "> *",
		"ab.b":  "*.b >",
	}
	each(t, func(t *testing.T, b *bus.Bus) {
		var mu sync.Mutex
		got := map[string]map[string]bool{} // patterns by subject
		total := 0
		for _, pattern := range patterns {
			stop, err := b.Subscribe(pattern, func(subject string, _ []byte) {
				mu.Lock()
				defer mu.Unlock()
				if got[subject] == nil {
					got[subject] = map[string]bool{}
				}
				got[subject][pattern] = true
				total++
			})
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
		}
		want := 0
		for subject, by := range reached {
			want += len(strings.Fields(by))
			if err := b.Publish(subject, 1); err != nil {
				t.Fatal(err)
			}
		}
		b.Close() // delivers all
		if total != want {
			t.Errorf("%d deliveries, want %d", total, want)
		}
		for subject, by := range reached {
			for _, pattern := range strings.Fields(by) {
				if !got[subject][pattern] {
					t.Errorf("%s did not come by %s", subject, pattern)
				}
			}
		}
	})
}
