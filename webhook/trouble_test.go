package webhook

import (
	"errors"
	"strings"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// The test tells what is wrong; where requests may not go, none goes.
func TestTroubles(t *testing.T) {
	each(t, Config{Timeout: 300 * time.Millisecond}, func(o *office) {
		test := func(what string, w *Webhooks, url string, want Trouble) {
			t.Helper()
			if url != "" {
				if _, err := o.Update(o.t.Context(), o.hook.ID, func(in *Input) { in.URL = url }); err != nil {
					o.t.Fatal(err)
				}
			}
			before := o.attempts()
			d, err := w.Test(o.t.Context(), o.hook.ID)
			if err != nil || d.Trouble != want || (d.State == Delivered) != (want == "") {
				o.t.Errorf("%s: %+v, %v", what, d, err)
			}
			if want == Private && o.attempts() != before {
				o.t.Errorf("%s: it was reached", what)
			}
		}
		closed := newReceiver(o.t)
		closed.Close()
		strange := newNode(o.t, o.db, Config{})
		shut := *o.Webhooks
		shut.config.Egress, _ = guard.NewEgress(nil)
		shut.secure, shut.plain = shut.config.client(false), shut.config.client(true)
		test("all is well", o.Webhooks, "", "")
		test("a private address", &shut, "", Private)
		test("a certificate of nobody", strange, "", Certificate)
		test("nothing listens", o.Webhooks, closed.URL, Refused)
		test("no such name", o.Webhooks, "https://nobody.invalid/", Name)
		test("a name for this machine", &shut, strings.Replace(o.URL, "127.0.0.1", "localhost", 1), Private)
		o.answers(func(int, message) int { return 307 })
		test("elsewhere", o.Webhooks, o.URL, Redirect)
		never := make(chan struct{})
		o.answers(func(int, message) int { <-never; return 200 })
		test("slow", o.Webhooks, o.URL, Timeout)
		close(never)
		if n := o.now().Waiting; n != 0 {
			o.t.Errorf("%d tests wait", n)
		}
	})
}

func TestInput(t *testing.T) {
	w := newNode(t, storetest.SQLite(t), Config{})
	for url, field := range map[string]string{
		"https://hooks.example.com/in?x=1": "", "http://127.0.0.1:8000/": "", "ftp://example.com": "url",
		"example.com": "url",
		"https://":    "url", "https://user:pass@example.com/": "url", "https://example.com/#a": "url",
		"https://10.0.0.1/": "url", "https://[::1]/": "url", "http://93.184.216.34/": "url",
		"https://example.com/" + strings.Repeat("a", 2000): "url",
	} {
		_, _, err := w.Create(t.Context(), Input{Name: " Shop ", URL: url, Active: true})
		var refused *Invalid
		if errors.As(err, &refused); err != nil && refused == nil || (refused != nil) != (field != "") ||
			refused != nil && refused.Field != field {
			t.Errorf("%s: %v", url, err)
		}
	}
	list, err := w.List(t.Context())
	if err != nil || len(list) != 2 || list[0].Name != "Shop" {
		t.Fatalf("%+v, %v", list, err)
	}
	before := list[0].secret
	if secret, err := w.Renew(t.Context(), list[0].ID); err != nil || secret == before {
		t.Errorf("%q, %v", secret, err)
	}
	for _, h := range list {
		if err := w.Delete(t.Context(), h.ID); err != nil {
			t.Error(err)
		}
	}
	if err := w.Delete(t.Context(), list[0].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	var left int
	if err := w.db.QueryRow(t.Context(), `SELECT COUNT(*) FROM event_cursor`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d cursors are left, %v", left, err)
	}
}
