package web

import (
	"net/http"
	"net/url"
	"testing"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/pbxapi"
)

// Calls go out by the department of who calls, also by one above it, from the moment that he is in it; the dry run
// tells so, and the department stays while a route is for it.
func TestCallsGoOutByDepartment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin := h.asAdmin()
		ana := h.user("ana", sellerPassword, people.Staff)
		var trunk, sales, field struct{ ID string }
		admin.call("POST", "/api/v1/trunks", object{"name": "Carrier",
			"host": "192.0.2.1"}).want(http.StatusCreated).into(&trunk)
		admin.call("POST", "/api/v1/departments", object{"name": "Sales"}).want(http.StatusCreated).into(&sales)
		admin.call("POST", "/api/v1/departments", object{"name": "Field",
			"parent": sales.ID}).want(http.StatusCreated).into(&field)
		route := object{"name": "Sellers", "departments": []string{"gone"}, "trunks": []string{trunk.ID}}
		save := func() *response {
			return admin.call("PUT", "/api/v1/outbound/routes", object{"routes": []object{route}})
		}
		save().want(http.StatusUnprocessableEntity)
		route["departments"] = []string{sales.ID}
		save().want(http.StatusOK)
		admin.call("PUT", "/api/v1/outbound", object{"countries": []string{"RO"}, "short": []string{},
			"premium": false}).want(http.StatusOK)
		by := func() string {
			var out pbxapi.OutTrial
			ask := url.Values{"number": {"0722000111"}, "user": {ana.ID}}
			admin.call("GET", "/api/v1/outbound/trial?"+ask.Encode(), nil).want(http.StatusOK).into(&out)
			return out.Route
		}
		if got := by(); got != "" {
			t.Errorf("who is in no department calls by %q", got)
		}
		admin.call("PATCH", "/api/v1/users/"+ana.ID, object{"department": field.ID}).want(http.StatusOK)
		if got := by(); got != "Sellers" {
			t.Errorf("who is below the department calls by %q", got)
		}
		admin.call("PATCH", "/api/v1/departments/"+field.ID, object{"name": "Field",
			"parent": ""}).want(http.StatusOK)
		if got := by(); got != "" {
			t.Errorf("who is not below it any more calls by %q", got)
		}
		admin.call("DELETE", "/api/v1/departments/"+sales.ID, nil).want(http.StatusConflict)
		route["departments"] = []string{}
		save().want(http.StatusOK)
		admin.call("DELETE", "/api/v1/departments/"+sales.ID, nil).want(http.StatusNoContent)
	})
}
