package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/mailapi"
)

// lines are the mailboxes of a house as its CRM knows them.
type lines struct{ h *house }

func (l lines) Open(ctx context.Context, user string, of []string) ([]string, error) {
	return l.h.box.OpenTo(ctx, user, of)
}

func (l lines) Own(ctx context.Context, user string) ([]string, error) {
	return l.h.box.AddressesOf(ctx, user)
}

// theirs is in every text of what is not the seller's.
const theirs = "Zzsecret"

// estate is what a colleague has that a user who sees his own records must not: ids by what they are called in paths.
type estate struct {
	*house
	other       people.User
	ids         map[string][]string // by what stands before an id in a path
	owned       []string            // paths of records, as their owner reads them
	stage, mine string              // a stage; a contact of the seller's with the address of the colleague's client
}

func newEstate(t *testing.T, db *store.DB) *estate {
	e := &estate{house: newHouse(t, db), ids: map[string][]string{}}
	e.other = e.user("other", sellerPassword, people.Staff)
	e.asAdmin().call("POST", "/api/v1/pipelines",
		object{"name": "Sales", "stages": []object{{"name": "New", "kind": "open"}}}).want(http.StatusCreated)
	e.stage = read[api.Page[crmcore.Pipeline]](e.asAdmin(), "/api/v1/pipelines").Items[0].Stages[0].ID
	c := e.as("other", sellerPassword)
	company := e.own(c, "companies", object{"name": theirs, "comment": theirs, "emails": []string{"firm@clients.test"}})
	contact := e.own(c, "contacts", object{"name": theirs, "comment": theirs, "company": company,
		"emails": []string{"zzsecret@clients.test"}})
	lead := e.own(c, "leads", object{"title": theirs, "comment": theirs, "phones": []string{"+40722000001"}})
	deal := e.own(c, "deals", object{"title": theirs, "contact": contact})
	for kind, id := range map[string]string{"contact": contact, "company": company, "lead": lead, "deal": deal} {
		ref := object{"kind": kind, "id": id}
		for path, body := range map[string]object{"/notes": {"entity": ref, "body": theirs},
			"/tasks": {"entity": ref, "title": theirs}} {
			var made timeline.Activity
			c.call("POST", "/api/v1"+path, body).want(http.StatusCreated).into(&made)
			e.ids["activities"] = append(e.ids["activities"], made.ID)
		}
	}
	e.mails(contact)
	e.own(c, "offers", object{"deal": deal, "kind": "offer", "note": theirs,
		"lines": []object{{"name": theirs, "quantity": 1000, "price": 100, "tax": 0}}})
	e.owned = e.owned[:len(e.owned)-1] // it has no timeline
	return e
}

// own makes a record of the colleague's.
func (e *estate) own(c *client, kind string, body object) string {
	e.t.Helper()
	var made struct{ ID string }
	c.call("POST", "/api/v1/"+kind, body).want(http.StatusCreated).into(&made)
	e.ids[kind], e.owned = append(e.ids[kind], made.ID),
		append(e.owned, "/api/v1/"+kind+"/"+made.ID, "/api/v1/"+kind+"/"+made.ID+"/timeline")
	return made.ID
}

// mails has somebody write to the colleague's mailbox whose address the seller has entered with a contact of his own.
func (e *estate) mails(contact string) {
	e.t.Helper()
	ctx, admin := context.Background(), e.asAdmin()
	admin.call("POST", "/api/v1/mail/domains", mailapi.DomainInput{Name: "acme.test"}).want(http.StatusCreated)
	var box mail.Mailbox
	admin.call("POST", "/api/v1/mail/mailboxes",
		object{"address": "other@acme.test", "users": []string{e.other.ID}}).want(http.StatusCreated).into(&box)
	blob, size, err := e.box.PutBlob(ctx, strings.NewReader("From: w@clients.test\r\nSubject: "+theirs+"\r\n\r\n"+
		theirs))
	if err != nil {
		e.t.Fatal(err)
	}
	stored, err := e.box.Append(ctx, mail.Addition{Mailbox: box.ID, Folder: "INBOX", Blob: blob, Size: size})
	if err != nil {
		e.t.Fatal(err)
	}
	var mine crmcore.Contact
	e.asSeller().call("POST", "/api/v1/contacts",
		object{"name": "W", "emails": []string{"w@clients.test"}}).want(http.StatusCreated).into(&mine)
	card, err := e.core.Receive(ctx, crmcore.Touch{Channel: timeline.Mail, Key: "1", Incoming: true,
		Client: address.Address{Kind: address.Email, Value: "w@clients.test"},
		Line:   box.Address, Users: box.Users, Subject: theirs, Snippet: theirs, Source: stored.ID})
	if err != nil {
		e.t.Fatal(err)
	}
	e.mine, e.ids["messages"], e.ids["mailboxes"] = mine.ID, []string{stored.ID}, []string{box.ID}
	e.ids["drafts"] = e.ids["messages"]
	e.ids["activities"] = append(e.ids["activities"], card.Activity)
	e.ids["tasks"] = e.ids["activities"]
}

// A user who sees his own records is told nothing of a colleague's by any operation that reads, and changes nothing by
// any that writes.
func TestOwnAccessOverEveryRoute(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		e := newEstate(t, db)
		owner, seller := e.as("other", sellerPassword), e.asSeller()
		before := e.state(owner)
		document, err := OpenAPI()
		if err != nil {
			t.Fatal(err)
		}
		var described struct{ Paths map[string]map[string]any }
		if err := json.Unmarshal(document, &described); err != nil {
			t.Fatal(err)
		}
		read := 0
		for path, methods := range described.Paths {
			for method := range methods {
				if path == api.Prefix+"/events" || strings.Contains(path, "/log") {
					continue // a stream has a test of its own; the log-in is needed to the end
				}
				for _, at := range e.paths(path) {
					r := seller.call(strings.ToUpper(method), at, e.body(strings.ToUpper(method), path))
					if r.status == http.StatusUnauthorized {
						t.Fatalf("%s: logged out", r.what)
					}
					if read++; strings.Contains(strings.ToLower(string(r.body)), strings.ToLower(theirs)) {
						t.Errorf("%s tells %s", r.what, r.body)
					}
				}
			}
		}
		if read < 100 {
			t.Errorf("only %d requests", read)
		}
		if after := e.state(owner); after != before {
			t.Errorf("changed:\n%s\nwas\n%s", after, before)
		}
		e.mustTellWho(seller)
	})
}

// mustTellWho checks that of the mail the seller learns that it was.
func (e *estate) mustTellWho(seller *client) {
	e.t.Helper()
	list := read[api.Page[timeline.Activity]](seller, "/api/v1/contacts/"+e.mine+"/timeline").Items
	if len(list) != 1 || !list[0].Private || list[0].Line != "other@acme.test" {
		e.t.Errorf("the seller's timeline: %+v", list)
	}
}

// paths are a path of the API with each id of the colleague's, and with what a list may be narrowed by.
func (e *estate) paths(path string) (all []string) {
	at := strings.IndexByte(path, '{')
	if at < 0 {
		return []string{path, path + "?q=" + theirs, path + "?text=firm@clients.test&kind=email"}
	}
	to := strings.IndexByte(path, '}')
	segments := strings.Split(strings.TrimSuffix(path[:at], "/"), "/")
	for _, id := range append(e.ids[segments[len(segments)-1]], e.other.ID) {
		all = append(all, strings.ReplaceAll(path[:at]+id+path[to+1:], "{part}", "1"))
	}
	return all
}

// body is what an operation is asked with; nil for one that takes none. What is deleted is never the seller's own.
func (e *estate) body(method, path string) any {
	mine := object{"kind": "contact", "id": e.mine}
	switch last := path[strings.LastIndexByte(path, '/')+1:]; {
	case method == "GET" || method == "DELETE":
		return nil
	case last == "link":
		return mine
	case strings.Contains(path, "/offers"):
		return e.offerBody(method, last)
	case last == "offer":
		return object{"offer": e.ids["offers"][0]}
	case last == "move":
		return object{"stage": e.stage}
	case strings.Contains(path, "/tasks/"):
		return object{"done": true}
	case strings.Contains(path, "/messages/"):
		return object{"seen": true}
	case strings.Contains(path, "/leads/") && last == "{id}", strings.Contains(path, "/deals/") && last == "{id}":
		return object{"title": "Taken"}
	case strings.Contains(path, "/contacts/"), strings.Contains(path, "/companies/"):
		return object{"comment": "Taken"}
	}
	return object{}
}

// offerBody is what would change an offer of the colleague's.
func (e *estate) offerBody(method, last string) object {
	switch {
	case last == "state":
		return object{"state": "accepted"}
	case last == "copy":
		return object{"kind": "invoice"}
	case last == "totals":
		return object{"currency": "EUR", "lines": []object{}}
	}
	return object{"kind": "offer", "deal": e.ids["deals"][0], "note": "Taken"}
}

// state is all that the colleague has, as he reads it.
func (e *estate) state(owner *client) string {
	e.t.Helper()
	var all strings.Builder
	for _, path := range e.owned {
		all.Write(owner.call("GET", path, nil).want(http.StatusOK).body)
	}
	return all.String()
}

// Of each kind of event the stream tells a user only those that are for him; and an admin, of what is not, what all may
// know.
func TestOwnAccessOverEveryEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		other := h.user("other", sellerPassword, people.Staff)
		kinds := []string{CallRinging, CallAnswered, CallEnded, CardOpen, LeadCreated, MailReceived, MeetingJoined,
			MeetingLeft}
		for _, kind := range kinds {
			h.tell(store.Event{Type: kind, Key: "k", Data: theirs, Rest: "outline", For: []string{other.ID}})
		}
		h.publish(CallRinging, "last", h.seller.ID)
		if _, _, data := h.asSeller().stream("", "0").next(); data != `{"call":"last"}` {
			t.Errorf("the seller is told %s", data)
		}
		admin, owner := h.asAdmin().stream("", "0"), h.as("other", sellerPassword).stream("", "0")
		for _, kind := range kinds {
			if _, got, data := admin.next(); got != kind || data != `"outline"` {
				t.Errorf("the admin is told %s of %s", data, got)
			}
			if _, got, data := owner.next(); got != kind || data != `"`+theirs+`"` {
				t.Errorf("whom it is for is told %s of %s", data, got)
			}
		}
	})
}
