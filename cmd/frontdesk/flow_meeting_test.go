package main

import (
	"testing"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/store/storetest"
)

// join comes into a meeting with a microphone that is never heard: nothing here is about media.
func join(t *testing.T, tab *websocket.Conn, room string) {
	t.Helper()
	ask := map[string]any{"id": 1, "op": "meet.join", "data": map[string]any{"room": room, "sdp": silentOffer(t)}}
	if err := wsjson.Write(t.Context(), tab, ask); err != nil {
		t.Fatal(err)
	}
}

// silentOffer is the offer of a browser that has a microphone and never connects.
func silentOffer(t testing.TB) string {
	t.Helper()
	pc, err := pion.NewPeerConnection(pion.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pc.Close() })
	if _, err := pc.AddTransceiverFromKind(pion.RTPCodecTypeAudio,
		pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionSendonly}); err != nil {
		t.Fatal(err)
	}
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		t.Fatal(err)
	}
	return offer.SDP
}

// databases are the arguments with which a company keeps its data in each.
var databases = map[string]func(*testing.T) []string{
	"sqlite":   func(*testing.T) []string { return nil },
	"postgres": func(t *testing.T) []string { return []string{"--database", storetest.MigratedURL(t)} },
}

// A meeting about a client opens his card for who joins, is on his timeline while it runs, and is closed there once
// even when the process was killed.
func TestKilledMeetingIsOnTheTimelineOnce(t *testing.T) {
	t.Parallel() // much of it is waiting
	for name, database := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killedMeeting(t, database(t))
		})
	}
}

func killedMeeting(t *testing.T, database []string) {
	data := t.TempDir()
	c := startCompany(t, data, database...)
	id := c.contact("Radu Georgescu")
	room := c.room("Prices", map[string]string{"kind": "contact", "id": id})
	tab, told := c.tab("maria")
	join(t, tab, room)
	for m := range told {
		if m.Ev == "card.open" {
			if cards, _ := m.Data["cards"].([]any); m.Data["reason"] != "meeting" || len(cards) != 1 ||
				cards[0].(map[string]any)["name"] != "Radu Georgescu" {
				t.Errorf("card: %v", m.Data)
			}
			break
		}
	}
	meetings := func() (found []timelineItem) {
		for _, a := range c.timeline("contacts", id) {
			if a.Kind == "meeting" {
				found = append(found, a)
			}
		}
		return found
	}
	if got := meetings(); len(got) != 1 || got[0].Title != "Prices" || got[0].Outcome != "" || got[0].Source != room {
		t.Errorf("while it runs: %+v", got)
	}
	c.cmd.Process.Kill()
	<-c.over
	c = startCompany(t, data, database...)
	await(t, "the end of the meeting", func() bool {
		got := meetings()
		return len(got) == 1 &&
			got[0].Outcome == "answered"
	})
	var calls items[struct{ Cause string }]
	c.api("GET", "/calls", nil, &calls)
	if len(calls.Items) != 1 || calls.Items[0].Cause != "cut_off" {
		t.Errorf("calls: %+v", calls.Items)
	}
}
