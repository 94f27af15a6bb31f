package main

import (
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/cmd/frontdesk/bind"
)

// The configuration starts as it is shipped; here with free ports and a folder of ours. What it shows its figures by
// fits the dashboard and the alerts that are shipped with it.
func TestSampleConfigStarts(t *testing.T) {
	text := strings.ReplaceAll(read(t, "../../configs/frontdesk.yaml"), "/var/lib/frontdesk", t.TempDir())
	text = regexp.MustCompile(`((?:0\.0\.0\.0|127\.0\.0\.1)):\d+`).ReplaceAllString(text, "$1:0")
	text = strings.ReplaceAll(text, "20000-21999", `""`)
	file := filepath.Join(t.TempDir(), "frontdesk.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	n, err := newNode(t.Context(), c, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	known := figures(n.metrics)
	t.Run("dashboard", func(t *testing.T) { checkDashboard(t, known) })
	t.Run("alerts", func(t *testing.T) { checkAlerts(t, known) })
}

// figures are the labels of each metric, by name.
func figures(r *prometheus.Registry) map[string][]string {
	all := make(chan *prometheus.Desc, 1000)
	r.Describe(all)
	close(all)
	known := map[string][]string{"up": nil}
	words := regexp.MustCompile(`fqName: "([^"]*)".*constLabels: \{(.*?)\}, variableLabels: \{(.*?)\}`)
	for d := range all {
		found := words.FindStringSubmatch(d.String())
		labels := strings.FieldsFunc(found[3], func(r rune) bool { return r == ',' || r == ' ' })
		for pair := range strings.SplitSeq(found[2], ",") {
			name, _, _ := strings.Cut(pair, "=")
			labels = append(labels, name)
		}
		for _, part := range []string{"", "_bucket", "_count", "_sum"} {
			known[found[1]+part] = append(labels, "le")
		}
	}
	return known
}

// checkQuery wants an expression of PromQL that asks for what there is.
func checkQuery(t *testing.T, query string, known map[string][]string) {
	t.Helper()
	e, err := metricsql.Parse(query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return
	}
	labels := []string{"job", "instance", "__name__"} // those of every scrape
	var asked []string
	metricsql.VisitAll(e, func(e metricsql.Expr) {
		switch e := e.(type) {
		case *metricsql.AggrFuncExpr:
			asked = append(asked, e.Modifier.Args...)
		case *metricsql.MetricExpr:
			for _, filter := range slices.Concat(e.LabelFilterss...) {
				asked = append(asked, filter.Label)
				if filter.Label != "__name__" {
					continue
				}
				of, ok := known[filter.Value]
				if !ok {
					t.Errorf("%s: there is no %s", query, filter.Value)
				}
				labels = append(labels, of...)
			}
		}
	})
	for _, label := range asked {
		if !slices.Contains(labels, label) {
			t.Errorf("%s: nothing has a label %s", query, label)
		}
	}
}

func checkDashboard(t *testing.T, known map[string][]string) {
	var board struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "../../configs/monitoring/grafana.json")), &board); err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, p := range board.Panels {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 || (p.Type == "row") != (len(p.Targets) == 0) {
			t.Errorf("%s is no panel: %+v", p.Title, p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			checkQuery(t, strings.ReplaceAll(target.Expr, "$instance", ".*"), known)
		}
	}
	if len(ids) < 20 {
		t.Errorf("%d panels", len(ids))
	}
}

func checkAlerts(t *testing.T, known map[string][]string) {
	var file struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				For         string `yaml:"for"`
				Annotations struct{ Summary, Action string }
			}
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../configs/monitoring/alerts.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			count++
			if rule.Alert == "" || rule.Annotations.Summary == "" || rule.Annotations.Action == "" {
				t.Errorf("%s does not say what to do", rule.Alert)
			}
			checkQuery(t, rule.Expr, known)
		}
	}
	if count < 10 {
		t.Errorf("%d alerts", count)
	}
}

// What the Debian package is made of is there.
func TestPackageHasItsFiles(t *testing.T) {
	var of struct {
		Contents []struct{ Src, Dst string }
		Scripts  map[string]string
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../configs/deb/nfpm.yaml")), &of); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range of.Contents {
		all = append(all, c.Src)
	}
	for _, script := range of.Scripts {
		all = append(all, script)
	}
	for _, src := range all {
		if found, _ := filepath.Glob("../../" + src); len(found) == 0 && src != "bin/frontdesk" {
			t.Errorf("no %s", src)
		}
	}
	if len(all) < 6 {
		t.Errorf("only %v", all)
	}
}

// An address that can't be bound is told by its key, and what to do about it.
func TestAddressThatCannotBeBoundNamesItsKey(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, c := range []struct{ config, network, address, key, hint string }{
		{`webrtc: {udp: ["127.0.0.1:0", "192.0.2.1:3478"], tcp: "192.0.2.1:3478"}`, "udp", "192.0.2.1:3478",
			"webrtc.udp[1]: ", "no such address"},
		{`webrtc: {udp: ["192.0.2.1:3478"], tcp: "192.0.2.1:3478"}`, "tcp", "192.0.2.1:3478",
			"webrtc.tcp: ", "no such address"},
		{`http: {listen: "` + taken.Addr().String() + `"}`, "tcp", taken.Addr().String(),
			"http.listen: ", "another program has it"},
		{`http: {listen: "` + taken.Addr().String() + `"}`, "tcp", "192.0.2.1:9", "listen tcp", "cannot assign"},
	} {
		config, err := parseConfig([]byte(c.config))
		if err != nil {
			t.Fatal(err)
		}
		if c.network == "udp" {
			_, err = net.ListenPacket(c.network, c.address)
		} else {
			_, err = net.Listen(c.network, c.address)
		}
		err = bind.Explain(err, config.listeners())
		if !strings.HasPrefix(err.Error(), c.key) || !strings.Contains(err.Error(), c.hint) {
			t.Errorf("%s: %v", c.config, err)
		}
	}
	code, out := do(t, "serve", "--config", placed(t, t.TempDir(), `sip: {udp: "192.0.2.1:5060"}`))
	if code != 1 || !strings.Contains(out, "frontdesk: sip.udp: ") {
		t.Errorf("%d\n%s", code, out)
	}
}
