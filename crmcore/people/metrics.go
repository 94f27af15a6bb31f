package people

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func newLogins(reg prometheus.Registerer) *prometheus.CounterVec {
	return promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_crm_logins_total",
		Help: "Password log-ins by result (ok, refused, error)."}, []string{"result"})
}
