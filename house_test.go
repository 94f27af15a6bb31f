package frontdesk

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// arrows says which rooms each room may import: arrows only point down (docs/architecture.md). Who may import a room
// may import its sub-rooms; the room itself, and its sub-rooms among each other, as it is said here.
func arrows() map[string]string {
	return map[string]string{
		"media":       "",
		"media/net":   "",
		"store":       "store/blob",
		"store/blob":  "",
		"store/query": "store",
		"testwait":    "",
		"bus":         "",
		"guard":       "",
		"guard/acme":  "store guard",
		"pbx": "media store pbx/bridge pbx/call pbx/hunt pbx/meeting pbx/directory pbx/dialplan pbx/ledger pbx/queue " +
			"pbx/toll pbx/input pbx/cause pbx/prompts pbx/recording pbx/supervision pbx/voicemail",
		"pbx/bridge":  "media store pbx/call",
		"pbx/meeting": "media store pbx/call pbx/hunt pbx/dialplan pbx/ledger",
		"pbx/hunt":    "media pbx/call pbx/dialplan pbx/ledger pbx/toll",
		"pbx/call": "media store pbx/directory pbx/dialplan pbx/ledger pbx/queue pbx/cause pbx/mailbox " +
			"pbx/toll pbx/voicemail pbx/prompts pbx/recording pbx/supervision",
		"pbx/recording":   "media store pbx/input",
		"pbx/words":       "media store guard pbx/input pbx/recording",
		"pbx/supervision": "store",
		"pbx/voicemail":   "media store",
		"pbx/prompts":     "media store pbx/directory pbx/input",
		"pbx/mailbox":     "",
		"pbx/directory":   "store pbx/dialplan pbx/input",
		"pbx/dialplan":    "pbx/cause pbx/input",
		"pbx/input":       "",
		"pbx/report":      "store pbx/input",
		"pbx/ledger":      "store pbx/cause",
		"pbx/queue":       "store pbx/dialplan",
		"pbx/toll":        "store pbx/dialplan pbx/input",
		"pbx/cause":       "",
		"crmcore": "store crmcore/address crmcore/bin crmcore/event crmcore/field crmcore/fold crmcore/history " +
			"crmcore/input crmcore/match crmcore/merging crmcore/people crmcore/record crmcore/rules crmcore/timeline",
		"crmcore/event":  "store crmcore/record crmcore/timeline",
		"crmcore/notice": "store crmcore/record",
		"crmcore/automation": "store crmcore crmcore/address crmcore/event crmcore/field crmcore/input " +
			"crmcore/notice crmcore/people crmcore/record crmcore/rules crmcore/timeline",
		"crmcore/history": "store crmcore/fold crmcore/people crmcore/record crmcore/timeline",
		"crmcore/merging": "store crmcore/bin crmcore/event crmcore/history crmcore/input crmcore/people " +
			"crmcore/record crmcore/timeline",
		"crmcore/person": "store crmcore/address crmcore/bin crmcore/event crmcore/fold crmcore/input crmcore/people " +
			"crmcore/record crmcore/timeline",
		"crmcore/address": "",
		"crmcore/bin": "store crmcore/field crmcore/input crmcore/people crmcore/record " +
			"crmcore/timeline",
		"crmcore/offer":       "store crmcore/fold crmcore/input crmcore/people crmcore/record crmcore/timeline",
		"crmcore/offer/paper": "crmcore/offer",
		"crmcore/exporting": "crmcore crmcore/address crmcore/field crmcore/importing/sheet crmcore/people " +
			"crmcore/record",
		"crmcore/importing": "store crmcore crmcore/address crmcore/field crmcore/fold crmcore/importing/sheet " +
			"crmcore/input crmcore/people crmcore/record crmcore/timeline",
		"crmcore/importing/sheet": "",
		"crmcore/lists":           "store crmcore crmcore/field crmcore/input crmcore/people crmcore/record",
		"crmcore/field":           "store crmcore/fold crmcore/input crmcore/people crmcore/record crmcore/timeline",
		"crmcore/fold":            "",
		"crmcore/input":           "",
		"crmcore/match":           "store crmcore/address crmcore/people crmcore/record crmcore/timeline",
		"crmcore/secondfactor":    "store guard crmcore/input crmcore/people",
		"crmcore/rules":           "store crmcore/fold crmcore/input crmcore/people crmcore/record",
		"crmcore/timeline":        "store crmcore/input crmcore/people crmcore/record",
		"crmcore/record":          "store crmcore/address crmcore/fold crmcore/input crmcore/people",
		"crmcore/people":          "store guard crmcore/address crmcore/fold crmcore/input",
		"mail":                    "store guard",
		"guard/acme/pebbletest":   "store testwait",
		"mail/virus/clamdtest":    "mail testwait",
		"sip": "pbx media guard sip/dialog sip/edge sip/events sip/trunks sip/registrar sip/rtp " +
			"sip/stack",
		"sip/edge":        "",
		"sip/stack":       "guard sip/edge",
		"sip/dialog":      "sip/edge sip/stack",
		"sip/trunks":      "pbx sip/edge sip/stack",
		"sip/registrar":   "pbx sip/edge sip/trunks sip/stack",
		"sip/events":      "pbx sip/dialog sip/edge sip/registrar sip/trunks sip/stack",
		"sip/rtp":         "media media/net",
		"webrtc":          "pbx media webrtc/peer webrtc/sfu webrtc/relay",
		"webrtc/peer":     "media webrtc/sfu webrtc/straight",
		"webrtc/relay":    "",
		"webrtc/straight": "",
		"webrtc/sfu":      "media",
		"intake":          "pbx crmcore mail store",
		"intake/person":   "pbx crmcore mail store",
		"webhook":         "store guard",
		"web": "sip webrtc webhook intake/person crmcore/importing pbx crmcore mail bus store media guard web/api " +
			"web/live web/crmapi " +
			"web/mailapi web/pbxapi web/provision",
		"web/api":       "pbx crmcore mail store guard webhook",
		"web/live":      "web/api webrtc pbx crmcore bus store guard testwait",
		"web/crmapi":    "web/api intake/person crmcore crmcore/offer store guard",
		"web/mailapi":   "web/api crmcore mail store guard",
		"web/pbxapi":    "web/api web/live sip pbx crmcore store",
		"web/provision": "web/api pbx crmcore store guard",
		"cmd/frontdesk": "sip webrtc webhook pbx crmcore mail bus store media web guard intake",
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
			if !slices.Contains(strings.Fields(allowed), to) && !slices.Contains(strings.Fields(allowed), parent(to)) {
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

// Templates find methods by name, so that the linker must keep every method of every type: a tenth of the program.
func TestNoTemplates(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if slices.Contains(fields[1:], "html/template") || slices.Contains(fields[1:], "text/template") {
			t.Errorf("%s imports a template package", fields[0])
		}
	}
}

// room is the room a package of ours belongs to, the innermost that is known; "" for packages of others.
func room(imported string) string {
	inside, ours := strings.CutPrefix(imported, "frontdesk/")
	if !ours {
		return ""
	}
	for name := inside; name != ""; name = parent(name) {
		if _, known := arrows()[name]; known {
			return name
		}
	}
	return inside
}

// parent is the room around a sub-room; "" for a room.
func parent(name string) string {
	around, _ := path.Split(name)
	return strings.TrimSuffix(around, "/")
}
