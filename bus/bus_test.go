package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
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
