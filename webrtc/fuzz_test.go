package webrtc

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/time/rate"

	"frontdesk/media"
	"frontdesk/pbx"
)

// chromiumOffer is one that Chromium 156 really sent.
func chromiumOffer(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseOffer(t *testing.T) {
	call, err := parseOffer(chromiumOffer(t, "chromium-call.sdp"))
	if err != nil {
		t.Fatal(err)
	}
	s := call.sections[0]
	if f, ok := s.find(media.PCMA()); !ok || f.pt != 8 || f.Channels != 1 {
		t.Errorf("PCMA %+v", f)
	}
	if f, ok := s.event(media.PCMA()); !ok || f.pt != 126 {
		t.Errorf("telephone-event at 8 kHz %+v", f)
	}
	if f, ok := s.event(media.Opus()); !ok || f.pt != 110 {
		t.Errorf("telephone-event at 48 kHz %+v", f)
	}
	meeting, err := parseOffer(chromiumOffer(t, "chromium-meet.sdp"))
	if err != nil {
		t.Fatal(err)
	}
	v := meeting.sections[1]
	f, ok := v.sent()
	if rtx, both := v.rtx(f); !ok || !both || f.pt != 96 || rtx.pt != 97 || v.receives || !v.sends {
		t.Errorf("video %+v %+v", f, rtx)
	}
}

// FuzzOffer: what is accepted can be read again and is of the size and form promised.
func FuzzOffer(f *testing.F) {
	f.Add(chromiumOffer(f, "chromium-call.sdp"))
	f.Add(chromiumOffer(f, "chromium-meet.sdp"))
	f.Add("v=0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := parseOffer(text)
		if err != nil {
			return
		}
		if len(o.sections) == 0 || len(o.sections) > maxSections {
			t.Errorf("%d sections", len(o.sections))
		}
		if again, err := parseOffer(o.sdp); err != nil || len(again.sections) != len(o.sections) {
			t.Errorf("not read again: %v", err)
		}
	})
}

// FuzzDo throws anything at the operations: each is answered or refused with an *Error, and nothing is left behind.
func FuzzDo(f *testing.F) {
	call, meeting := chromiumOffer(f, "chromium-call.sdp"), chromiumOffer(f, "chromium-meet.sdp")
	for _, op := range []string{"call.place", "call.answer", "call.offer", "call.attach", "call.digit", "call.transfer",
		"call.hold", "call.nonsense"} {
		f.Add(op, call, `{"to":"201","key":"5","on":true}`)
	}
	for _, op := range []string{"meet.join", "meet.publish", "meet.answer", "meet.attach", "meet.mute"} {
		f.Add(op, meeting, `{"room":"r1","kind":"video","on":true}`)
	}
	s := newStage(f, hasty)
	s.hub.set("ann", true)
	f.Fuzz(func(t *testing.T, op, sdp, extra string) {
		if Waits(op) {
			return // waits for the call control
		}
		s.pace = map[string]*rate.Limiter{}
		leg, err := s.Dial(context.Background(), pbx.Target{User: "ann"}, pbx.Request{Call: "c1"})
		if err != nil {
			t.Fatal(err)
		}
		data := map[string]any{}
		_ = json.Unmarshal([]byte(extra), &data)
		data["leg"], data["sdp"] = leg.ID(), sdp
		raw, err := json.Marshal(data)
		if err != nil {
			return
		}
		for _, body := range [][]byte{raw, []byte(extra)} {
			known := &Error{}
			if _, err := s.Do(context.Background(), "ann", "ann-1", op, body); err != nil && !errors.As(err, &known) {
				t.Errorf("%v is no *Error", err)
			} else if known.Code == CodeFailed {
				t.Errorf("%s: our fault", op)
			}
		}
		for _, leg := range s.all() {
			leg.Hangup(pbx.CauseNormal)
		}
		s.hub.forget()
	})
}

func (h *hub) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = nil
}
