// Package api is what every operation of the HTTP API has around it: who asks, whether he may, and how a failure is
// told.
package api

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
)

// Frame is what all operations have around them: who may use them is asked, and what fails is told, in one way.
type Frame struct {
	huma.API
	Gate *Gate
	log  *slog.Logger
	busy *prometheus.CounterVec // requests refused because the share of screens was used up, by status
}

// newAPI makes the empty API on mux. Responses carry no $schema member, and lists are never null.
func newAPI(mux *http.ServeMux, version string) huma.API {
	config := huma.DefaultConfig("Frontdesk", version)
	config.Info.Description = description
	config.CreateHooks = nil
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaNames())
	config.Transformers = append(config.Transformers,
		func(_ huma.Context, _ string, v any) (any, error) { return NoNulls(v), nil })
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "Set by POST /api/v1/login"},
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token, made in the settings"},
	}
	return humago.New(mux, config)
}

const description = `Everything the workplace does is done with these operations.

Log in with POST /api/v1/login (a cookie) or send "Authorization: Bearer TOKEN". Errors are problems of RFC 9457. Lists come in pages:
give the "next" of one as "after" of the following request. Times are RFC 3339; one that has not come is 0001-01-01T00:00:00Z.
Live signalling is the WebSocket at /api/v1/live, events for integrations are at /api/v1/events.`

// schemaNames tells apart the types that several rooms call by one name. It is asked for each type many times.
func schemaNames() func(t reflect.Type, hint string) string {
	better := betterNames()
	pages := strings.NewReplacer("PageRecord", "PageCall", "PageView", "PageCallView", "PageDomain", "PageMailDomain",
		"PageItem", "PageQueueItem", "PageAccount", "PageMailboxElsewhere", "PageStatus", "PageTrunkStatus",
		"PageList", "PageCallingList", "PageBarred", "PageDoNotCall")
	known := map[reflect.Type]string{}
	return func(t reflect.Type, hint string) string {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		name, ok := known[t]
		if ok {
			return name
		}
		if name, ok = better[t.PkgPath()+"."+t.Name()]; !ok {
			name = pages.Replace(huma.DefaultSchemaNamer(t, hint))
		}
		if t.Name() != "" { // what has no name is called as the hint says
			known[t] = name
		}
		return name
	}
}

func betterNames() map[string]string {
	return map[string]string{
		"frontdesk/pbx/ledger.Record": "Call", "frontdesk/pbx/ledger.Step": "CallStep",
		"frontdesk/pbx/call.View": "CallView", "frontdesk/pbx/voicemail.Message": "VoiceMessage",
		"frontdesk/mail/remote.Account": "MailboxElsewhere", "frontdesk/mail/remote.Input": "MailboxElsewhereInput",
		"frontdesk/mail/remote.Patch": "MailboxElsewherePatch", "frontdesk/mail/remote.Servers": "MailServers",
		"frontdesk/mail/domain.Domain": "MailDomain", "frontdesk/mail/domain.Key": "DKIMKey",
		"frontdesk/mail/domain.Finding": "DNSFinding",
		"frontdesk/mail/domain.Alias":   "MailAlias", "frontdesk/mail/passwords.Password": "MailPassword",
		"frontdesk/mail/relay.Host": "SmartHost", "frontdesk/mail/bounce.Entry": "DeadAddress",
		"frontdesk/mail/limit.Exception": "SendingLimit", "frontdesk/mail/quarantine.Held": "QuarantinedMail",
		"frontdesk/mail/quarantine.Policy": "QuarantinePolicy", "frontdesk/mail/quarantine.Use": "QuarantineUse",
		"frontdesk/mail/greylist.Policy": "GreylistPolicy", "frontdesk/mail/carbon.Place": "CarbonAddress",
		"frontdesk/mail/exclusion.Exclusion": "MailExclusion", "frontdesk/mail/reports.Summary": "DomainReports",
		"frontdesk/mail/tally.Policy":   "ToldDomains",
		"frontdesk/mail/reports.Report": "DomainReport", "frontdesk/mail/reports.Line": "DomainReportLine",
		"frontdesk/mail/domain.Check": "DomainCheck", "frontdesk/mail/domain.Listing": "BlockListing",
		"frontdesk/mail/queue.Item": "QueueItem",
		"frontdesk/mail/rules.Rule": "MailRule", "frontdesk/mail/rules.Condition": "MailCondition",
		"frontdesk/mail/rules.Action": "MailAction", "frontdesk/mail/rules.Away": "MailAway",
		"frontdesk/pbx/report.Report": "CallReport", "frontdesk/pbx/report.Row": "CallReportRow",
		"frontdesk/pbx/report.Sums": "CallSums", "frontdesk/pbx/report.Choices": "Dispositions",
		"frontdesk/crmcore/calling.List": "CallingList", "frontdesk/crmcore/calling.Item": "CallingItem",
		"frontdesk/crmcore/calling.Outcome": "CallingOutcome", "frontdesk/crmcore/calling.Phone": "CallingPhone",
		"frontdesk/crmcore/calling.Progress": "CallingProgress", "frontdesk/crmcore/calling.Added": "CallingAdded",
		"frontdesk/crmcore/calling.Barred": "DoNotCall",
		"frontdesk/crmcore/offer.Settings": "OfferSettings", "frontdesk/crmcore/offer.Line": "OfferLine",
		"frontdesk/crmcore/offer.Totals": "OfferTotals", "frontdesk/crmcore/offer.Taxed": "OfferTaxed",
		"frontdesk/intake/person.Found":         "FoundPerson",
		"frontdesk/crmcore/secondfactor.Status": "SecondFactorStatus",
		"frontdesk/crmcore/secondfactor.Setup":  "SecondFactorSetup",
		"frontdesk/crmcore/secondfactor.Policy": "SecurityPolicy",
		"frontdesk/sip/trunks.Status":           "TrunkStatus", "frontdesk/sip/trunks.Step": "TrunkStep",
	}
}

// Registered is called after the last operation, before the first request.
func (f *Frame) Registered() { denull(f.OpenAPI().Components.Schemas.Map()) }

// Document is the description of what is registered: OpenAPI 3.1, JSON, indented.
func (f *Frame) Document() ([]byte, error) {
	data, err := json.MarshalIndent(f.OpenAPI(), "", " ")
	return append(data, '\n'), err
}
