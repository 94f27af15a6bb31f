package mime

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A message under fields that a server puts on top reads as it does where it is parsed anew.
func TestUnder(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.eml")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d messages, %v", len(files), err)
	}
	messages := []string{
		string(crlf("From: Site <wordpress@hoster.test>\nTo: elena@acme.example\nSubject: Contact\n\nName: Ana\n" +
			"Email: ana@c.test\nPhone: 1\n")),
		string(crlf("From: a@b.test\nIn-Reply-To: <1@x>\nContent-Type: text/html\n\n<p>Hello<img src=cid:1>")),
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages = append(messages, string(raw))
	}
	tried := 0
	for i, message := range messages {
		for _, top := range []string{"Return-Path: <>\r\nReceived: by us\r\n",
			"Return-Path: <a@b.test>\r\nMessage-ID: <new@us>\r\n"} {
			before := ParseBytes([]byte(message))
			if !strings.HasSuffix(string(before.Head), "\r\n\r\n") {
				continue
			}
			whole := []byte(top + message)
			got, want := before.Under(whole[:len(top)+len(before.Head)]), ParseBytes(whole)
			if tried++; !reflect.DeepEqual(got, want) {
				t.Errorf("message %d: %+v, want %+v", i, got, want)
			}
		}
	}
	if tried < 20 {
		t.Errorf("%d of %d messages have a header that is whole", tried/2, len(messages))
	}
}
