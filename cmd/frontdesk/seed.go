package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// The demo company. Its people share one password: it listens on loopback only.
const (
	demoPassword = "frontdesk-demo"
	demoDomain   = "acme.example"
	demoClients  = "clients.example" // where the demo's clients have their mail
)

// demoUser is a person of the demo company.
type demoUser struct {
	login, name, extension, department, locale string
	role                                       people.Role
	access                                     people.Access
}

func (u demoUser) mailbox() string { return u.login + "@" + demoDomain }

func demoUsers() []demoUser {
	return []demoUser{
		{"elena", "Elena Popescu", "100", "Office", "en", people.Admin, people.AccessAll},
		{"maria", "Maria Ionescu", "101", "Sales", "en", people.Staff, people.AccessDepartment},
		{"andrei", "Andrei Rusu", "102", "Sales", "en", people.Staff, people.AccessDepartment},
		{"ion", "Ion Ceban", "103", "Sales", "ro", people.Staff, people.AccessOwn},
		{"olga", "Olga Petrova", "104", "Support", "ru", people.Staff, people.AccessAll},
	}
}

func demoNumbers() []string { return []string{"+40215550100", "+40215550101"} }

// demoContact is a client of the demo company.
type demoContact struct {
	name, position, company, phone, second, email, responsible string
	deal                                                       string
	amount                                                     int64
	stage                                                      int
}

func demoContacts() []demoContact {
	return []demoContact{
		{"Radu Georgescu", "Purchasing manager", "Carpatica Foods", "+40721550001", "+40215551201", "radu@clients.example", "maria", "Cold store, 2 lines", 1250000, 2},
		{"Ioana Marin", "Owner", "Atelier Marin", "+40722550002", "", "ioana@clients.example", "maria", "Yearly service", 240000, 1},
		{"Victor Munteanu", "Director", "Moldagro", "+37369550003", "+37322550003", "victor@clients.example", "andrei", "Irrigation, phase 1", 3900000, 0},
		{"Natalia Sidorova", "Head of logistics", "Dunărea Trans", "+40723550004", "", "natalia@clients.example", "andrei", "Fleet phones", 480000, 1},
		{"Mihai Stan", "Engineer", "Carpatica Foods", "+40724550005", "+40215551201", "mihai@clients.example", "maria", "", 0, 0},
		{"Clara Weber", "Buyer", "Nordlicht GmbH", "+4930550006", "", "clara@clients.example", "ion", "Trial order", 95000, 0},
		{"Pavel Lungu", "Partner", "Lungu & Fiii", "+40725550007", "", "pavel@clients.example", "ion", "Spare parts", 61000, 3},
		{"Alina Dobre", "Office manager", "Clinica Vita", "+40726550008", "", "alina@clients.example", "andrei", "Reception desk", 720000, 2},
	}
}

// seed fills an empty installation with the demo company; one that has users stays as it is.
func seed(ctx context.Context, n *node, trunk directory.Trunk) error {
	users, err := n.core.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	s := &seeder{node: n, ctx: ctx, users: map[string]string{}}
	s.people()
	s.telephony(trunk)
	s.clients()
	s.leads()
	s.rules()
	return s.err
}

// seeder carries the first error, so that the steps read as a list.
type seeder struct {
	*node
	ctx         context.Context
	users       map[string]string // login → id
	departments map[string]string // name → id
	err         error
}

func (s *seeder) do(what string, fn func() error) {
	if s.err == nil {
		if err := fn(); err != nil {
			s.err = fmt.Errorf("demo company: %s: %w", what, err)
		}
	}
}

func (s *seeder) people() {
	s.departments = map[string]string{}
	parent := ""
	for _, name := range []string{"Acme", "Office", "Sales", "Support"} {
		s.do(name, func() error {
			d, err := s.core.CreateDepartment(s.ctx, people.System(), people.Department{Name: name, Parent: parent})
			s.departments[name] = d.ID
			if name == "Acme" {
				parent = d.ID
			}
			return err
		})
	}
	s.do("mail domain", func() error { _, err := s.box.CreateDomain(s.ctx, demoDomain); return err })
	for _, u := range demoUsers() {
		s.do(u.login, func() error { return s.person(u) })
	}
	s.do("office mailbox", func() error {
		_, err := s.box.CreateMailbox(s.ctx, mail.Mailbox{Address: "office@" + demoDomain, Name: "Acme",
			Users: []string{s.users["elena"], s.users["maria"]}, Shared: true})
		return err
	})
}

func (s *seeder) person(u demoUser) error {
	address := u.mailbox()
	user, err := s.core.CreateUser(s.ctx, people.System(), people.NewUser{Password: demoPassword, User: people.User{
		Login: u.login, Name: u.name, Email: address, Role: u.role, Department: s.departments[u.department],
		Locale: u.locale, Access: u.access, Active: true,
	}})
	if err != nil {
		return err
	}
	s.users[u.login] = user.ID
	if _, err := s.box.CreateMailbox(s.ctx, mail.Mailbox{Address: address, Name: u.name,
		Users: []string{user.ID}}); err != nil {
		return err
	}
	return s.directory.SaveExtension(s.ctx, &dialplan.Extension{Number: u.extension,
		Destination: dialplan.Destination{Kind: "user", User: user.ID, Seconds: 25}})
}

func (s *seeder) telephony(trunk directory.Trunk) {
	s.do("trunk", func() error { return s.directory.SaveTrunk(s.ctx, &trunk) })
	sales := []string{s.users["maria"], s.users["andrei"], s.users["ion"]}
	s.do("first number", func() error {
		return s.directory.SaveNumber(s.ctx, &dialplan.Number{E164: demoNumbers()[0], Trunk: trunk.ID, Label: "Sales",
			Destination: dialplan.Destination{Responsible: true, Kind: "group", Users: sales, Seconds: 25}})
	})
	s.do("second number", func() error {
		return s.directory.SaveNumber(s.ctx, &dialplan.Number{E164: demoNumbers()[1], Trunk: trunk.ID, Label: "Office",
			Destination: dialplan.Destination{Responsible: true, Kind: "user", User: s.users["elena"], Seconds: 25}})
	})
	s.do("sales group", func() error {
		return s.directory.SaveExtension(s.ctx,
			&dialplan.Extension{Number: "200",
				Destination: dialplan.Destination{Kind: "group", Users: sales, Seconds: 25}})
	})
	s.do("countries", func() error {
		return s.directory.SavePolicy(s.ctx, dialplan.OutboundPolicy{Countries: []string{"RO", "MD", "DE"}})
	})
}

func (s *seeder) clients() {
	companies := map[string]string{}
	var pipeline crmcore.Pipeline
	s.do("pipeline", func() (err error) {
		pipeline, err = s.core.SavePipeline(s.ctx, people.System(), firstPipeline())
		return err
	})
	for _, c := range demoContacts() {
		responsible := s.users[c.responsible]
		s.do(c.company, func() error {
			if companies[c.company] != "" {
				return nil
			}
			made, err := s.core.CreateCompany(s.ctx, people.System(),
				crmcore.Company{Name: c.company, Responsible: responsible})
			companies[c.company] = made.ID
			return err
		})
		s.do(c.name, func() error {
			made, err := s.core.CreateContact(s.ctx, people.System(), crmcore.Contact{
				Name: c.name, Position: c.position, Company: companies[c.company], Responsible: responsible,
				Points: points(c),
			})
			if err != nil || c.deal == "" {
				return err
			}
			_, err = s.core.CreateDeal(s.ctx, people.System(), crmcore.Deal{
				Title: c.deal, Contact: made.ID, Company: companies[c.company], Pipeline: pipeline.ID,
				Stage: pipeline.Stages[c.stage].ID, Amount: c.amount, Currency: "EUR", Responsible: responsible,
			})
			return err
		})
	}
}

func points(c demoContact) []record.Point {
	list := []record.Point{
		{Kind: address.Phone, Raw: c.phone, Label: "mobile"},
		{Kind: address.Email, Raw: c.email, Label: "work"},
	}
	if c.second != "" {
		list = append(list, record.Point{Kind: address.Phone, Raw: c.second, Label: "office"})
	}
	return list
}

func (s *seeder) leads() {
	for _, l := range []crmcore.Lead{
		{Title: "Asked for an offer at the fair", Name: "Sorin Pop", CompanyName: "Pop Construct", Source: "manual",
			Responsible: s.users["maria"],
			Points:      []record.Point{{Kind: address.Phone, Raw: "+40727550011"}}},
		{Title: "Web enquiry", Name: "Lidia Moraru", Source: "manual", Responsible: s.users["andrei"],
			Points: []record.Point{{Kind: address.Email, Raw: "lidia@clients.example"}}},
	} {
		s.do(l.Title, func() error {
			made, err := s.core.CreateLead(s.ctx, people.System(), l)
			if err != nil {
				return err
			}
			due := time.Now().Add(26 * time.Hour)
			_, err = s.core.AddTask(s.ctx, people.System(), record.Ref{Kind: record.Lead, ID: made.ID},
				timeline.NewTask{Title: "Call back", User: l.Responsible, Due: &due})
			return err
		})
	}
}

func (s *seeder) rules() {
	s.do("rules", func() error {
		_, err := s.core.SaveRule(s.ctx, people.System(), rules.Rule{
			Name: "Unknown callers and senders go to the next free seller", Active: true,
			Then: rules.Action{Create: true, Assign: "next_available", Department: s.departments["Sales"]},
		})
		return err
	})
}

// nameOf the demo's client behind a number or address; another one goes by what stands before the @.
func nameOf(address string) string {
	for _, c := range demoContacts() {
		if address == c.phone || address == c.email {
			return c.name
		}
	}
	local, _, _ := strings.Cut(address, "@")
	return local
}
