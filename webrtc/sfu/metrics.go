package sfu

import "github.com/prometheus/client_golang/prometheus"

// Counters are the metrics of what is forwarded.
type Counters struct {
	resent    prometheus.Counter // video packets repeated on a NACK
	missed    prometheus.Counter // NACKs for packets that were gone
	spared    prometheus.Counter // NACKs too soon after one for the same packet, or over the browser's budget
	keyframes prometheus.Counter // keyframes asked of browsers
}

// NewCounters are registered with reg.
func NewCounters(reg prometheus.Registerer) *Counters {
	c := &Counters{
		resent: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resent_packets_total",
			Help: "Video packets repeated on request."}),
		missed: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resend_misses_total",
			Help: "Requests for video packets that were no longer kept."}),
		spared: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resends_spared_total",
			Help: "Requests for video packets that came too soon or went beyond a browser's share."}),
		keyframes: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_keyframe_requests_total",
			Help: "Keyframes asked of browsers."}),
	}
	reg.MustRegister(c.resent, c.missed, c.spared, c.keyframes)
	return c
}
