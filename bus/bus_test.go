package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/bus"
)

func open(t testing.TB) *bus.Bus {
	t.Helper()
	b, err := bus.Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPublishReachesSubscribersInOrder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := open(t)
	defer b.Close()
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
		case <-time.After(5 * time.Second):
			t.Fatalf("message %d did not come", want)
		}
	}
}

func TestRequest(t *testing.T) {
	b := open(t)
	defer b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
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
}

// Who stops answering waits for the answers under way.
func TestStopWaitsForAnswers(t *testing.T) {
	b := open(t)
	defer b.Close()
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
}

func BenchmarkRequestInProcess(b *testing.B) {
	bus := open(b)
	defer bus.Close()
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
	b := open(t)
	defer b.Close()
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
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := b.Request(ctx, "x", 1, nil); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
