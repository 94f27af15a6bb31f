package web

import (
	"fmt"
	"net/http"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/pbxapi"
)

// What a meeting is about can be set to what one sees, and is shown to who sees it; what others put there stays.
func TestMeetingAbout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		contact := func(name string, of people.User) record.Ref {
			c, err := h.core.CreateContact(t.Context(), h.admin, crmcore.Contact{Name: name, Responsible: of.ID})
			if err != nil {
				t.Fatal(err)
			}
			return record.Ref{Kind: record.Contact, ID: c.ID}
		}
		mine, secret := contact("Mine", h.seller), contact("Secret", h.admin)
		admin, seller := h.asAdmin(), h.asSeller()
		if p := seller.call("POST", "/api/v1/meetings",
			pbxapi.MeetingInput{Title: "Talk",
				About: []record.Ref{secret}}).problem(http.StatusUnprocessableEntity); p["detail"] == nil {
			t.Error(p)
		}
		var room pbxapi.MeetingView
		seller.call("POST", "/api/v1/meetings",
			pbxapi.MeetingInput{Title: "Talk", About: []record.Ref{mine}}).want(http.StatusCreated).into(&room)
		at := "/api/v1/meetings/" + room.ID
		admin.call("PATCH", at, pbxapi.MeetingPatch{About: []record.Ref{mine, secret}}).want(http.StatusOK)
		sees := func(c *client, want string) {
			t.Helper()
			one, all := read[pbxapi.MeetingView](c, at), read[api.Page[pbxapi.MeetingView]](c, "/api/v1/meetings")
			if got := fmt.Sprint(names(one)); got != want || len(all.Items) != 1 ||
				fmt.Sprint(names(all.Items[0])) != want || one.Title != "Talk" || one.Owner != h.seller.ID {
				t.Errorf("sees %s in %+v and %+v, want %s", got, one, all, want)
			}
		}
		sees(admin, "[Mine Secret]")
		sees(seller, "[Mine]")
		seller.call("PATCH", at, map[string]any{"title": "Talk", "about": []record.Ref{}}).want(http.StatusOK)
		sees(seller, "[]")
		sees(admin, "[Secret]")
		seller.call("PATCH", at, map[string]any{"about": []record.Ref{{Kind: "user",
			ID: h.admin.ID}}}).problem(http.StatusUnprocessableEntity)
	})
}

func names(m pbxapi.MeetingView) []string {
	all := []string{}
	for _, a := range m.About {
		all = append(all, a.Name)
	}
	return all
}
