package mailapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail/domain"
	"frontdesk/mail/passwords"
	"frontdesk/web/api"
)

// MailPasswordInput is a password of a mail program to be.
type MailPasswordInput struct {
	Name  string `json:"name" minLength:"1" maxLength:"100" doc:"What it is for"`
	Reads bool   `json:"reads" doc:"It opens IMAP"`
	Sends bool   `json:"sends" doc:"It opens SMTP"`
}

// MadePassword is a password with what is told of it this once.
type MadePassword struct {
	passwords.Password
	Secret string `json:"secret" doc:"Never told again"`
}

// MailPasswordRule says whether people's own passwords open mail programs.
type MailPasswordRule struct {
	Only    bool `json:"only" doc:"The user's own password opens no mail program"`
	Company bool `json:"company" doc:"Nobody's does; for an administrator to change"`
}

type (
	passwordMake struct{ Body MailPasswordInput }
	passwordRule struct{ Body MailPasswordRule }
	// PasswordsOf says whose are asked for.
	PasswordsOf struct {
		User string `query:"user" maxLength:"100" doc:"Id; another's, for an admin"`
	}
	passwordEnd struct {
		api.ByID
		PasswordsOf
	}
	aliasSet  struct{ Body domain.Alias }
	aliasPath struct {
		Address string `path:"address" maxLength:"320"`
	}
)

func (o *Operations) routesPasswords(f *api.Frame) {
	const tag = "Mail passwords"
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/passwords",
		Summary: "The user's passwords for mail programs"}, o.listPasswords)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/passwords",
		Summary: "Make a password for a mail program; it is told this once", Status: 201}, o.makePassword)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "DELETE /mail/passwords/{id}",
		Summary: "Revoke a password for a mail program, at once"}, o.revokePassword)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/password-rule",
		Summary: "Whether one's own password opens mail programs"}, o.getPasswordRule)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "PUT /mail/password-rule",
		Summary: "Say whether one's own password opens mail programs"}, o.setPasswordRule)

	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "GET /mail/aliases",
		Summary: "Addresses without a mailbox of their own, and where they lead"}, o.listAliases)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "PUT /mail/aliases",
		Summary: "Have an address, or the rest of a domain, lead to mailboxes"}, o.setAlias)
	api.Do(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "DELETE /mail/aliases/{address}",
		Summary: "Have an address lead nowhere"}, o.removeAlias)
}

// whose are the passwords that are asked for: others' only an admin may see and revoke.
func whose(ctx context.Context, asked string) (string, error) {
	u := api.UserOf(ctx)
	if asked == "" || asked == u.ID {
		return u.ID, nil
	}
	if !api.IsAdmin(u) {
		return "", api.ErrNotYours
	}
	return asked, nil
}

func (o *Operations) listPasswords(ctx context.Context, in *PasswordsOf) (api.Page[passwords.Password], error) {
	user, err := whose(ctx, in.User)
	if err != nil {
		return api.Page[passwords.Password]{}, err
	}
	return api.List(o.passwords.Of(ctx, user))
}

func (o *Operations) makePassword(ctx context.Context, in *passwordMake) (MadePassword, error) {
	if err := api.NoKeys(ctx, o.demo); err != nil {
		return MadePassword{}, err
	}
	made, secret, err := o.passwords.Make(ctx, api.UserOf(ctx).ID,
		passwords.Password{Name: in.Body.Name, Reads: in.Body.Reads, Sends: in.Body.Sends})
	if errors.Is(err, passwords.ErrInvalid) || errors.Is(err, passwords.ErrTooMany) {
		err = huma.NewError(http.StatusUnprocessableEntity, err.Error())
	}
	return MadePassword{made, secret}, err
}

func (o *Operations) revokePassword(ctx context.Context, in *passwordEnd) error {
	user, err := whose(ctx, in.User)
	if err != nil {
		return err
	}
	if err := o.passwords.Revoke(ctx, user, in.ID); err != nil {
		return err
	}
	o.ends(user)
	return nil
}

func (o *Operations) getPasswordRule(ctx context.Context, _ *api.None) (r MailPasswordRule, err error) {
	r.Only, r.Company, err = o.passwords.Rule(ctx, api.UserOf(ctx).ID)
	return r, err
}

func (o *Operations) setPasswordRule(ctx context.Context, in *passwordRule) (MailPasswordRule, error) {
	now, err := o.getPasswordRule(ctx, nil)
	if err != nil {
		return now, err
	}
	if in.Body.Company != now.Company {
		if !api.IsAdmin(api.UserOf(ctx)) {
			return now, huma.Error403Forbidden("Only an administrator changes it for everybody.")
		}
		if err := o.passwords.SetOnly(ctx, "", in.Body.Company); err != nil {
			return now, err
		}
	}
	user := api.UserOf(ctx).ID
	if err := o.passwords.SetOnly(ctx, user, in.Body.Only); err != nil {
		return now, err
	}
	if in.Body.Only && !now.Only {
		o.ends(user)
	}
	return o.getPasswordRule(ctx, nil)
}

func (o *Operations) listAliases(ctx context.Context, _ *api.None) (api.Page[domain.Alias], error) {
	return api.List(o.box.Aliases(ctx))
}

func (o *Operations) setAlias(ctx context.Context, in *aliasSet) (domain.Alias, error) {
	a, err := o.box.SetAlias(ctx, in.Body)
	if errors.Is(err, domain.ErrRelay) {
		err = huma.NewError(http.StatusUnprocessableEntity, err.Error())
	}
	return a, err
}

func (o *Operations) removeAlias(ctx context.Context, in *aliasPath) error {
	return o.box.RemoveAlias(ctx, in.Address)
}
