package imapd

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	conns    prometheus.Gauge
	refused  prometheus.Counter
	logins   *prometheus.CounterVec
	desynced prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		conns: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_imap_connections",
			Help: "Open IMAP connections."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_imap_refused_total",
			Help: "Connections over a limit."}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_imap_logins_total",
			Help: "Log-ins, by result."}, []string{"result"}),
		desynced: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_imap_oversized_literals_total",
			Help: "Connections closed for a refused literal too long to pass over."}),
	}
	if reg != nil {
		reg.MustRegister(m.conns, m.refused, m.logins, m.desynced)
	}
	return m
}
