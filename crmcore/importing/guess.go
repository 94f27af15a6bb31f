package importing

import (
	"slices"
	"strings"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/record"
)

// Target is what a column of a file is in a record; "" is left out, "field:ID" a field of the company's own.
type Target string

const (
	leftOut     Target = ""
	name        Target = "name"
	firstName   Target = "first_name"
	lastName    Target = "last_name"
	position    Target = "position"
	company     Target = "company"
	phone       Target = "phone"
	email       Target = "email"
	website     Target = "website"
	comment     Target = "comment"
	responsible Target = "responsible"
	title       Target = "title"
	ownField           = "field:"
)

// Targets are what a kind of record can be given, besides fields of the company's own.
func Targets(kind record.Kind) []Target {
	switch kind {
	case record.Contact:
		return []Target{name, firstName, lastName, phone, email, company, position, comment, responsible}
	case record.Company:
		return []Target{name, phone, email, website, comment, responsible}
	}
	return []Target{title, name, firstName, lastName, phone, email, company, comment, responsible}
}

// headings are what the exports of others call it: Bitrix24 (English and Russian), HubSpot, Pipedrive, EspoCRM, Google
// and Outlook, and what people write.
func headings() map[Target][]string {
	return map[Target][]string{
		name: {"name", "full name", "contact", "contact name", "display name", "nume", "nume complet", "имя и фамилия",
			"фио", "полное имя", "контакт", "person", "наименование"},
		firstName: {"first name", "given name", "prenume", "имя"},
		lastName:  {"last name", "family name", "surname", "nume de familie", "фамилия"},
		position:  {"position", "job title", "title", "функция", "должность", "functie", "post", "role"},
		company: {"company", "company name", "associated company", "account", "account name", "organization",
			"organization name", "organisation", "firma", "companie", "компания", "название компании", "организация"},
		website: {"website", "website url", "web site", "web", "site", "сайт", "корпоративный сайт",
			"company domain name"},
		comment: {"comment", "comments", "note", "notes", "description", "comentariu", "комментарий", "описание",
			"about us"},
		title: {"title", "lead name", "lead title", "lead", "subject", "название лида", "название",
			"titlu", "deal name"},
		responsible: {"responsible", "responsible person", "owner", "contact owner", "company owner", "lead owner",
			"assigned user", "assigned to", "ответственный", "responsabil"},
	}
}

// Guess says what each column probably is. The own names of a company's fields come first.
func Guess(kind record.Kind, columns []string, fields []field.Field) []Target {
	out := make([]Target, len(columns))
	for i, c := range columns {
		t := guessOne(kind, c, fields)
		if t != phone && t != email && slices.Contains(out[:i], t) {
			t = leftOut
		}
		out[i] = t
	}
	return out
}

func guessOne(kind record.Kind, column string, fields []field.Field) Target {
	marks := strings.NewReplacer("_", " ", "*", " ", ":", " ")
	text := strings.Join(strings.Fields(marks.Replace(fold.Text(column))), " ")
	for _, f := range fields {
		if slices.Contains(f.Kinds, kind) && fold.Text(f.Name) == text {
			return Target(ownField + f.ID)
		}
	}
	for _, of := range []string{"person - ", "organization - ", "lead - ", "contact ", "company "} {
		if rest, is := strings.CutPrefix(text, of); is && (of[len(of)-2] == '-' || has(kind, rest)) {
			if of == "organization - " && kind != record.Company && rest == "name" {
				return company
			}
			text = rest
			break
		}
	}
	may := Targets(kind)
	if kind == record.Company && called(company, text) {
		return name
	}
	if t := reach(text); t != leftOut {
		return t
	}
	for _, t := range may {
		if called(t, text) {
			return t
		}
	}
	return leftOut
}

// called tells whether something goes by such a heading.
func called(t Target, text string) bool {
	return slices.ContainsFunc(headings()[t], func(h string) bool { return fold.Text(h) == text })
}

// has tells whether a text is the heading of something that the kind has.
func has(kind record.Kind, text string) bool {
	return slices.ContainsFunc(Targets(kind), func(t Target) bool {
		return t != name && t != title && called(t, text)
	})
}

// reach tells columns of numbers and mailboxes, of which a file may have several.
func reach(text string) Target {
	contains := func(parts ...string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(text, p) })
	}
	switch {
	case contains("opt out", "domain", "status", "type", "label", "date", "bounce", "source", "extension", "count"):
		return leftOut
	case contains("e-mail", "email", "mail address", "adresa de mail", "почта") || text == "mail":
		return email
	case contains("phone", "telefon", "телефон", "mobile", "mobil", "мобильн"):
		return phone
	}
	return leftOut
}
