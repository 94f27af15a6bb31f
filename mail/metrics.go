package mail

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	delivered *prometheus.CounterVec
	batch     prometheus.Histogram
	filled    *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		delivered: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_mail_delivered_total", Help: "Messages put into mailboxes, by folder kind.",
		}, []string{"into"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "frontdesk_mail_delivery_batch", Help: "Deliveries committed together.",
			Buckets: []float64{1, 2, 4, 8, 16, 32},
		}),
	}
	m.filled = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "frontdesk_mail_search_filled_total",
		Help: "Older messages looked at so that searches find them by text and files, by outcome.",
	}, []string{"outcome"})
	if reg != nil {
		reg.MustRegister(m.delivered, m.batch, m.filled)
	}
	return m
}
