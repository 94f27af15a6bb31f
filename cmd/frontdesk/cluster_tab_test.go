package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/testwait"
)

// tab is a browser's tab: a live socket and, in a call, a peer connection that sends silence and counts what it hears.
type tab struct {
	t    testing.TB
	conn *websocket.Conn

	mu      sync.Mutex
	counter int
	asked   map[int]chan reply
	seen    []told
	closed  websocket.StatusCode // 0 while it is open
	heard   atomic.Int64         // packets
}

// told is an event of the live socket.
type told struct {
	Ev   string
	Data json.RawMessage
}

type reply struct {
	Data  json.RawMessage
	Error *struct{ Code, Message string }
}

// open logs a user in at a node and opens a tab there.
func (c *company) open(login string) *tab {
	c.t.Helper()
	tb, err := c.tryOpen(login)
	if err != nil {
		c.t.Fatal(err)
	}
	return tb
}

func (c *company) tryOpen(login string) (*tab, error) {
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	resp, err := client.Post(c.HTTP+"/api/v1/login", "application/json",
		strings.NewReader(fmt.Sprintf(`{"login":%q,"password":%q}`, login, demoPassword)))
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode >= 300 {
		return nil, errors.New("log-in: " + resp.Status)
	}
	conn, _, err := websocket.Dial(c.t.Context(), c.HTTP+"/api/v1/live", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	c.t.Cleanup(func() { conn.CloseNow() })
	tb := &tab{t: c.t, conn: conn, asked: map[int]chan reply{}}
	go tb.read()
	tb.await("hello", func(json.RawMessage) bool { return true })
	return tb, nil
}

func (tb *tab) read() {
	for {
		var m struct {
			Re    int
			Ev    string
			Data  json.RawMessage
			Error *struct{ Code, Message string }
		}
		err := wsjson.Read(context.Background(), tb.conn, &m)
		tb.mu.Lock()
		switch {
		case err != nil:
			tb.closed = max(websocket.CloseStatus(err), 1)
		case m.Ev != "":
			tb.seen = append(tb.seen, told{m.Ev, m.Data})
		case tb.asked[m.Re] != nil:
			tb.asked[m.Re] <- reply{m.Data, m.Error}
		}
		tb.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// events are the data of all events of a kind so far.
func (tb *tab) events(ev string) (list []json.RawMessage) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	for _, m := range tb.seen {
		if m.Ev == ev {
			list = append(list, m.Data)
		}
	}
	return list
}

// await waits for an event of a kind that fits.
func (tb *tab) await(ev string, fits func(data json.RawMessage) bool) (hit json.RawMessage) {
	tb.t.Helper()
	await(tb.t, ev, func() bool {
		for _, data := range tb.events(ev) {
			if fits(data) {
				hit = data
				return true
			}
		}
		return false
	})
	return hit
}

// do asks for an operation and waits for its answer.
func (tb *tab) do(op string, data any, out any) error {
	tb.mu.Lock()
	tb.counter++
	id, answer := tb.counter, make(chan reply, 1)
	tb.asked[id] = answer
	tb.mu.Unlock()
	if err := wsjson.Write(context.Background(), tb.conn,
		map[string]any{"id": id, "op": op, "data": data}); err != nil {
		return err
	}
	select {
	case r := <-answer:
		if r.Error != nil {
			return fmt.Errorf("%s: %s", r.Error.Code, r.Error.Message)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(r.Data, out)
	case <-time.After(testwait.Limit):
		return errors.New(op + " is not answered")
	}
}

func (tb *tab) must(op string, data any, out any) {
	tb.t.Helper()
	if err := tb.do(op, data, out); err != nil {
		tb.t.Fatalf("%s: %v", op, err)
	}
}

// rung waits for a call of this user that rings, and returns its leg.
func (tb *tab) rung() (leg string) {
	tb.t.Helper()
	var ring struct{ Leg string }
	before := len(tb.events("call.leg"))
	json.Unmarshal(tb.await("call.leg", func(json.RawMessage) bool {
		return before == 0 ||
			len(tb.events("call.leg")) > before
	}), &ring)
	return ring.Leg
}

// speak opens a peer connection whose offer ask takes, and sends silence over it until the test ends.
func (tb *tab) speak(ask func(sdp string) (answer string, err error)) error {
	tb.t.Helper()
	engine, settings := &pion.MediaEngine{}, pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return err
	}
	pc, err := pion.NewAPI(pion.WithMediaEngine(engine),
		pion.WithSettingEngine(settings)).NewPeerConnection(pion.Configuration{})
	if err != nil {
		return err
	}
	tb.t.Cleanup(func() { pc.GracefulClose() })
	mic, err := pion.NewTrackLocalStaticRTP(pion.RTPCodecCapability{MimeType: pion.MimeTypePCMA, ClockRate: 8000},
		"mic", "mic")
	if err != nil {
		return err
	}
	if _, err := pc.AddTrack(mic); err != nil {
		return err
	}
	pc.OnTrack(func(remote *pion.TrackRemote, _ *pion.RTPReceiver) {
		for {
			if _, _, err := remote.ReadRTP(); err != nil {
				return
			}
			tb.heard.Add(1)
		}
	})
	offer, err := pc.CreateOffer(nil)
	if err != nil {
		return err
	}
	if err := pc.SetLocalDescription(offer); err != nil {
		return err
	}
	answer, err := ask(offer.SDP)
	if err != nil {
		return err
	}
	go silence(tb.t.Context(), mic)
	return pc.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeAnswer, SDP: answer})
}

// silence sends 20 ms of G.711 again and again.
func silence(ctx context.Context, mic *pion.TrackLocalStaticRTP) {
	packet := &rtp.Packet{Header: rtp.Header{Version: 2}, Payload: []byte(strings.Repeat("\xd5", 160))}
	for tick := time.NewTicker(20 * time.Millisecond); ctx.Err() == nil; <-tick.C {
		packet.SequenceNumber++
		packet.Timestamp += 160
		mic.WriteRTP(packet) // nobody is there before the answer
	}
}

// answer takes a ringing call.
func (tb *tab) answer(leg string) error { return tb.take("call.answer", leg) }

// attach goes on with a running one.
func (tb *tab) attach(leg string) error { return tb.take("call.attach", leg) }

func (tb *tab) take(op, leg string) error {
	return tb.speak(func(sdp string) (string, error) {
		var out struct{ SDP string }
		err := tb.do(op, map[string]any{"leg": leg, "sdp": sdp}, &out)
		return out.SDP, err
	})
}

// place calls and returns the leg.
func (tb *tab) place(to string) (leg string, err error) {
	err = tb.speak(func(sdp string) (string, error) {
		var out struct{ Leg, SDP string }
		err := tb.do("call.place", map[string]any{"to": to, "sdp": sdp}, &out)
		leg = out.Leg
		return out.SDP, err
	})
	return leg, err
}

// hears waits until more sound came than there was.
func (tb *tab) hears() {
	tb.t.Helper()
	before := tb.heard.Load()
	await(tb.t, "sound", func() bool { return tb.heard.Load() > before+25 })
}
