package sip

import "github.com/prometheus/client_golang/prometheus"

// metrics of the room.
type metrics struct {
	legs      prometheus.Gauge
	mediaLost prometheus.Counter
	trunkUp   *prometheus.GaugeVec
	strangers prometheus.Counter // RTP packets that were not the peer's
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		legs: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_sip_legs", Help: "SIP legs alive."}),
		mediaLost: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_media_lost_total",
			Help: "Calls ended because no RTP came."}),
		strangers: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_rtp_strangers_total",
			Help: "RTP packets dropped because they came from somebody else than the peer."}),
		trunkUp: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_sip_trunk_up",
			Help: "1 when the trunk is registered or answers OPTIONS."}, []string{"trunk"}),
	}
	if reg != nil {
		reg.MustRegister(m.legs, m.mediaLost, m.strangers, m.trunkUp)
	}
	return m
}
