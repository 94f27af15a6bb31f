package stack

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"
)

// RFC 4475: every message of its collection is answered as it should be, or dropped.
func TestTorture(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(out)), "sip", "testdata", "torture")
	want := map[string]string{ // "" is no answer: a response, an ACK-like fragment, or nothing to answer to
		"badinv01": "400", "clerr": "400", "ncl": "400", "scalar02": "400", "ltgtruri": "400", "lwsruri": "400",
		"lwsstart": "400", "trws": "400", "escruri": "400",
		"mismatch01": "400", "mismatch02": "400 501", "multi01": "400", "badvers": "505", "unkscm": "416",
		"novelsc": "400 416", "bext01": "420",
		"insuf": "400", "zeromf": "", "esc02": "501", "quotbal": "400", "bigcode": "", "scalarlg": "", "bcast": "",
		"intmeth": "501 400", "invut": "415", "mcl01": "400",
		"wsinv": "400", // the library takes no spaces around the = of a parameter
	}
	files, err := filepath.Glob(filepath.Join(root, "*", "*.dat"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d torture messages, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := verdictOn(data)
			if codes, listed := want[name]; listed && !(codes == "" && got == "") &&
				(codes == "" || !strings.Contains(" "+codes+" ", " "+got+" ")) {
				t.Errorf("answered %q, not %q", got, codes)
			}
		})
	}
}

// verdictOn is the code that data is refused with, "" when it is served or dropped.
func verdictOn(data []byte) string {
	m, err := proto.ParseMessage(data)
	if err != nil {
		if badRequest(data, netip.MustParseAddrPort("127.0.0.1:5060")) != nil {
			return "400"
		}
		return ""
	}
	req, ok := m.(*proto.Request)
	if !ok {
		return ""
	}
	if r, bad := Validate(req); bad {
		return strconv.Itoa(r.Code)
	}
	return ""
}

// Nothing that comes by datagram may crash what looks at it before it is a message.
func FuzzUnread(f *testing.F) {
	f.Add([]byte("OPTIONS sip:x SIP/2.0\r\nVia: x\r\nUser-Agent: friendly-scanner\r\n\r\n"))
	f.Add([]byte("SIP/2.0 200 OK\r\ni : a\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keepAlive(data)
		callIDIn(data)
		scanner(data)
		if unfit(data) == "" && !looksLikeSIP(data) {
			t.Error("fit to be parsed, and no SIP")
		}
		if reply := badRequest(data, netip.AddrPort{}); reply != nil {
			if m, err := proto.ParseMessage(reply); err == nil && m.(*proto.Response).StatusCode != 400 {
				t.Errorf("%q", reply)
			}
		}
	})
}
