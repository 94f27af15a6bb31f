package record

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	dropped prometheus.Counter
	failed  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		dropped: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_recording_packets_dropped_total",
			Help: "Packets that recordings lack because the disk did not keep up."}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_recordings_broken_total",
			Help: "Recordings that broke off because they could not be written."}),
	}
	reg.MustRegister(m.dropped, m.failed)
	return m
}
