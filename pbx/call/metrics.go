package call

import (
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx/ledger"
)

// Metrics of the calls of a node.
type Metrics struct {
	Calls   prometheus.Gauge
	ended   *prometheus.CounterVec
	Refused prometheus.Counter
	Lookup  prometheus.Histogram
	Late    prometheus.Counter
	talked  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		Calls: prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_pbx_calls",
			Help: "Calls and meetings under way."}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_pbx_calls_total",
			Help: "Ended calls and meetings."}, []string{"direction", "outcome"}),
		Refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_pbx_refused_total",
			Help: "Calls refused because too many were under way."}),
		Lookup: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "frontdesk_pbx_lookup_seconds",
			Help:    "How long the CRM took to recognise a caller.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .3, 1}}),
		Late: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_pbx_lookup_late_total",
			Help: "Callers routed before the CRM had answered, or after it failed."}),
		talked: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_pbx_talk_seconds_total",
			Help: "Length of the answered calls."}),
	}
	reg.MustRegister(m.Calls, m.ended, m.Refused, m.Lookup, m.Late, m.talked)
	return m
}

// Count an ended call.
func (m *Metrics) Count(r ledger.Record) {
	m.ended.WithLabelValues(r.Direction, r.Outcome).Inc()
	if !r.Answered.IsZero() {
		m.talked.Add(r.Ended.Sub(r.Answered).Seconds())
	}
}
