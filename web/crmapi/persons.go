package crmapi

import (
	"context"
	"io"
	"os"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/record"
	"frontdesk/intake/person"
	"frontdesk/web/api"
)

// PersonInput is who else is asked about.
type PersonInput struct {
	Also []record.Ref `json:"also,omitempty" maxItems:"50" doc:"Others that are the same person"`
}

// Erasure is who is erased.
type Erasure struct {
	PersonInput
	Name string `json:"name" maxLength:"400" doc:"The name of the record, typed: so that nobody is erased by mistake"`
}

// PersonPath names a contact or lead.
type PersonPath struct {
	Kind record.Kind `path:"kind" enum:"contact,lead"`
	ID   string      `path:"id" maxLength:"100"`
}

func (p PersonPath) ref() record.Ref { return p.Kind.Ref(p.ID) }

type (
	personInput struct {
		PersonPath
		Body PersonInput
	}
	erasure struct {
		PersonPath
		Body Erasure
	}
	personQuery struct {
		PersonPath
		Also []string `query:"also" maxItems:"50" doc:"kind:id of others that are the same person"`
	}
)

func (o *Operations) routePersons(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Persons", Access: api.Admins, Audit: api.AuditData,
		Pattern: "POST /persons/{kind}/{id}/find", Summary: "What there is of one person, in all rooms"},
		o.findPerson)
	api.Raw(f, api.Route{Tag: "Persons", Access: api.Admins, Audit: api.AuditData,
		Pattern: "GET /persons/{kind}/{id}/file", Streams: "application/zip",
		Summary: "All that there is of one person: JSON, mails and recordings in a ZIP"}, o.personFile)
	api.Add(f, api.Route{Tag: "Persons", Access: api.Admins, Audit: api.AuditData, Person: true,
		Pattern: "POST /persons/{kind}/{id}/erase", Summary: "Erase all that there is of one person, for good"},
		o.erasePerson)
}

func (o *Operations) findPerson(ctx context.Context, in *personInput) (person.Found, error) {
	return o.persons.Find(ctx, api.UserOf(ctx), in.ref(), in.Body.Also)
}

// personFile is written whole before its first byte is sent.
func (o *Operations) personFile(ctx context.Context, in *personQuery) (*api.StreamOutput, error) {
	var also []record.Ref
	for _, text := range in.Also {
		kind, id, _ := strings.Cut(text, ":")
		also = append(also, record.Kind(kind).Ref(id))
	}
	file, err := os.CreateTemp("", "frontdesk-person-*")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name()) // it lives as long as it is open
	err = o.persons.Write(ctx, api.UserOf(ctx), in.ref(), also, file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &api.StreamOutput{Body: func(to huma.Context) {
		defer file.Close()
		to.SetHeader("Content-Type", "application/zip")
		to.SetHeader("Content-Disposition", `attachment; filename="person.zip"`)
		io.Copy(to.BodyWriter(), file) // to a client that may be gone
	}}, nil
}

func (o *Operations) erasePerson(ctx context.Context, in *erasure) (person.Found, error) {
	found, err := o.persons.Find(ctx, api.UserOf(ctx), in.ref(), in.Body.Also)
	if err != nil {
		return found, err
	}
	if strings.TrimSpace(in.Body.Name) != strings.TrimSpace(found.Name) {
		return found, huma.Error422UnprocessableEntity("Type the name as it stands on the card.")
	}
	return o.persons.Erase(ctx, api.UserOf(ctx), in.ref(), in.Body.Also)
}
