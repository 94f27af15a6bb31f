package pbxapi

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
)

// changed is a trunk after a change in JSON, as it comes over HTTP.
func changed(t *testing.T, d *directory.Directory, trunk directory.Trunk, text string) (directory.Trunk, error) {
	t.Helper()
	var in TrunkInput
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	err := in.apply(&trunk, d)
	return trunk, err
}

// What a change of a trunk leaves out stays; what it names is set, to nothing too.
func TestWhatAChangeOfATrunkLeavesOutStays(t *testing.T) {
	d := directory.New(directory.Config{Realm: "test"}, nil, nil)
	whole := `{"name":"Carrier","kind":"carrier","host":"sip.carrier.test","transport":"tcp","register":true,"username":"u","password":"p",
		"allow":["10.0.0.0/8"],"codecs":["PCMA"],"caller_id":"+40211234567","format":"digits","max_calls":5,"strict":true,"active":true}`
	made, err := changed(t, d, directory.Trunk{}, whole)
	if err != nil || made.Host != "sip.carrier.test" || !made.Register || made.MaxCalls != 5 || !made.Strict ||
		!made.Active {
		t.Fatalf("%+v %v", made, err)
	}
	if same, err := changed(t, d, made, `{}`); err != nil || !reflect.DeepEqual(same, made) {
		t.Errorf("nothing was to change: %+v %v", same, err)
	}
	after, err := changed(t, d, made, `{"register":false,"max_calls":0,"allow":[],"strict":false}`)
	want := made
	want.Register, want.MaxCalls, want.Allow, want.Strict = false, 0, []string{}, false
	if err != nil || !reflect.DeepEqual(after, want) {
		t.Errorf("got %+v, want %+v; %v", after, want, err)
	}
}

// What the other side logs in with is kept as hashes of name and password together: another name wants a password.
func TestAnotherNameOfATrunkWantsAPassword(t *testing.T) {
	d := directory.New(directory.Config{Realm: "test"}, nil, nil)
	made, err := changed(t, d, directory.Trunk{}, `{"in_username":"pbx","in_password":"secret"}`)
	if err != nil || made.InHA1 == "" || made.InHA1SHA == "" {
		t.Fatalf("%+v %v", made, err)
	}
	if same, err := changed(t, d, made, `{"in_username":"pbx","in_password":""}`); err != nil ||
		same.InHA1 != made.InHA1 {
		t.Errorf("the same name: %+v %v", same, err)
	}
	var bad *input.Invalid
	if _, err := changed(t, d, made, `{"in_username":"other"}`); !errors.As(err, &bad) || bad.Field != "in_password" {
		t.Errorf("another name without a password: %v", err)
	}
	if other, err := changed(t, d, made, `{"in_username":"other","in_password":"secret"}`); err != nil ||
		other.InHA1 == made.InHA1 {
		t.Errorf("another name with one: %+v %v", other, err)
	}
	if none, err := changed(t, d, made, `{"in_username":""}`); err != nil || none.InHA1 != "" || none.InHA1SHA != "" {
		t.Errorf("no log-in any more: %+v %v", none, err)
	}
}
