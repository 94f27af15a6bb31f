package web

import (
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// Whatever is asked about another's record by its id, the answer is the one about an id that nobody has.
func TestOthersIDsAreNotToldApart(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	made := h.makeAll(h.asAdmin())
	seller, asked, refused := h.asSeller(), 0, 0
	described := h.server.frame.OpenAPI()
	for path, item := range described.Paths {
		collection, _, one := strings.Cut(path, "/{")
		if !one || made[collection] == "" {
			continue
		}
		for method, op := range map[string]bool{"GET": item.Get != nil, "POST": item.Post != nil,
			"PATCH": item.Patch != nil, "PUT": item.Put != nil, "DELETE": item.Delete != nil} {
			if !op {
				continue
			}
			var body any
			if method == "POST" && item.Post.RequestBody != nil {
				body = samples{described.Components.Schemas}.minimal(
					item.Post.RequestBody.Content["application/json"].Schema)
			}
			if method == "PATCH" || method == "PUT" {
				body = object{}
			}
			ask := func(id string) *response {
				return seller.call(method, collection+"/"+id+path[strings.Index(path, "}")+1:], body)
			}
			others, nobodys := ask(made[collection]), ask(store.NewID())
			asked++
			if others.status < 400 {
				continue // all may see it
			}
			refused++
			if others.status != nobodys.status || string(others.body) != string(nobodys.body) {
				t.Errorf("%s %s: %d %s for another's, %d %s for nobody's", method, path, others.status, others.body,
					nobodys.status, nobodys.body)
			}
		}
	}
	if asked < 30 || refused < 20 {
		t.Errorf("only %d were asked, %d refused", asked, refused)
	}
}

// The same where an id is in the body.
func TestOthersIDsInBodiesAreNotToldApart(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	made := h.makeAll(h.asAdmin())
	seller := h.asSeller()
	for _, c := range []struct {
		path string
		body func(id string) object
		kind string
	}{
		{"/contacts", func(id string) object { return object{"name": "Bob", "company": id} }, "companies"},
		{"/notes", func(id string) object { return object{"entity": object{"kind": "contact", "id": id}, "body": "x"} }, "contacts"},
		{"/tasks", func(id string) object {
			return object{"entity": object{"kind": "contact", "id": id}, "title": "x", "due": "2030-01-02T03:04:05Z"}
		}, "contacts"},
		{"/meetings", func(id string) object { return object{"title": "x", "about": []object{{"kind": "contact", "id": id}}} }, "contacts"},
	} {
		others := seller.call("POST", api.Prefix+c.path, c.body(made[api.Prefix+"/"+c.kind]))
		nobodys := seller.call("POST", api.Prefix+c.path, c.body(store.NewID()))
		if others.status < 400 || others.status != nobodys.status || string(others.body) != string(nobodys.body) {
			t.Errorf("%s: %d %s for another's, %d %s for nobody's", c.path, others.status, others.body, nobodys.status,
				nobodys.body)
		}
	}
}
