package sip

import (
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
)

// versionOf reads of a message which session is described, and which version of it (RFC 8866 §5.2).
func versionOf(t *testing.T, message string) (session, version string) {
	t.Helper()
	for line := range strings.Lines(message) {
		if f := strings.Fields(strings.TrimPrefix(line, "o=")); strings.HasPrefix(line, "o=") && len(f) == 6 {
			return f[1], f[2]
		}
	}
	t.Fatalf("no o= in\n%s", message)
	return "", ""
}

// An old phone holds by c=0.0.0.0 and leaves out the end of the last line: both are understood. Our description has a
// higher version, by one, when it changed, and the same when it did not (RFC 3264 §8), whatever version the phone
// writes.
func TestOldPhonesHold(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	talks := strings.TrimSuffix(described(phone.addr()), "\r\n")
	holds := strings.Replace(talks, "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1)
	tag, seq := "", 0
	offers := func(sdp string) (answer, session, version string) {
		t.Helper()
		seq++
		w.send(request("INVITE", "sip:100@{there}", tag, "old", seq, "", sdp))
		answer = w.get("SIP/2.0 200")
		_, tag, _ = strings.Cut(field(answer, "To"), ">")
		w.send(request("ACK", "sip:100@{there}", tag, "old", seq, "", ""))
		session, version = versionOf(t, answer)
		return answer, session, version
	}
	_, session, version := offers(talks)
	g := b.arrival()
	for _, step := range []struct {
		what, sdp, direction string
		held, changes        bool
	}{
		{"held", holds, "a=recvonly", true, true},
		{"held again, as another version", strings.Replace(holds, "o=- 1 1", "o=- 1 2", 1), "a=recvonly", true, false},
		{"taken back", talks, "a=sendrecv", false, true},
		{"refreshed", talks, "a=sendrecv", false, false},
		{"held and inactive", holds + "\r\na=inactive", "a=inactive", true, true},
		{"taken back at the end", talks, "a=sendrecv", false, true},
	} {
		answer, same, now := offers(step.sdp)
		if !strings.Contains(answer, step.direction) || same != session || (now != version) != step.changes {
			t.Errorf("%s: session %s version %s after %s of %s, answered with\n%s", step.what, same, now, version,
				session, answer)
		}
		if step.changes {
			if e := expect[pbx.Held](t, g); e.On != step.held {
				t.Errorf("%s: held %v", step.what, e.On)
			}
			if len(now) != len(version) || now <= version {
				t.Errorf("%s: version %s after %s", step.what, now, version)
			}
		}
		version = now
	}
	g.Hangup(pbx.CauseNormal)
	w.get("BYE")
}

// timed is a call whose peer asks for a session timer; it returns our 200, and the tag of its dialog.
func (w *wire) timed(id, expires, allow string) (answer, tag string) {
	w.t.Helper()
	w.send(request("INVITE", "sip:100@{there}", "", id, 1,
		"Supported: timer\nAllow: "+allow+"\nSession-Expires: "+expires+"\n", offer))
	answer = w.get("SIP/2.0 200")
	_, tag, _ = strings.Cut(field(answer, "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, id, 1, "", ""))
	return answer, tag
}

// Where the peer leaves it to us to refresh the session, and takes UPDATE, we do, without touching the description, and
// follow the peer where it says it is (RFC 4028, RFC 3311). A peer that has no call any more has none.
func TestWeRefreshByUpdate(t *testing.T) {
	b := newBed(t, func(c *Config) { c.second = 5 * time.Millisecond }, func(g *guest) { g.Answer(media.PCMA()) },
		loopback())
	w := newWire(t, b.addr("udp"))
	answer, _ := w.timed("ours", "90;refresher=uas", "INVITE, ACK, BYE, UPDATE")
	if got := field(answer, "Session-Expires"); got != "90;refresher=uas" || field(answer, "Require") != "" {
		t.Fatalf("answered with\n%s", answer)
	}
	g := b.arrival()
	update := w.get("UPDATE sip:ana@")
	if field(update, "Session-Expires") != "90;refresher=uac" || field(update, "Content-Length") != "0" ||
		field(update, "Contact") == "" || field(update, "Supported") != "timer" {
		t.Errorf("refreshed with\n%s", update)
	}
	w.reply(update, "422 Session Interval Too Small", "Min-SE: 120\n", "")
	update = w.get("UPDATE sip:ana@")
	if got := field(update, "Session-Expires"); got != "120;refresher=uac" {
		t.Errorf("asked again for %s", got)
	}
	w.reply(update, "200 OK", "Contact: <sip:moved@{here}>\nSession-Expires: 120;refresher=uac\n", "")
	w.reply(w.get("UPDATE sip:moved@"), "500 Server Error", "", "")
	w.reply(w.get("UPDATE sip:moved@"), "200 OK", "Contact: <sip:moved@{here}>\nSession-Expires: 120;refresher=uac\n",
		"")
	w.reply(w.get("UPDATE sip:moved@"), "481 Call Does Not Exist", "", "")
	if gone := expect[pbx.Gone](t, g); gone.Cause != pbx.CauseMediaLost {
		t.Errorf("gone: %s", gone.Cause)
	}
	w.get("BYE sip:moved@")
}

// A refresher that takes no UPDATE is told that there is no timer; one that promised to refresh and doesn't is hung up.
func TestPeersRefresh(t *testing.T) {
	b := newBed(t, func(c *Config) { c.second = 5 * time.Millisecond }, func(g *guest) { g.Answer(media.PCMA()) },
		loopback())
	w := newWire(t, b.addr("udp"))
	answer, tag := w.timed("none", "90;refresher=uas", "INVITE, ACK, BYE")
	if got := field(answer, "Session-Expires"); got != "" {
		t.Errorf("we would refresh: %s", got)
	}
	w.bye("none", tag)
	if gone := expect[pbx.Gone](t, b.arrival()); gone.Cause != pbx.CauseNormal {
		t.Errorf("gone: %s", gone.Cause)
	}
	answer, tag = w.timed("theirs", "90", "INVITE, ACK, BYE, UPDATE")
	if got := field(answer, "Session-Expires"); got != "90;refresher=uac" || field(answer, "Require") != "timer" {
		t.Errorf("answered with\n%s", answer)
	}
	g := b.arrival()
	w.send(request("UPDATE", "sip:100@{there}", tag, "theirs", 2,
		"Supported: timer\nSession-Expires: 90;refresher=uac\n", ""))
	w.get("SIP/2.0 200")
	if gone := expect[pbx.Gone](t, g); gone.Cause != pbx.CauseMediaLost {
		t.Errorf("gone: %s", gone.Cause)
	}
	w.get("BYE")
}
