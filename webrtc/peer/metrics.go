package peer

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	peers     *prometheus.CounterVec // peer connections made, by kind
	connected prometheus.Histogram   // seconds from the answer's SDP to media
}

func newMetrics(reg prometheus.Registerer, d *directs) *metrics {
	m := &metrics{
		peers: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webrtc_peer_connections_total",
			Help: "Peer connections made."}, []string{"kind"}),
		connected: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "frontdesk_webrtc_connect_seconds",
			Help: "From SDP to media.", Buckets: []float64{.05, .1, .2, .5, 1, 2, 5, 10}}),
	}
	straight := func(direction string, count func() int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "frontdesk_webrtc_straight",
			Help:        "Browsers whose packets take the short way now, past pion, by direction.",
			ConstLabels: prometheus.Labels{"direction": direction}}, func() float64 { return float64(count()) })
	}
	reg.MustRegister(m.peers, m.connected,
		straight("in", func() int { opened, _ := d.straight(); return opened }),
		straight("out", func() int { _, sent := d.straight(); return sent }))
	return m
}
