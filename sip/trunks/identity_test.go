package trunks

import (
	"strings"
	"testing"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// How a caller is shown in each form that carriers want, and how one who withholds his number is.
func TestCallersAreShown(t *testing.T) {
	for _, test := range []struct {
		shows    string
		private  bool
		from     string
		headers  []string
		username string
	}{
		{"", false, "sip:+4021@carrier", []string{"P-Asserted-Identity: <sip:+4021@carrier>"}, ""},
		{directory.ByPAI, true, "sip:anonymous@anonymous.invalid",
			[]string{"Privacy: id", "P-Asserted-Identity: <sip:+4099@carrier>"}, ""},
		{directory.ByFrom, false, "sip:+4021@carrier", nil, ""},
		{directory.ByFrom, true, "sip:anonymous@anonymous.invalid", []string{"Privacy: id"}, ""},
		{directory.ByRPID, false, "sip:+4021@carrier",
			[]string{"Remote-Party-ID: <sip:+4021@carrier>;party=calling;screen=yes;privacy=off"}, ""},
		{directory.ByRPID, true, "sip:anonymous@anonymous.invalid",
			[]string{"Privacy: id", "Remote-Party-ID: <sip:+4099@carrier>;party=calling;screen=yes;privacy=full"}, ""},
		{directory.ByAccount, false, "sip:acme@carrier", []string{"P-Asserted-Identity: <sip:+4021@carrier>"}, "acme"},
		{directory.ByAccount, false, "sip:+4021@carrier", []string{"P-Asserted-Identity: <sip:+4021@carrier>"}, ""},
	} {
		trunk := Trunk{Trunk: directory.Trunk{CallerID: "+4099", Username: test.username,
			Manners: directory.Manners{Shows: test.shows}}}
		from, headers := trunk.Shown("carrier", pbx.Request{Number: "+4021", From: pbx.Party{Private: test.private}})
		var got []string
		for _, h := range headers {
			got = append(got, h.Name()+": "+h.Value())
		}
		if from.URI.String() != test.from || strings.Join(got, "\n") != strings.Join(test.headers, "\n") {
			t.Errorf("%+v: From %s and %q", test, from.URI.String(), got)
		}
	}
}

// Whom a trunk's call is believed to be from.
func TestWhoCalls(t *testing.T) {
	for _, test := range []struct {
		believes string // of a carrier, or "pbx"
		headers  []string
		number   string
		private  bool
	}{
		{"", nil, "100", false},
		{"", []string{"P-Asserted-Identity", `"Ana" <sip:+4021@x>`}, "+4021", false},
		{"pbx", []string{"P-Asserted-Identity", `"Ana" <sip:+4021@x>`, "Remote-Party-ID", `<sip:+4022@x>`}, "100", false},
		{directory.ByPAI, []string{"Remote-Party-ID", `<sip:+4022@x>`}, "100", false},
		{directory.ByPAI, []string{"P-Asserted-Identity", `<sip:+4021@x>`, "Privacy", "id"}, "", true},
		{directory.ByRPID, []string{"Remote-Party-ID", `"Ana" <sip:+4022@x>;party=calling;privacy=off`}, "+4022", false},
		{directory.ByRPID, []string{"Remote-Party-ID", `<sip:+4022@x>;privacy=full`}, "", true},
		{directory.ByRPID, []string{"P-Asserted-Identity", `<sip:+4021@x>`}, "100", false},
		{directory.ByFrom, []string{"P-Asserted-Identity", `<sip:+4021@x>`}, "100", false},
	} {
		trunk := Trunk{Trunk: directory.Trunk{Manners: directory.Manners{Believes: test.believes}}}
		if test.believes == "pbx" {
			trunk.Kind, trunk.Believes = dialplan.PBX, ""
		}
		req := call(t, "sip:1@us", "sip:100@them", "sip:1@us")
		for i := 0; i+1 < len(test.headers); i += 2 {
			req.AppendHeader(proto.NewHeader(test.headers[i], test.headers[i+1]))
		}
		if p := trunk.Caller(req); p.Number != test.number || p.Private != test.private {
			t.Errorf("%+v: %+v", test, p)
		}
	}
}

// The carrier's word on a number is taken of trunks whose word is believed alone, and counts for that number only.
func TestVerstat(t *testing.T) {
	const passed, failed = "TN-Validation-Passed", "TN-Validation-Failed"
	for name, test := range map[string]struct {
		trusts     bool
		from       string
		headers    []string
		want       dialplan.Verified
		wantNumber string
	}{
		"PAI, SIP": {true, "sip:+4020@x", []string{"P-Asserted-Identity",
			`"A" <sip:+4021;verstat=` + passed + `@x;user=phone>`}, dialplan.Passed, "+4021"},
		"PAI, tel": {true, "sip:+4020@x", []string{"P-Asserted-Identity",
			`<tel:+4021;verstat=` + failed + `>`}, dialplan.Forged, "+4021"},
		"PAI, behind": {true, "sip:+4020@x", []string{"P-Asserted-Identity",
			`<sip:+4021@x;user=phone;verstat=` + passed + `>`}, dialplan.Passed, "+4021"},
		"PAI, well known": {true, "sip:+4020@x", []string{"P-Asserted-Identity", `<sip:+4021;VERSTAT=TN-Validation-Passed-A@x>`}, dialplan.Passed, "+4021"},
		"PAI, unknown": {true, "sip:+4020@x", []string{"P-Asserted-Identity",
			`<sip:+4021;verstat=No-TN-Validation@x>`}, dialplan.Unverified, "+4021"},
		"From":      {true, "sip:+4020;verstat=" + passed + "@x;user=phone", nil, dialplan.Passed, "+4020"},
		"From, tel": {true, "tel:+4020;verstat=" + failed, nil, dialplan.Forged, "+4020"},
		"From of another number": {true, "sip:+4020;verstat=" + passed + "@x", []string{"P-Asserted-Identity",
			`<sip:+4021@x>`}, dialplan.Unverified, "+4021"},
		"From of the same number": {true, "sip:+4021;verstat=" + passed + "@x", []string{"P-Asserted-Identity",
			`<sip:+4021@x>`}, dialplan.Passed, "+4021"},
		"in the name": {true, "sip:+4020@x", []string{"P-Asserted-Identity",
			`";verstat=` + passed + `" <sip:+4021@x>`}, dialplan.Unverified, "+4021"},
		"nothing": {true, "sip:+4020@x", nil, dialplan.Unverified, "+4020"},
		"not believed": {false, "sip:+4020;verstat=" + passed + "@x", []string{"P-Asserted-Identity",
			`<sip:+4021;verstat=` + passed + `@x>`}, "", "+4021"},
	} {
		req := call(t, "sip:1@us", test.from, "sip:1@us")
		for i := 0; i < len(test.headers); i += 2 {
			req.AppendHeader(proto.NewHeader(test.headers[i], test.headers[i+1]))
		}
		trunk := Trunk{Trunk: directory.Trunk{Manners: directory.Manners{Verifies: test.trusts}}}
		if p := trunk.Caller(req); p.Verified != test.want || p.Number != test.wantNumber {
			t.Errorf("%s: %q of %q, want %q of %q", name, p.Verified, p.Number, test.want, test.wantNumber)
		}
	}
}
