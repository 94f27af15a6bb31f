package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/toll"
	"frontdesk/web/api"
	"frontdesk/webhook"
)

// eventTypes are all that docs/live-protocol.md lists for programs.
func eventTypes() []string {
	return append([]string{
		ledger.CallRinging, ledger.CallAnswered, ledger.CallEnded, "card.open", crmcore.LeadCreated, "mail.received",
		ledger.MeetingStarted, ledger.MeetingEnded, ledger.MeetingJoined, ledger.MeetingLeft, toll.StoppedEvent,
		"contact.changed", "company.changed", "lead.changed", "deal.changed", "deal.moved", "lead.moved",
		automation.HookEvent,
		timeline.TaskCreated, "task.done", "task.opened",
	}, offer.Events()...)
}

// WebhookInput is what a webhook is made or changed with; what is left out stays.
type WebhookInput struct {
	Name   *string   `json:"name,omitempty" minLength:"1" maxLength:"100"`
	URL    *string   `json:"url,omitempty" maxLength:"2000" doc:"https; http only to what webhooks.allow of the configuration names"`
	Types  *[]string `json:"types,omitempty" maxItems:"50" doc:"Types of events; empty: all"`
	Active *bool     `json:"active,omitempty" doc:"What happens while it is not is not sent"`
}

func (in WebhookInput) apply(to *webhook.Input) {
	api.Set(&to.Name, in.Name)
	api.Set(&to.URL, in.URL)
	api.Set(&to.Types, in.Types)
	api.Set(&to.Active, in.Active)
}

func (in WebhookInput) check() error {
	if in.Types == nil {
		return nil
	}
	for _, kind := range *in.Types {
		if !slices.Contains(eventTypes(), kind) {
			return &webhook.Invalid{Field: "types", Problem: fmt.Sprintf("there is no event %q", kind)}
		}
	}
	return nil
}

// NewWebhook is a webhook with its secret, which is told only now.
type NewWebhook struct {
	webhook.Webhook
	Secret string `json:"secret" doc:"It signs what is sent (Standard Webhooks)"`
}

// WebhookSecret is told only now.
type WebhookSecret struct {
	Secret string `json:"secret"`
}

// WebhookDelivery is a delivery with what is sent.
type WebhookDelivery struct {
	webhook.Delivery
	Body json.RawMessage `json:"body"`
}

type (
	webhookCreate struct{ Body WebhookInput }
	webhookUpdate struct {
		api.ByID
		Body WebhookInput
	}
	deliveriesInput struct {
		api.ByID
		api.Paging
		State webhook.State `query:"state" enum:"waiting,delivered,failed" doc:"Only those"`
	}
	deliveryByID struct {
		api.ByID
		Delivery string `path:"delivery" maxLength:"100"`
	}
)

func (s *Server) routeWebhooks(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "GET /webhooks",
		Summary: "Addresses of other programs that events are sent to"}, s.listWebhooks)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "GET /webhooks/types",
		Summary: "Types of events that can be sent"}, s.webhookTypes)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "POST /webhooks",
		Summary: "Add a webhook; its secret is shown only now", Status: 201}, s.createWebhook)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "PATCH /webhooks/{id}",
		Summary: "Change a webhook; one that is switched on again gets what waits for it"}, s.updateWebhook)
	api.Do(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "DELETE /webhooks/{id}",
		Summary: "Remove a webhook and its deliveries"}, s.deleteWebhook)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "POST /webhooks/{id}/secret",
		Summary: "Make another secret, which signs from now on; it is shown only now"}, s.renewWebhook)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "POST /webhooks/{id}/test",
		Summary: "Send an event of type webhook.test now, and tell what came of it"}, s.testWebhook)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "GET /webhooks/{id}/deliveries",
		Summary: "What was sent, or is to be, the latest first"}, s.listDeliveries)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins, Pattern: "GET /webhooks/{id}/deliveries/{delivery}",
		Summary: "One delivery, with what is sent"}, s.getDelivery)
	api.Add(f, api.Route{Tag: "Webhooks", Access: api.Admins,
		Pattern: "POST /webhooks/{id}/deliveries/{delivery}/resend", Summary: "Send an event again, under the same id"},
		s.resendDelivery)
}

func (s *Server) listWebhooks(ctx context.Context, _ *api.None) (api.Page[webhook.Webhook], error) {
	return api.List(s.deps.Webhooks.List(ctx))
}

func (s *Server) webhookTypes(context.Context, *api.None) (api.Page[string], error) {
	return api.List(eventTypes(), nil)
}

func (s *Server) createWebhook(ctx context.Context, in *webhookCreate) (NewWebhook, error) {
	to := webhook.Input{Active: true}
	in.Body.apply(&to)
	if err := in.Body.check(); err != nil {
		return NewWebhook{}, err
	}
	h, secret, err := s.deps.Webhooks.Create(ctx, to)
	return NewWebhook{h, secret}, err
}

func (s *Server) updateWebhook(ctx context.Context, in *webhookUpdate) (webhook.Webhook, error) {
	if err := in.Body.check(); err != nil {
		return webhook.Webhook{}, err
	}
	return s.deps.Webhooks.Update(ctx, in.ID, in.Body.apply)
}

func (s *Server) deleteWebhook(ctx context.Context, in *api.ByID) error {
	return s.deps.Webhooks.Delete(ctx, in.ID)
}

func (s *Server) renewWebhook(ctx context.Context, in *api.ByID) (WebhookSecret, error) {
	secret, err := s.deps.Webhooks.Renew(ctx, in.ID)
	return WebhookSecret{secret}, err
}

func (s *Server) testWebhook(ctx context.Context, in *api.ByID) (webhook.Delivery, error) {
	return s.deps.Webhooks.Test(ctx, in.ID)
}

func (s *Server) listDeliveries(ctx context.Context, in *deliveriesInput) (page api.Page[webhook.Delivery], err error) {
	page.Items, err = s.deps.Webhooks.Deliveries(ctx, webhook.Listing{Webhook: in.ID, State: in.State, After: in.After,
		Limit: in.Limit})
	if n := len(page.Items); n == in.Limit {
		page.Next = page.Items[n-1].ID
	}
	return page, err
}

func (s *Server) getDelivery(ctx context.Context, in *deliveryByID) (WebhookDelivery, error) {
	d, body, err := s.deps.Webhooks.Delivery(ctx, in.ID, in.Delivery)
	return WebhookDelivery{d, body}, err
}

func (s *Server) resendDelivery(ctx context.Context, in *deliveryByID) (webhook.Delivery, error) {
	return s.deps.Webhooks.Resend(ctx, in.ID, in.Delivery)
}
