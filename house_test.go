package frontdesk

import (
	"os/exec"
	"strings"
	"testing"
)

// arrows says which rooms each room may import: arrows only point down (docs/architecture.md).
func arrows() map[string]string {
	return map[string]string{
		"media":         "",
		"store":         "",
		"bus":           "",
		"guard":         "",
		"pbx":           "media store",
		"crmcore":       "store",
		"mail":          "store guard",
		"sip":           "pbx media guard",
		"webrtc":        "pbx media",
		"web":           "sip webrtc pbx crmcore mail bus store media guard",
		"cmd/frontdesk": "sip webrtc pbx crmcore mail bus store media web guard",
	}
}

func TestArrowsOnlyPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		from := room(fields[0])
		if from == "" {
			continue
		}
		allowed, known := arrows()[from]
		if !known {
			t.Errorf("%s is in no room: add it to docs/architecture.md and to this test", fields[0])
			continue
		}
		seen[from] = true
		for _, imported := range fields[1:] {
			to := room(imported)
			if to == "" || to == from {
				continue
			}
			if !strings.Contains(" "+allowed+" ", " "+to+" ") {
				t.Errorf("%s imports %s: %s may import only [%s]", fields[0], imported, from, allowed)
			}
		}
	}
	for name := range arrows() {
		if !seen[name] {
			t.Errorf("room %s has no Go package", name)
		}
	}
}

// room is the room a package of ours belongs to, "" for packages of others.
func room(path string) string {
	inside, ours := strings.CutPrefix(path, "frontdesk/")
	if !ours {
		return ""
	}
	if strings.HasPrefix(inside, "cmd/") {
		return inside
	}
	name, _, _ := strings.Cut(inside, "/")
	return name
}
