package queue

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	accepted prometheus.Counter
	outcomes *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// newMetrics registers the queue's figures; waiting is asked at every scrape.
func newMetrics(reg prometheus.Registerer, waiting func(context.Context) (int, error)) *metrics {
	m := &metrics{
		accepted: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_mail_queue_accepted_total",
			Help: "Messages accepted for sending."}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_queue_outcomes_total",
			Help: "Attempts by outcome, per recipient; waiting means that it is tried again."}, []string{"outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "frontdesk_mail_queue_attempt_seconds",
			Help:    "Time an attempt at another server took.",
			Buckets: []float64{0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300}}),
	}
	depth := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "frontdesk_mail_queue_waiting",
		Help: "Recipients that wait for their mail to be delivered; -1 when the database can't say."}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if n, err := waiting(ctx); err == nil {
			return float64(n)
		}
		return -1
	})
	reg.MustRegister(m.accepted, m.outcomes, m.seconds, depth)
	return m
}

// begin times an attempt until the function it returns is called.
func (m *metrics) begin() (end func()) {
	began := time.Now()
	return func() { m.seconds.Observe(time.Since(began).Seconds()) }
}
