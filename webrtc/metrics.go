package webrtc

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	legs      *prometheus.GaugeVec   // by kind: call, meeting
	peers     *prometheus.CounterVec // peer connections made, by kind
	connected prometheus.Histogram   // seconds from the answer's SDP to media
	ended     *prometheus.CounterVec // legs ended, by cause
	errors    *prometheus.CounterVec // operations refused, by operation and code
	resent    prometheus.Counter     // video packets repeated on a NACK
	missed    prometheus.Counter     // NACKs for packets that were gone
	spared    prometheus.Counter     // NACKs too soon after one for the same packet, or over the browser's budget
	keyframes prometheus.Counter     // keyframes asked of browsers
	relays    prometheus.Gauge       // TURN allocations
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		legs:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_webrtc_legs", Help: "Browser legs now."}, []string{"kind"}),
		peers:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_peer_connections_total", Help: "Peer connections made."}, []string{"kind"}),
		connected: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "frontdesk_webrtc_connect_seconds", Help: "From SDP to media.", Buckets: []float64{.05, .1, .2, .5, 1, 2, 5, 10}}),
		ended:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_legs_ended_total", Help: "Browser legs ended."}, []string{"cause"}),
		errors:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_op_errors_total", Help: "Operations refused."}, []string{"op", "code"}),
		resent:    prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resent_packets_total", Help: "Video packets repeated on request."}),
		missed:    prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resend_misses_total", Help: "Requests for video packets that were no longer kept."}),
		spared:    prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_resends_spared_total", Help: "Requests for video packets that came too soon or went beyond a browser's share."}),
		keyframes: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_webrtc_keyframe_requests_total", Help: "Keyframes asked of browsers."}),
		relays:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_webrtc_turn_allocations", Help: "TURN allocations now."}),
	}
	reg.MustRegister(m.legs, m.peers, m.connected, m.ended, m.errors, m.resent, m.missed, m.spared, m.keyframes, m.relays)
	return m
}
