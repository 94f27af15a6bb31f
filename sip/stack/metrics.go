package stack

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are those of the room.
type metrics struct {
	requests  *prometheus.CounterVec // by method
	responses *prometheus.CounterVec // ours, by code
	dropped   *prometheus.CounterVec // datagrams and connections refused, by reason
	auth      *prometheus.CounterVec // by result
	relayed   prometheus.Counter     // requests passed on to or from phones of this node
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_requests_total",
			Help: "SIP requests received."}, []string{"method"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_responses_total",
			Help: "SIP responses sent."}, []string{"code"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_dropped_total",
			Help: "Messages and connections dropped unanswered."}, []string{"reason"}),
		auth: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_auth_total",
			Help: "Digest checks."}, []string{"result"}),
		relayed: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_relayed_total",
			Help: "Requests passed on between other nodes and phones registered here."}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.responses, m.dropped, m.auth, m.relayed)
	}
	return m
}

// method bounds the label: strangers make up methods.
func (m *metrics) request(method string) {
	if _, known := methods()[method]; !known {
		method = "other"
	}
	m.requests.WithLabelValues(method).Inc()
}

func (m *metrics) response(code int) { m.responses.WithLabelValues(strconv.Itoa(code)).Inc() }
