package automation

import "github.com/prometheus/client_golang/prometheus"

func newRuns(reg prometheus.Registerer) *prometheus.CounterVec {
	runs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_automation_runs_total",
		Help: "What rules of the automation had to do, by what came of it."}, []string{"result"})
	reg.MustRegister(runs)
	return runs
}
