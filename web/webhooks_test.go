package web

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/webhook"
)

func TestWebhooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin := h.asAdmin()
		h.asSeller().call("GET", "/api/v1/webhooks", nil).want(http.StatusForbidden)
		for field, body := range map[string]string{
			"url":   `{"name":"Shop","url":"https://127.0.0.1/in"}`,
			"types": `{"name":"Shop","url":"https://hooks.example.com/in","types":["lead.eaten"]}`,
			"name":  `{"url":"https://hooks.example.com/in"}`,
		} {
			r := admin.call("POST", "/api/v1/webhooks", rawBody(body))
			r.want(http.StatusUnprocessableEntity)
			if !strings.Contains(string(r.body), "body."+field) {
				t.Errorf("%s: %s", field, r.body)
			}
		}
		var made NewWebhook
		admin.call("POST", "/api/v1/webhooks", rawBody(`{"name":"Shop","url":"https://localhost/in","types":["lead.created"]}`)).
			want(http.StatusCreated).into(&made)
		if !strings.HasPrefix(made.Secret, "whsec_") || !made.Active {
			t.Errorf("made %+v", made)
		}
		path := "/api/v1/webhooks/" + made.ID
		r := admin.call("PATCH", path, rawBody(`{"active":false,"types":[]}`))
		r.want(http.StatusOK)
		list := admin.call("GET", "/api/v1/webhooks", nil)
		list.want(http.StatusOK)
		if !strings.Contains(string(list.body), `"active":false`) || strings.Contains(string(list.body)+string(r.body), made.Secret) {
			t.Errorf("listed %s", list.body)
		}
		var tested, found WebhookDelivery
		admin.call("POST", path+"/test", nil).want(http.StatusOK).into(&tested)
		if tested.Trouble != webhook.Private || tested.State != webhook.Failed {
			t.Errorf("this machine was asked: %+v", tested)
		}
		admin.call("GET", path+"/deliveries/"+tested.ID, nil).want(http.StatusOK).into(&found)
		if !strings.Contains(string(found.Body), `"webhook.test"`) {
			t.Errorf("sent %s", found.Body)
		}
		// a test is made anew
		admin.call("POST", path+"/deliveries/"+tested.ID+"/resend", nil).want(http.StatusNotFound)
		admin.call("DELETE", path, nil).want(http.StatusNoContent)
		admin.call("GET", path+"/deliveries", nil).want(http.StatusNotFound)
	})
}

// What a webhook may ask for is what the document promises.
func TestEventTypesAreThoseOfTheDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/live-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Events for programs")
	var documented []string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			for _, name := range regexp.MustCompile("`([a-z]+[.][a-z]+)`").FindAllStringSubmatch(cells[1], -1) {
				documented = append(documented, name[1])
			}
		}
	}
	slices.Sort(documented)
	if offered := slices.Sorted(slices.Values(eventTypes())); !slices.Equal(offered, documented) {
		t.Errorf("offered %v, documented %v", offered, documented)
	}
}
