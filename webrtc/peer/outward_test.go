package peer

import (
	"net/netip"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	medianet "frontdesk/media/net"
)

// keyed are contexts of one key.
func keyed(t testing.TB, count int) (list []*srtp.Context) {
	for range count {
		c, err := srtp.CreateContext(make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// hop is what packets go through: the outward's socket, or pion's writer. It opens them as the browser does.
type hop struct {
	t            testing.TB
	pion         *srtp.Context
	browser      *srtp.Context
	ours, theirs int
}

// opens tells whether the browser can open a packet.
func (h *hop) opens(sealed []byte) {
	if _, err := h.browser.DecryptRTP(nil, sealed, nil); err != nil {
		h.t.Fatalf("packet %d ours, %d pion's: %v", h.ours, h.theirs, err)
	}
}

// Post is where a way leads.
func (h *hop) Post(data []byte, _ netip.AddrPort) {
	h.ours++
	h.opens(data)
}

// WriteRTP implements pion.TrackLocalWriter.
func (h *hop) WriteRTP(header *rtp.Header, payload []byte) (int, error) {
	h.theirs++
	plain, _ := (&rtp.Packet{Header: *header, Payload: payload}).Marshal()
	sealed, err := h.pion.EncryptRTP(nil, plain, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.opens(sealed)
	return len(payload), nil
}

// Write implements pion.TrackLocalWriter.
func (h *hop) Write([]byte) (int, error) { panic("not used") }

// post is a socket of which only Post is used.
type post struct {
	medianet.Socket
	*hop
}

func (p *post) Post(data []byte, to netip.AddrPort) { p.hop.Post(data, to) }

var _ pion.TrackLocalWriter = (*hop)(nil)

// The browser can open all packets, also when the way changes after its numbers went round several times: what sends
// by the other way knows of it.
func TestOutwardChangesWays(t *testing.T) {
	contexts := keyed(t, 3)
	h := &hop{t: t, pion: contexts[0], browser: contexts[1]}
	o := &outward{}
	o.open(contexts[2])
	w := &writer{TrackLocalWriter: h, ssrc: 7, of: o}
	number := media.Renumber{SSRC: 7, Begin: 1<<15 - 1}
	seq := uint16(60000)
	for _, ours := range []bool{false, true, false, true} {
		if o.way.Store(nil); ours {
			o.way.Store(&way{via: &socket{Socket: &post{hop: h}}})
		}
		for range 150000 {
			seq++
			header, ok := number.Rewrite(&media.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq}}, 160)
			if !ok {
				t.Fatal("a packet is not numbered")
			}
			w.WriteRTP(&header, []byte("sound"))
		}
	}
	if h.ours < 290000 || h.ours > 300000-250 || h.ours+h.theirs != 600000 {
		t.Errorf("%d packets went our way, %d pion's", h.ours, h.theirs)
	}
}

// A packet that goes out allocates nothing.
func TestOutwardAllocatesNothing(t *testing.T) {
	o := &outward{}
	o.open(keyed(t, 1)[0])
	o.way.Store(&way{via: &socket{Socket: &silent{}}})
	w := &writer{ssrc: 7, of: o}
	header, payload := rtp.Header{Version: 2, SSRC: 7}, make([]byte, 160)
	if a := testing.AllocsPerRun(500, func() {
		header.SequenceNumber++
		w.WriteRTP(&header, payload)
	}); a > 0 {
		t.Errorf("%v allocations", a)
	}
}

// silent is a socket that sends nothing.
type silent struct{ medianet.Socket }

func (*silent) Post([]byte, netip.AddrPort) {}
