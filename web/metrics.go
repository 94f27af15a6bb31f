package web

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	requests *prometheus.HistogramVec // seconds, by route and status class
	logins   *prometheus.CounterVec   // by outcome
	events   *prometheus.CounterVec   // by type
	sockets  prometheus.Gauge
	ops      *prometheus.CounterVec // by operation and outcome
	dropped  prometheus.Counter     // sockets closed because they fell behind
	busy     *prometheus.CounterVec // requests refused because the share of screens was used up, by status
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "frontdesk_web_request_seconds", Help: "Time to answer HTTP requests, by route and status class.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"route", "class"}),
		logins:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_logins_total", Help: "Attempts to log in, by outcome."}, []string{"outcome"}),
		events:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_events_total", Help: "Events published, by type."}, []string{"type"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_web_sockets", Help: "Live sockets of browsers on this node."}),
		ops:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_web_operations_total", Help: "Operations on live sockets, by name and outcome."}, []string{"op", "outcome"}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_web_sockets_behind_total", Help: "Live sockets closed because they fell behind."}),
		busy: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "frontdesk_web_busy_total", Help: "Requests refused because the share of screens in the database or its time was used up, by status.",
		}, []string{"status"}),
	}
	reg.MustRegister(m.requests, m.logins, m.events, m.sockets, m.ops, m.dropped, m.busy)
	return m
}
