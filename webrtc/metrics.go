package webrtc

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	legs   *prometheus.GaugeVec   // by kind: call, meeting
	ended  *prometheus.CounterVec // legs ended, by cause
	errors *prometheus.CounterVec // operations refused, by operation and code
	relays prometheus.Gauge       // TURN allocations
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		legs: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_webrtc_legs",
			Help: "Browser legs now."}, []string{"kind"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_legs_ended_total",
			Help: "Browser legs ended."}, []string{"cause"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_op_errors_total",
			Help: "Operations refused."}, []string{"op", "code"}),
		relays: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_webrtc_turn_allocations",
			Help: "TURN allocations now."}),
	}
	reg.MustRegister(m.legs, m.ended, m.errors, m.relays)
	return m
}
