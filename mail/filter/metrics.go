package filter

import (
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
)

type metrics struct {
	verdicts *prometheus.CounterVec
	trained  *prometheus.CounterVec
	seconds  prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_filter_verdicts_total",
			Help: "Messages judged, by verdict."}, []string{"verdict"}),
		trained: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_filter_trained_total",
			Help: "Messages learned from people, by what they are."}, []string{"verdict"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "frontdesk_mail_filter_seconds",
			Help:    "Time to judge a message, DNS included.",
			Buckets: []float64{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}}),
	}
	reg.MustRegister(m.verdicts, m.trained, m.seconds)
	return m
}

func verdictLabel(v mail.Verdict) string { return junkLabel(v.Junk) }

func junkLabel(junk bool) string {
	if junk {
		return "junk"
	}
	return "clean"
}
