package web

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests *prometheus.HistogramVec // seconds, by route and status class
	logins   *prometheus.CounterVec   // by outcome
	events   *prometheus.CounterVec   // by type
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "frontdesk_web_request_seconds", Help: "Time to answer HTTP requests, by route and status class.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"route", "class"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_logins_total",
			Help: "Attempts to log in, by outcome."}, []string{"outcome"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_events_total",
			Help: "Events published, by type."}, []string{"type"}),
	}
	reg.MustRegister(m.requests, m.logins, m.events)
	return m
}
