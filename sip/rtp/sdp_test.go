package rtp

import (
	"net/netip"
	"strings"
	"testing"

	"frontdesk/media"
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestAnswerKeepsRefusedMedia(t *testing.T) {
	d, err := Parse(
		[]byte("v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=video 5000 RTP/AVP 96\n" +
			"a=rtpmap:96 VP8/90000\n" +
			// no newline at the end
			"m=audio 4000 RTP/AVP 8 0 97\na=rtpmap:97 telephone-event/8000\na=sendonly\nm=image 6000 udptl t38"))
	if err != nil {
		t.Fatal(err)
	}
	l := Session{id: 7, addr: addrPort("192.0.2.9:7000")}
	got := string(l.Answer(d, d.Audio(Taken), media.PCMU()))
	want := "v=0\r\no=frontdesk 7 1 IN IP4 192.0.2.9\r\ns=call\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n" +
		"m=video 0 RTP/AVP 96\r\n" +
		"m=audio 7000 RTP/AVP 0 97\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-16\r\n" +
		"a=ptime:20\r\na=recvonly\r\nm=image 0 udptl t38\r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again := string(l.Answer(d, d.Audio(Taken), media.PCMU())); again != got {
		t.Error("the version grew though nothing changed")
	}
	d.Media[1].Dir = sendrecv
	if changed := string(l.Answer(d, d.Audio(Taken), media.PCMU())); !strings.Contains(changed, "frontdesk 7 2 ") {
		t.Errorf("the version did not grow:\n%s", changed)
	}
}

func TestDirections(t *testing.T) {
	for _, test := range []struct {
		conn, attr string
		reply      direction
		held       bool
	}{
		{"192.0.2.1", "", sendrecv, false},
		{"192.0.2.1", "a=sendonly", recvonly, true},
		{"192.0.2.1", "a=recvonly", sendonly, false},
		{"192.0.2.1", "a=inactive", inactive, true},
		{"0.0.0.0", "", recvonly, true},
		{"0.0.0.0", "a=inactive", inactive, true},
	} {
		d, err := Parse([]byte("v=0\r\nc=IN IP4 " + test.conn + "\r\n" + test.attr + "\r\nm=audio 4000 RTP/AVP 8\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if m := d.Media[0]; m.reply() != test.reply || m.Held() != test.held {
			t.Errorf("%s %s: answered %s, held %v", test.conn, test.attr, m.reply(), m.Held())
		}
	}
}

func FuzzSDP(f *testing.F) {
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
		"m=audio 40000 RTP/AVP 8\r\n"))
	f.Add([]byte("v=0\no=- 1 1 IN IP4 1.2.3.4\nc=IN IP4 0.0.0.0\nm=video 0 RTP/AVP 96\nm=audio 4 RTP/AVP 9 101\n" +
		"a=rtpmap:101 telephone-event/8000\na=sendonly"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		at := d.Audio(Taken)
		if at < 0 {
			return
		}
		codecs := d.Media[at].Codecs([]media.Codec{media.PCMA(), media.PCMU(), media.G722()})
		if len(codecs) == 0 {
			return
		}
		l := session("127.0.0.1:4000", Taken)
		answer, err := Parse(l.Answer(d, at, codecs[0]))
		if err != nil || len(answer.Media) != len(d.Media) || answer.Media[at].Payload(codecs[0]) == NoPT {
			t.Fatalf("our answer does not fit: %v\n%s", err, data)
		}
	})
}
