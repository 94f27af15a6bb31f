package sfu

import (
	"time"

	"github.com/pion/rtcp"
	pion "github.com/pion/webrtc/v4"
)

// Reports has pion read what the browser says about the track until the line is taken back.
func (d *Down) Reports(sender *pion.RTPSender) {
	buf := make([]byte, packetSize)
	for {
		n, _, err := sender.Read(buf)
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		for _, p := range packets {
			d.Report(p)
		}
	}
}

// Report takes a packet of what the browser says about the track.
func (d *Down) Report(p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		d.Track.RequestKeyframe(0)
	case *rtcp.ReceiverReport:
		d.lost(p)
	case *rtcp.TransportLayerCC:
		d.share.heard(p)
	case *rtcp.TransportLayerNack:
		for _, pair := range p.Nacks {
			pair.Range(func(seq uint16) bool { d.resend(seq); return true })
		}
	}
}

// lost notes what the browser lost of the sound: more of it is repeated then.
func (d *Down) lost(p *rtcp.ReceiverReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, report := range p.Reports {
		if d.red.pt != 0 && report.SSRC == d.number.SSRC {
			d.red.heard(float32(report.FractionLost)/256, time.Now())
		}
	}
}
