package crmcore

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	touches *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	leads   prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	f := promauto.With(reg)
	return &metrics{
		touches: f.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_crm_touches_total",
			Help: "Calls and mails received by the CRM, by channel, phase and match (error when it failed)."},
			[]string{"channel", "phase", "match"}),
		seconds: f.NewHistogramVec(prometheus.HistogramOpts{Name: "frontdesk_crm_receive_seconds",
			Help:    "Time from a touch to its card, commit included.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .3, 1}}, []string{"channel"}),
		leads: f.NewCounter(prometheus.CounterOpts{Name: "frontdesk_crm_leads_total",
			Help: "Leads made from unknown callers and senders."}),
	}
}

// received counts one touch and the time it took.
func (m *metrics) received(t Touch, card Card, err error, start time.Time) {
	match := string(card.Match)
	if err != nil {
		match = "error"
	}
	m.touches.WithLabelValues(string(t.Channel), string(t.Phase), match).Inc()
	m.seconds.WithLabelValues(string(t.Channel)).Observe(time.Since(start).Seconds())
	if card.Lead != "" {
		m.leads.Inc()
	}
}
