package mailapi

import (
	"context"

	"frontdesk/mail/compose"
	"frontdesk/web/api"
)

// composeRoutes are the operations on signatures and templates.
func (o *Operations) composeRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/signatures",
		Summary: "Signatures of the user's mailboxes"}, o.listSignatures)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/mailboxes/{id}/signature",
		Summary: "Set a signature, the user's own or the common one of a mailbox"}, o.saveSignature)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/templates",
		Summary: "Templates: the user's own and the shared ones"}, o.listTemplates)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/templates", Summary: "Add a template",
		Status: 201}, o.addTemplate)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/templates/{id}",
		Summary: "Change a template"}, o.changeTemplate)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/templates/{id}",
		Summary: "Remove a template"}, o.deleteTemplate)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/templates/{id}/fill",
		Summary: "A template with what the user may know of a client in its places"}, o.fillTemplate)
}

// SignatureInput is a signature to be.
type SignatureInput struct {
	HTML   string `json:"html" maxLength:"100000" doc:"Without words: none"`
	Common bool   `json:"common,omitempty" doc:"Of all who write as the mailbox and have none of their own"`
}

// TemplateInput is a template to be.
type TemplateInput struct {
	Name    string `json:"name" minLength:"1" maxLength:"200"`
	Subject string `json:"subject" maxLength:"800"`
	HTML    string `json:"html" maxLength:"100000" doc:"Places such as {{contact.name}}, or {{contact.first_name|friend}} with words for where there is nothing"`
	Shared  bool   `json:"shared,omitempty" doc:"Everybody uses it"`
}

type (
	signatureSave struct {
		api.ByID
		Body SignatureInput
	}
	templateAdd    struct{ Body TemplateInput }
	templateChange struct {
		api.ByID
		Body TemplateInput
	}
	templateFill struct {
		api.ByID
		Body FillInput
	}
)

func (o *Operations) listSignatures(ctx context.Context, _ *api.None) (api.Page[compose.Signature], error) {
	return api.List(o.kit.Signatures(ctx, api.UserOf(ctx).ID))
}

func (o *Operations) saveSignature(ctx context.Context, in *signatureSave) error {
	return o.kit.SaveSignature(ctx, api.UserOf(ctx).ID, in.ID, in.Body.HTML, in.Body.Common)
}

func (o *Operations) listTemplates(ctx context.Context, _ *api.None) (api.Page[compose.Template], error) {
	return api.List(o.kit.Templates(ctx, api.UserOf(ctx).ID))
}

func (o *Operations) addTemplate(ctx context.Context, in *templateAdd) (compose.Template, error) {
	return o.saveTemplate(ctx, "", in.Body)
}

func (o *Operations) changeTemplate(ctx context.Context, in *templateChange) (compose.Template, error) {
	return o.saveTemplate(ctx, in.ID, in.Body)
}

func (o *Operations) saveTemplate(ctx context.Context, id string, in TemplateInput) (compose.Template, error) {
	u := api.UserOf(ctx)
	return o.kit.SaveTemplate(ctx, u.ID, api.IsAdmin(u), compose.Template{ID: id, Name: in.Name, Subject: in.Subject,
		HTML: in.HTML, Shared: in.Shared})
}

func (o *Operations) deleteTemplate(ctx context.Context, in *api.ByID) error {
	u := api.UserOf(ctx)
	return o.kit.DeleteTemplate(ctx, u.ID, api.IsAdmin(u), in.ID)
}

func (o *Operations) fillTemplate(ctx context.Context, in *templateFill) (compose.Filled, error) {
	t, err := o.kit.Template(ctx, api.UserOf(ctx).ID, in.ID)
	if err != nil || len(t.Places()) == 0 {
		return t.Fill(nil), err
	}
	values, err := o.known(ctx, in.Body)
	return t.Fill(values), err
}
