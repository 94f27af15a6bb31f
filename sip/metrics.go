package sip

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/sip/edge"
)

// metrics of the room.
type metrics struct {
	requests  *prometheus.CounterVec // by method
	responses *prometheus.CounterVec // ours, by code
	dropped   *prometheus.CounterVec // datagrams and connections refused, by reason
	legs      prometheus.Gauge
	auth      *prometheus.CounterVec // by result
	mediaLost prometheus.Counter
	trunkUp   *prometheus.GaugeVec
	strangers prometheus.Counter // RTP packets that were not the peer's
	relayed   prometheus.Counter // requests passed on to or from phones of this node
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_requests_total", Help: "SIP requests received."}, []string{"method"}),
		responses: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_responses_total", Help: "SIP responses sent."}, []string{"code"}),
		dropped:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_dropped_total", Help: "Messages and connections dropped unanswered."}, []string{"reason"}),
		legs:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "frontdesk_sip_legs", Help: "SIP legs alive."}),
		auth:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_sip_auth_total", Help: "Digest checks."}, []string{"result"}),
		mediaLost: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_media_lost_total", Help: "Calls ended because no RTP came."}),
		strangers: prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_rtp_strangers_total", Help: "RTP packets dropped because they came from somebody else than the peer."}),
		relayed:   prometheus.NewCounter(prometheus.CounterOpts{Name: "frontdesk_sip_relayed_total", Help: "Requests passed on between other nodes and phones registered here."}),
		trunkUp:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "frontdesk_sip_trunk_up", Help: "1 when the trunk is registered or answers OPTIONS."}, []string{"trunk"}),
	}
	if reg != nil {
		reg.MustRegister(m.requests, m.responses, m.dropped, m.legs, m.auth, m.mediaLost, m.strangers, m.relayed, m.trunkUp)
	}
	return m
}

// method bounds the label: strangers make up methods.
func (m *metrics) request(method string) {
	if _, known := edge.Methods()[method]; !known {
		method = "other"
	}
	m.requests.WithLabelValues(method).Inc()
}

func (m *metrics) response(code int) { m.responses.WithLabelValues(strconv.Itoa(code)).Inc() }
