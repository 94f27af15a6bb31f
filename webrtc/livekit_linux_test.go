package webrtc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"google.golang.org/protobuf/encoding/protowire"
)

// liveKit is a LiveKit beside ours. It speaks its signalling protocol: over a WebSocket, in protocol buffers, of which
// the little that a meeting needs is read and written by hand (livekit_rtc.proto).
type liveKit struct {
	pid    int
	at     string
	secret string
}

// startLiveKit starts the one that .ci/livekit has built; the benchmark is skipped where it has not.
func startLiveKit(b *testing.B) *liveKit {
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Skip(err)
	}
	found, _ := filepath.Glob(filepath.Join(cache, "frontdesk", "livekit-*", "server"))
	if len(found) == 0 {
		b.Skip("no LiveKit here: .ci/livekit builds it")
	}
	l := &liveKit{at: freePort(b, "tcp"), secret: strings.Repeat("secret", 8)}
	_, port, _ := net.SplitHostPort(l.at)
	_, udp, _ := net.SplitHostPort(freePort(b, "udp"))
	_, tcp, _ := net.SplitHostPort(freePort(b, "tcp"))
	config := fmt.Sprintf("port: %s\nbind_addresses: [127.0.0.1]\nkeys: {bench: %s}\nlogging: {level: error}\n"+
		"rtc: {udp_port: %s, tcp_port: %s, use_ice_lite: true, node_ip: 127.0.0.1, enable_loopback_candidate: true, "+
		"congestion_control: {enabled: false}}\n", port, l.secret, udp, tcp)
	cmd := exec.Command(found[len(found)-1], "--config-body", config)
	cmd.Stderr, cmd.Stdout = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	l.pid = cmd.Process.Pid
	await(b, "LiveKit", func() bool {
		answer, err := http.Get("http://" + l.at)
		if err == nil {
			answer.Body.Close()
		}
		return err == nil
	})
	return l
}

// freePort is an address of 127.0.0.1 that nobody has.
func freePort(b *testing.B, network string) string {
	if network == "udp" {
		conn := must(net.ListenPacket("udp", "127.0.0.1:0"))(b)
		defer conn.Close()
		return conn.LocalAddr().String()
	}
	l := must(net.Listen("tcp", "127.0.0.1:0"))(b)
	defer l.Close()
	return l.Addr().String()
}

// token is a log-in to the one room (a JWT, RFC 7519), for one who sends or for one who watches.
func (l *liveKit) token(user string, sends bool) string {
	claims, _ := json.Marshal(map[string]any{"iss": "bench", "sub": user, "exp": time.Now().Add(time.Hour).Unix(),
		"video": map[string]any{"room": "bench", "roomJoin": true, "canPublish": sends, "canSubscribe": !sends}})
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(claims)
	sum := hmac.New(sha256.New, []byte(l.secret))
	sum.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// Fields of the messages that go to the server, and of those that come from it.
const (
	toOffer, toAnswer, toAddTrack                   = 1, 2, 4
	fromAnswer, fromOffer, fromTrickle              = 2, 3, 4
	descriptionType, descriptionSDP, descriptionID  = 1, 2, 3
	trickleCandidate, trickleTarget                 = 1, 2
	trackCID, trackType, trackSource, video, webcam = 1, 3, 8, 1, 1 // the last two are values
)

// guest of a meeting of LiveKit's.
type liveGuest struct {
	b          *testing.B
	conn       *websocket.Conn
	candidates [2]string   // of the publishing and of the receiving connection
	heard      []described // that nobody waited for
	offer      uint64      // id of the one to answer
}

// described is a description that came: an offer or an answer.
type described struct {
	kind int
	id   uint64
	sdp  string
}

// join has somebody join: one who sends, or one who watches.
func (l *liveKit) join(b *testing.B, user string, sends bool) *liveGuest {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+l.at+"/rtc?auto_subscribe=1&protocol=9&access_token="+
		l.token(user, sends), nil)
	if err != nil {
		b.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	g := &liveGuest{b: b, conn: conn}
	b.Cleanup(func() { conn.CloseNow() })
	return g
}

// next is the next description of a kind.
func (g *liveGuest) next(kind int) described {
	for {
		for i, h := range g.heard {
			if h.kind == kind {
				g.heard = slices.Delete(g.heard, i, i+1)
				return h
			}
		}
		g.read()
	}
}

// read takes a message.
func (g *liveGuest) read() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, data, err := g.conn.Read(ctx)
	if err != nil {
		g.b.Fatal(err)
	}
	for field, value := range fields(data) {
		switch field {
		case fromTrickle:
			t := fields(value.bytes)
			var c struct{ Candidate string }
			json.Unmarshal(t[trickleCandidate].bytes, &c)
			if strings.Contains(c.Candidate, " udp ") && strings.Contains(c.Candidate, " 127.0.0.1 ") {
				g.candidates[t[trickleTarget].number] = "a=" + c.Candidate + "\r\n"
			}
		case fromOffer, fromAnswer:
			d := fields(value.bytes)
			g.heard = append(g.heard, described{field, d[descriptionID].number, string(d[descriptionSDP].bytes)})
		}
	}
}

func (g *liveGuest) send(field protowire.Number, message []byte) {
	data := protowire.AppendBytes(protowire.AppendTag(nil, field, protowire.BytesType), message)
	if err := g.conn.Write(context.Background(), websocket.MessageBinary, data); err != nil {
		g.b.Fatal(err)
	}
}

func description(kind, sdp string, id uint64) (m []byte) {
	m = protowire.AppendString(protowire.AppendTag(m, descriptionType, protowire.BytesType), kind)
	m = protowire.AppendString(protowire.AppendTag(m, descriptionSDP, protowire.BytesType), sdp)
	return protowire.AppendVarint(protowire.AppendTag(m, descriptionID, protowire.VarintType), id)
}

// publish offers a connection on which a camera's video goes.
func (g *liveGuest) publish(offer string) (answer string) {
	m := protowire.AppendString(protowire.AppendTag(nil, trackCID, protowire.BytesType), "line")
	m = protowire.AppendVarint(protowire.AppendTag(m, trackType, protowire.VarintType), video)
	m = protowire.AppendVarint(protowire.AppendTag(m, trackSource, protowire.VarintType), webcam)
	g.send(toAddTrack, m)
	offer = strings.Replace(offer, "a=setup:actpass", "a=setup:active", 1)
	g.send(toOffer, description("offer", offer, 1))
	answer = g.next(fromAnswer).sdp
	return g.reached(answer, 0)
}

// reached is a description with one candidate, which comes after it.
func (g *liveGuest) reached(sdp string, connection int) string {
	for g.candidates[connection] == "" {
		g.read()
	}
	return candidateLines.ReplaceAllString(sdp, "") + g.candidates[connection]
}

// receive is the offer of so many videos; those before it, of fewer, are answered.
func (g *liveGuest) receive(videos int, digest string) (offer string) {
	for {
		h := g.next(fromOffer)
		g.offer = h.id
		if strings.Count(h.sdp, "m=video") == videos {
			return g.reached(h.sdp, 1)
		}
		g.answered(answerTo(h.sdp, digest))
	}
}

func (g *liveGuest) answered(sdp string) { g.send(toAnswer, description("answer", sdp, g.offer)) }

// liveMeeting is a host of LiveKit's. Who watches has no connection to send on.
type liveMeeting struct {
	b       *testing.B
	at      *liveKit
	senders int
	digest  string // of the guests' certificate
	guests  map[int]*liveGuest
}

var candidateLines = regexp.MustCompile(`a=candidate:.*\r\n`)

var digestLine = regexp.MustCompile(`a=fingerprint:sha-256 (\S+)`)

func (m *liveMeeting) publish(i int, offer string) (answer string) {
	if i >= m.senders {
		return ""
	}
	m.digest = digestLine.FindStringSubmatch(offer)[1]
	return m.at.join(m.b, fmt.Sprint("u", i), true).publish(offer)
}

func (m *liveMeeting) receive(i int) (offer string) {
	m.guests[i] = m.at.join(m.b, fmt.Sprint("u", i), false)
	return m.guests[i].receive(m.senders, m.digest)
}

func (m *liveMeeting) answered(i int, sdp string) { m.guests[i].answered(sdp) }

// value of a field: of whatever kind it is.
type value struct {
	number uint64
	bytes  []byte
}

// fields of a message; of those that come several times the last.
func fields(data []byte) map[int]value {
	all := map[int]value{}
	for len(data) > 0 {
		field, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return all
		}
		data = data[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(field, kind, data)
		}
		if n < 0 {
			return all
		}
		all[int(field)], data = v, data[n:]
	}
	return all
}
