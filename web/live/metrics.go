package live

import "github.com/prometheus/client_golang/prometheus"

type liveMetrics struct {
	sockets prometheus.Gauge
	ops     *prometheus.CounterVec // by operation and outcome
	dropped prometheus.Counter     // sockets closed because they fell behind
}

func newLiveMetrics(reg prometheus.Registerer) *liveMetrics {
	m := &liveMetrics{
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_web_sockets",
			Help: "Live sockets of browsers on this node."}),
		ops: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_operations_total",
			Help: "Operations on live sockets, by name and outcome."}, []string{"op", "outcome"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_web_sockets_behind_total",
			Help: "Live sockets closed because they fell behind."}),
	}
	reg.MustRegister(m.sockets, m.ops, m.dropped)
	return m
}
