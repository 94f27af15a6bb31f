package toll

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestNight(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Bucharest")
	if err != nil {
		t.Fatal(err)
	}
	late := &Night{Span: dialplan.Span{From: "22:00", To: "06:00"}}
	early := &Night{Span: dialplan.Span{From: "01:00", To: "05:30"}}
	at := func(clock string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", clock, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		night *Night
		now   string
		began string // "": it is day
	}{
		{nil, "2026-05-05 23:00", ""},
		{late, "2026-05-05 21:59", ""}, {late, "2026-05-05 22:00", "2026-05-05 22:00"},
		{late, "2026-05-06 05:59", "2026-05-05 22:00"}, {late, "2026-05-06 06:00", ""},
		{late, "2026-10-25 05:00", "2026-10-24 22:00"}, // the clocks go back
		{early, "2026-05-05 00:59", ""}, {early, "2026-05-05 05:29", "2026-05-05 01:00"},
		{early, "2026-05-05 05:30", ""},
	} {
		began := c.night.began(at(c.now))
		if (c.began == "") != began.IsZero() || c.began != "" && !began.Equal(at(c.began)) {
			t.Errorf("%+v at %s: began %v, want %q", c.night, c.now, began, c.began)
		}
	}
}

func TestLimits(t *testing.T) {
	rules := Rules{Each: Limits{Together: 2, PerMinute: 3, Minutes: 10, Spend: 5},
		Users:  []Exception{{"eva", Limits{}}},
		Trunks: []Exception{{"line", Limits{Together: 1}}}}
	busy := usage{together: 2, minute: 3, day: spent{600, 5}}
	for _, c := range []struct {
		payer       string
		used, trunk usage
		want        Reason
		of          string
	}{
		{"ana", usage{together: 1, minute: 2, day: spent{599, 4.9}}, usage{}, "", "line"},
		{"ana", busy, usage{}, Together, "ana"},
		{"ana", usage{minute: 3}, usage{}, PerMinute, "ana"},
		{"ana", usage{day: spent{seconds: 600}}, usage{}, Minutes, "ana"},
		{"ana", usage{day: spent{cost: 5}}, usage{}, Spend, "ana"},
		{"eva", busy, usage{}, "", "line"},
		{"eva", busy, usage{together: 1}, Together, "line"},
	} {
		if why, of := rules.refuses(charge{payer: c.payer, trunk: "line"}, c.used, c.trunk,
			time.Now()); why != c.want ||
			of != c.of {
			t.Errorf("%s with %+v: %q of %q, want %q of %q", c.payer, c.used, why, of, c.want, c.of)
		}
	}
	if why, _ := (&Rules{}).refuses(charge{}, busy, busy, time.Now()); why != "" {
		t.Errorf("without limits: %q", why)
	}
}

func TestRulesAreChecked(t *testing.T) {
	span := func(from, to string) *Night { return &Night{Span: dialplan.Span{From: from, To: to}} }
	for field, r := range map[string]Rules{
		"rates":      {Rates: []Rate{{Prefix: "0044", Price: 1}}},
		"night.from": {Night: span("25:00", "06:00")},
		"night.to":   {Night: span("22:00", "22:00")},
	} {
		var invalid *input.Invalid
		if err := r.Check(); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	r := Rules{Rates: []Rate{{"+44 7", 2}, {"+4", 1}}}
	if err := r.Check(); err != nil || r.price("+447900000000") != 2 || r.price("+40722000111") != 1 ||
		r.price("+1555") != 0 {
		t.Errorf("%v: %+v", err, r)
	}
}

// Nodes that count at one moment let no more through than one alone.
func TestNodesCountTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		nodes := [2]*Tolls{}
		for i := range nodes {
			nodes[i] = New(Config{Region: "RO", Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}, db)
		}
		r := Usual()
		r.Each = Limits{Together: 3}
		if err := nodes[0].SaveRules(ctx, r); err != nil {
			t.Fatal(err)
		}
		var (
			all     sync.WaitGroup
			mu      sync.Mutex
			through []*Charge
		)
		for i := range 9 {
			all.Go(func() {
				c, why, err := nodes[i%2].Begin(ctx, store.NewID(), "ana", "line", "+40722123456")
				mu.Lock()
				defer mu.Unlock()
				if c != nil {
					through = append(through, c)
				}
				if err != nil || (c == nil) != (why == Together) {
					t.Errorf("%v: %q", err, why)
				}
			})
		}
		all.Wait()
		if len(through) != 3 {
			t.Fatalf("%d calls got through, want 3", len(through))
		}
		nodes[0].Ended(ctx, through[0])
		if c, why, err := nodes[1].Begin(ctx, store.NewID(), "ana", "line", "+40722123456"); c == nil || err != nil {
			t.Errorf("after one ended: %q, %v", why, err)
		}
	})
}
