package webhook

import "github.com/prometheus/client_golang/prometheus"

type metrics struct{ attempts *prometheus.CounterVec }

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_webhook_attempts_total",
		Help: "Requests to webhooks, by what came of them: delivered, or what went wrong."}, []string{"result"})}
	reg.MustRegister(m.attempts)
	return m
}
