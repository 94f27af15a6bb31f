package api

import (
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// New makes the empty API on mux.
func New(mux *http.ServeMux, version string, g *Gate, log *slog.Logger, reg prometheus.Registerer) *Frame {
	f := &Frame{API: newAPI(mux, version), Gate: g, log: log, busy: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "frontdesk_web_busy_total",
		Help: "Requests refused because the share of screens in the database or its time was used up, by status.",
	}, []string{"status"})}
	reg.MustRegister(f.busy)
	f.UseMiddleware(f.authenticate, f.texts)
	return f
}
