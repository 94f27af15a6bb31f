package smtpd

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	sessions *prometheus.GaugeVec
	messages *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refused  *prometheus.CounterVec
	logins   *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		sessions: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_mail_smtp_sessions",
			Help: "Connections that are open, by door."}, []string{"door"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_smtp_messages_total",
			Help: "Messages received whole, by door and the code they were answered with."}, []string{"door", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "frontdesk_mail_smtp_accept_seconds",
			Help:    "Time from the end of a message to our answer.",
			Buckets: []float64{0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}}, []string{"door"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_smtp_refused_total",
			Help: "What a limit or a malformed message turned away, by reason."}, []string{"reason"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_mail_smtp_logins_total",
			Help: "Log-ins by outcome."}, []string{"outcome"}),
	}
	reg.MustRegister(m.sessions, m.messages, m.seconds, m.refused, m.logins)
	return m
}

// session counts an open connection until the function it returns is called.
func (m *metrics) session(door string) (end func()) {
	gauge := m.sessions.WithLabelValues(door)
	gauge.Inc()
	return gauge.Dec
}

func (m *metrics) message(door string, code int, took time.Duration) {
	m.messages.WithLabelValues(door, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(door).Observe(took.Seconds())
}
