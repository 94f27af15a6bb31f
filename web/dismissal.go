package web

import (
	"cmp"
	"context"

	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/web/api"
)

// Holdings are what somebody holds, and would have to be handed over.
type Holdings struct {
	crmcore.Holdings
	Numbers   []string `json:"numbers" doc:"Numbers and extensions that ring him"`
	Mailboxes []string `json:"mailboxes" doc:"Addresses of the mailboxes that he reads and sends as"`
	Phones    int      `json:"phones" doc:"Accounts of his desk phones; they are switched off"`
}

// Dismissal says to whom goes what somebody held. An API token that may do this makes no log-in: it ends one.
type Dismissal struct {
	To        string `json:"to" minLength:"1" maxLength:"100" doc:"Id of the user who takes over all that is not named below"`
	Clients   string `json:"clients,omitempty" maxLength:"100" doc:"Who takes over contacts, companies, leads, and the rules that give him new ones"`
	Deals     string `json:"deals,omitempty" maxLength:"100"`
	Tasks     string `json:"tasks,omitempty" maxLength:"100" doc:"Who takes over tasks and mails that wait for an answer"`
	Numbers   string `json:"numbers,omitempty" maxLength:"100" doc:"Whom his numbers, extensions and places in groups ring from now on; meeting rooms go along"`
	Mailboxes string `json:"mailboxes,omitempty" maxLength:"100"`
}

type userDismiss struct {
	api.ByID
	Body Dismissal
}

func (s *Server) holdings(ctx context.Context, in *api.ByID) (h Holdings, err error) {
	if h.Holdings, err = s.deps.Core.Holdings(ctx, in.ID); err != nil {
		return h, err
	}
	itself, err := automation.NamesFor(ctx, s.deps.DB, in.ID)
	if err != nil {
		return h, err
	}
	h.Rules = append(h.Rules, itself...)
	if h.Numbers, err = s.deps.Directory.Leading(ctx, in.ID); err != nil {
		return h, err
	}
	boxes, err := s.deps.Mail.MailboxesOf(ctx, in.ID)
	for _, box := range boxes {
		h.Mailboxes = append(h.Mailboxes, box.Address)
	}
	if err != nil {
		return h, err
	}
	phones, err := s.deps.Directory.Devices(ctx, in.ID)
	h.Phones = len(phones)
	return h, err
}

// dismiss hands over in one transaction all that somebody holds, and ends his log-ins at every door.
func (s *Server) dismiss(ctx context.Context, in *userDismiss) (people.User, error) {
	// a hundred thousand clients take longer than a screen may
	ctx, to, user := store.As(ctx, store.Reports, ""), in.Body, in.ID
	numbers, mailboxes := cmp.Or(to.Numbers, to.To), cmp.Or(to.Mailboxes, to.To)
	heirs := crmcore.Heirs{Clients: cmp.Or(to.Clients, to.To), Deals: cmp.Or(to.Deals, to.To),
		Tasks: cmp.Or(to.Tasks, to.To), Others: []string{to.To, numbers, mailboxes}}
	err := s.deps.Core.Dismiss(ctx, api.UserOf(ctx), user, heirs, func(tx *store.Tx) error {
		if err := s.deps.Directory.HandOver(ctx, tx, user, numbers); err != nil {
			return err
		}
		if err := s.deps.Mail.HandOver(ctx, tx, user, mailboxes); err != nil {
			return err
		}
		if err := automation.Give(ctx, tx, user, cmp.Or(to.Clients, to.To)); err != nil {
			return err
		}
		if err := s.deps.Calling.Leave(ctx, tx, user, cmp.Or(to.Clients, to.To)); err != nil {
			return err
		}
		for _, table := range []string{"session", "mail_password", "mail_carbon"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE user_id = $1`, user); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return people.User{}, err
	}
	return s.switched(ctx, user)
}

// reinstate lets somebody back in.
func (s *Server) reinstate(ctx context.Context, in *api.ByID) (people.User, error) {
	ctx = store.As(ctx, store.Reports, "")
	u, err := s.deps.Core.User(ctx, in.ID)
	if err != nil {
		return u, err
	}
	if err := byPerson(ctx, api.IsAdmin(u)); err != nil {
		return u, err
	}
	err = s.deps.Core.Reinstate(ctx, api.UserOf(ctx), in.ID, func(tx *store.Tx) error {
		return s.deps.Directory.SwitchPhones(ctx, tx, in.ID, true)
	})
	if err != nil {
		return u, err
	}
	return s.switched(ctx, in.ID)
}
