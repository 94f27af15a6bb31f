package peer

import (
	"bytes"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v3"

	"frontdesk/webrtc/straight"
)

// reporting is a browser that reports: what it says is sealed by the second.
func reporting(t testing.TB) (*direct, func(...rtcp.Packet) []byte) {
	key, salt, profile := make([]byte, 16), make([]byte, 12), srtp.ProtectionProfileAeadAes128Gcm
	seal, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		t.Fatal(err)
	}
	open, err := srtp.CreateContext(key, salt, profile, srtp.SRTCPReplayProtection(straight.ReplayWindow))
	if err != nil {
		t.Fatal(err)
	}
	return &direct{show: time.Hour, shown: time.Now(), context: open}, func(packets ...rtcp.Packet) []byte {
		plain, err := rtcp.Marshal(packets)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := seal.EncryptRTCP(nil, plain, nil)
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
}

// What a browser reports is told to the streams that it is about and to no others, once; what is forged, to none; what
// comes of all streams together, to one.
func TestReports(t *testing.T) {
	of, seal := reporting(t)
	all, browser := newDirects(), netip.MustParseAddrPort("192.0.2.1:5000")
	all.put(of, browser)
	var told []uint32
	for _, ssrc := range []uint32{1, 2} {
		of.reports.Hear(ssrc, func(rtcp.Packet) { told = append(told, ssrc) })
	}
	takes := func(what string, data []byte, want ...uint32) {
		t.Helper()
		if told = nil; all.take(data, browser) != nil || !slices.Equal(told, want) {
			t.Errorf("%s: told %v, not %v, or pion gets it", what, told, want)
		}
	}
	again := seal(&rtcp.ReceiverReport{SSRC: 9}, &rtcp.PictureLossIndication{SenderSSRC: 9, MediaSSRC: 2})
	forged := bytes.Clone(again)
	forged[len(forged)-8] ^= 1
	takes("forged", forged)
	takes("for the second", bytes.Clone(again), 2)
	takes("again", again)
	takes("for both", seal(&rtcp.ReceiverReport{SSRC: 9, Reports: []rtcp.ReceptionReport{{SSRC: 1}, {SSRC: 2}}}), 1, 2)
	takes("for another", seal(&rtcp.PictureLossIndication{MediaSSRC: 3}))
	wide := &rtcp.TransportLayerCC{MediaSSRC: 3, PacketStatusCount: 1,
		PacketChunks: []rtcp.PacketStatusChunk{&rtcp.RunLengthChunk{RunLength: 1}}}
	wide.Header = rtcp.Header{Count: rtcp.FormatTCC, Type: rtcp.TypeTransportSpecificFeedback, Length: 5,
		Padding: true}
	of.reports.Hear(2, nil)
	takes("for all", seal(wide), 1)
	takes("for one that went", seal(&rtcp.PictureLossIndication{MediaSSRC: 2}))
	of.show = 0
	if left := all.take(seal(&rtcp.ReceiverReport{SSRC: 9}), browser); string(left) != indication {
		t.Errorf("pion does not see that the browser is there, but %q", left)
	}
}

// Where somebody in pion must see it, or it is not known how to open it, what a browser reports is left to pion, and
// read there.
func TestReportsByPion(t *testing.T) {
	of, seal := reporting(t)
	begun := 0
	begin := func() { begun++ }
	of.reports.Read(begin)
	if begun != 0 {
		t.Error("pion's is read at once")
	}
	of.reports.ByPion()
	of.reports.Read(begin)
	if begun != 2 {
		t.Errorf("of two streams on the long way %d are read", begun)
	}
	of.reports.Pions = true
	data := seal(&rtcp.ReceiverReport{SSRC: 9})
	if left := of.report(bytes.Clone(data)); !bytes.Equal(left, data) {
		t.Error("what interceptors must see is not left to pion")
	}
	of.reports.Pions, of.context = false, nil
	if left := of.report(bytes.Clone(data)); !bytes.Equal(left, data) {
		t.Error("what can't be opened is not left to pion")
	}
}
