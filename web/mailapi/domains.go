package mailapi

import (
	"context"

	"frontdesk/mail"
	"frontdesk/mail/domain"
	"frontdesk/mail/reports"
	"frontdesk/mail/tally"
	"frontdesk/web/api"
)

// DomainInput is a mail domain to be.
type DomainInput struct {
	Name string `json:"name" minLength:"3" maxLength:"253"`
}

// DomainPatch changes a mail domain; what is left out stays.
type DomainPatch struct {
	STS *string `json:"sts,omitempty" enum:"none,testing,enforce" doc:"Mode of its MTA-STS policy"`
}

type (
	domainCreate struct{ Body DomainInput }
	// DomainPath names a domain.
	DomainPath struct {
		Name string `path:"name" maxLength:"253"`
	}
	domainUpdate struct {
		DomainPath
		Body DomainPatch
	}
)

func (o *Operations) routesDomains(f *api.Frame) {
	const tag = "Mail settings"
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/domains",
		Summary: "Mail domains"}, o.listDomains)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "POST /mail/domains",
		Summary: "Add a mail domain and make its DKIM keys", Status: 201}, o.createDomain)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "PATCH /mail/domains/{name}",
		Summary: "Change a mail domain"}, o.updateDomain)
	api.Do(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "DELETE /mail/domains/{name}",
		Summary: "Give a mail domain up; it must have no mailboxes"}, o.deleteDomain)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/domains/{name}/records",
		Summary: "The DNS records to publish"}, o.domainRecords)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/domains/{name}/check",
		Summary: "The DNS records beside what is published, and whether the world reaches us: asked now"},
		o.checkDomain)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/domains/{name}/reports",
		Summary: "What other servers reported of the last 30 days (DMARC, RFC 7489; TLS, RFC 8460)"}, o.domainReports)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/told",
		Summary: "What other domains are told of their mail, once a day, where they ask for it"}, o.getTold)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "PUT /mail/told",
		Summary: "Change that"}, o.putTold)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "POST /mail/domains/{name}/keys",
		Summary: "Make new DKIM keys; they sign once DNS shows them"}, o.rotateKeys)
}

func (o *Operations) listDomains(ctx context.Context, _ *api.None) (api.Page[mail.Domain], error) {
	domains, err := o.box.Domains(ctx)
	for i := range domains {
		if err == nil {
			domains[i].Roles, err = o.box.Roles(ctx, domains[i].Name)
		}
	}
	return api.List(domains, err)
}

func (o *Operations) createDomain(ctx context.Context, in *domainCreate) (mail.Domain, error) {
	return o.box.CreateDomain(ctx, in.Body.Name)
}

func (o *Operations) updateDomain(ctx context.Context, in *domainUpdate) (mail.Domain, error) {
	if in.Body.STS == nil {
		return o.box.Domain(ctx, in.Name)
	}
	return o.box.SetSTS(ctx, in.Name, *in.Body.STS)
}

func (o *Operations) deleteDomain(ctx context.Context, in *DomainPath) error {
	return o.box.DeleteDomain(ctx, in.Name)
}

func (o *Operations) domainRecords(ctx context.Context, in *DomainPath) (api.Page[domain.DNSRecord], error) {
	d, err := o.box.Domain(ctx, in.Name)
	if err != nil {
		return api.Page[domain.DNSRecord]{}, err
	}
	return api.List(o.domains.Place().Wanted(d), nil)
}

func (o *Operations) checkDomain(ctx context.Context, in *DomainPath) (domain.Check, error) {
	return o.domains.Check(ctx, in.Name)
}

func (o *Operations) domainReports(ctx context.Context, in *DomainPath) (reports.Summary, error) {
	d, err := o.box.Domain(ctx, in.Name)
	if err != nil {
		return reports.Summary{}, err
	}
	return o.reports.Of(ctx, d.Name)
}

type toldPut struct{ Body Told }

// Told is what other domains are told.
type Told = tally.Policy

func (o *Operations) getTold(ctx context.Context, _ *api.None) (Told, error) {
	return o.telling.Policy(ctx)
}

func (o *Operations) putTold(ctx context.Context, in *toldPut) (Told, error) {
	return in.Body, o.telling.SetPolicy(ctx, in.Body)
}

func (o *Operations) rotateKeys(ctx context.Context, in *DomainPath) (mail.Domain, error) {
	return o.box.Rotate(ctx, in.Name)
}
