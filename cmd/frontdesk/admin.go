package main

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/http/pprof"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"frontdesk/store"
)

// health answers /livez and /readyz: alive is being able to answer; ready is taking new work, with the reasons when
// not.
type health struct {
	draining atomic.Bool
	checks   map[string]func(ctx context.Context) error
}

func (h *health) live(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) }

func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	state, status := map[string]string{}, http.StatusOK
	if h.draining.Load() {
		state["drain"], status = "draining: no new calls", http.StatusServiceUnavailable
	}
	for name, check := range h.checks {
		state[name] = "ok"
		if err := check(ctx); err != nil {
			state[name], status = err.Error(), http.StatusServiceUnavailable
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(state)
}

// adminHandler serves the administration address. Profiles, which tell what is in memory and cost time, are for who has
// the token.
func adminHandler(h *health, metrics *prometheus.Registry, token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", h.live)
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	for path, profile := range map[string]http.HandlerFunc{"": pprof.Index, "profile": pprof.Profile,
		"trace": pprof.Trace} {
		mux.Handle("GET /debug/pprof/"+path, withToken(token, profile))
	}
	return mux
}

// withToken lets those through who send the token as "Authorization: Bearer TOKEN"; without one, nobody.
func withToken(token string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
			http.Error(w, "profiles need admin.token of the configuration, as Authorization: Bearer TOKEN",
				http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// countGivenUp counts the jobs that no further attempt is made at. They stay for a person to see, in the settings under
// System.
func countGivenUp(reg prometheus.Registerer) func(kind string) {
	given := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "frontdesk_jobs_given_up_total",
		Help: "Jobs that no further attempt is made at; they stay for a person to see."}, []string{"kind"})
	reg.MustRegister(given)
	return func(kind string) { given.WithLabelValues(kind).Inc() }
}

// newMetrics is a registry with the process's own figures.
func newMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// countCommits shows how many transactions the classes write.
func countCommits(r *prometheus.Registry, db *store.DB) {
	for class, name := range store.Classes() {
		r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "frontdesk_database_commits_total",
			Help:        "Transactions that were written, by the class of who asked.",
			ConstLabels: prometheus.Labels{"class": name}},
			func() float64 { return float64(db.Commits(class)) }))
	}
}
