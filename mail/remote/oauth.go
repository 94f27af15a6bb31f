package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Standard fills what is known of Google and Microsoft.
func (o OAuth) Standard(provider string) OAuth {
	at := slices.IndexFunc(presets(), func(p preset) bool { return p.provider == provider })
	if at < 0 {
		return o
	}
	p := presets()[at]
	o.Servers, o.KeepsSent, o.Domains = p.servers, p.keepsSent, strings.Fields(p.domains)
	switch provider {
	case "google":
		o.AuthURL, o.TokenURL = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token"
		o.Scopes = []string{"https://mail.google.com/"}
	case "microsoft":
		o.AuthURL = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
		o.TokenURL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
		o.Scopes = []string{"https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"}
	}
	return o
}

func (o OAuth) config(redirect string) *oauth2.Config {
	return &oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes, RedirectURL: redirect,
		Endpoint: oauth2.Endpoint{AuthURL: o.AuthURL, TokenURL: o.TokenURL}}
}

// consent is what a log-in at a provider is about, sealed into the state that it gives back: no other browser can end
// what one began (RFC 6749 section 10.12).
type consent struct {
	User     string    `json:"user"`
	Provider string    `json:"provider"`
	Address  string    `json:"address"`
	Name     string    `json:"name"`
	Redirect string    `json:"redirect"`
	Verifier string    `json:"verifier"` // PKCE (RFC 7636)
	Until    time.Time `json:"until"`
}

const (
	consentTime    = 15 * time.Minute
	consentPurpose = "consent"
)

// Ask is the address of the provider at which a user lets us at a mailbox; it sends him back to redirect.
func (s *Accounts) Ask(ctx context.Context, user string, in Input, redirect string) (string, error) {
	known, err := s.Lookup(ctx, in.Address)
	if err != nil {
		return "", err
	}
	provider, set := s.config.OAuth[known.Provider]
	if !set {
		return "", fmt.Errorf("%s has no log-in by the browser here: %w", in.Address, mail.ErrInvalid)
	}
	c := consent{User: user, Provider: known.Provider, Address: in.Address, Name: in.Name, Redirect: redirect,
		Verifier: oauth2.GenerateVerifier(), Until: time.Now().Add(consentTime)}
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	state := s.config.Seal.Close(consentPurpose, text)
	return provider.config(redirect).
		AuthCodeURL(state, oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(c.Verifier),
			oauth2.SetAuthURLParam("prompt", "consent"), oauth2.SetAuthURLParam("login_hint", in.Address)), nil
}

// Agreed ends what Ask began: the account is made, or has new tokens. ErrConsent when the provider does not know the
// code, or it comes from elsewhere.
func (s *Accounts) Agreed(ctx context.Context, user, state, code string) (Account, error) {
	var c consent
	text, err := s.config.Seal.Open(consentPurpose, state)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil || c.User != user || time.Now().After(c.Until) {
		return Account{}, fmt.Errorf("this log-in was not begun here, or too long ago: %w", ErrConsent)
	}
	provider := s.config.OAuth[c.Provider]
	token, err := provider.config(c.Redirect).Exchange(s.client(ctx), code, oauth2.VerifierOption(c.Verifier))
	if err != nil {
		return Account{}, fmt.Errorf("%w: %w", ErrConsent, short(err))
	}
	if token.RefreshToken == "" {
		return Account{}, fmt.Errorf("the provider gives no lasting permission: %w", ErrConsent)
	}
	secret, err := json.Marshal(token)
	if err != nil {
		return Account{}, err
	}
	a := Account{Address: c.Address, Provider: c.Provider, Login: c.Address, Servers: provider.Servers,
		keepsSent: provider.KeepsSent, Days: standardDays}
	address, _, err := mime.SplitAddress(c.Address)
	if err != nil {
		return Account{}, err
	}
	old, err := first(s.read(ctx, `JOIN mailbox_user u ON u.mailbox = m.id AND u.user_id = $1 WHERE m.address = $2`, user, address))
	if err == nil {
		return s.renew(ctx, old, a, secret)
	}
	return s.make(ctx, user, a, c.Name, string(secret))
}

func (s *Accounts) client(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, s.http)
}

// short is what the provider says, without what is of no use to a person.
func short(err error) error {
	var told *oauth2.RetrieveError
	if errors.As(err, &told) && told.ErrorCode != "" {
		return errors.New(strings.TrimSpace(told.ErrorCode + " " + told.ErrorDescription))
	}
	return err
}

// token is a valid token of an account: the one that is kept, or a new one for it. Of the nodes that renew one at the
// same time the first counts; a provider may make the older refresh token void.
func (s *Accounts) token(ctx context.Context, a Account) (string, error) {
	s.renewal.Lock()
	defer s.renewal.Unlock()
	a, err := s.one(ctx, "", a.ID) // as it is now
	if err != nil {
		return "", err
	}
	var kept oauth2.Token
	text, err := s.open(a)
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return "", err
	}
	if time.Until(kept.Expiry) > time.Minute {
		return kept.AccessToken, nil
	}
	kept.Expiry = time.Now().Add(-time.Hour)
	fresh, err := s.config.OAuth[a.Provider].config("").TokenSource(s.client(ctx), &kept).Token()
	var told *oauth2.RetrieveError
	if errors.As(err, &told) && told.Response != nil && told.Response.StatusCode/100 == 4 {
		if now, again := s.one(ctx, "", a.ID); again == nil && now.secret != a.secret {
			return "", errors.New("another node has renewed the permission meanwhile")
		}
		return "", fmt.Errorf("%w: %w", ErrConsent, short(err))
	}
	if err != nil {
		return "", short(err)
	}
	if text, err = json.Marshal(fresh); err != nil {
		return "", err
	}
	_, err = s.db.Exec(ctx, `UPDATE mail_remote SET secret = $1 WHERE id = $2 AND secret = $3`, s.close(a.ID, text), a.ID, a.secret)
	return fresh.AccessToken, err
}

// renew gives an account that the user has already the tokens of a new log-in.
func (s *Accounts) renew(ctx context.Context, old, as Account, secret []byte) (Account, error) {
	_, err := s.db.Exec(ctx, `UPDATE mail_remote SET secret = $1, provider = $2, login = $3, imap = $4, imap_tls = $5, smtp = $6, smtp_tls = $7,
		keeps_sent = $8, state = $9, told = '', since = $10, active = $11, version = version + 1 WHERE id = $12`, s.close(old.ID, secret), as.Provider, as.Login, as.IMAP,
		as.IMAPTLS, as.SMTP, as.SMTPTLS, as.keepsSent, Fresh, store.Micros(time.Now()), true, old.ID)
	if err != nil {
		return old, err
	}
	s.config.Changed(ctx, old.ID)
	return s.one(ctx, "", old.ID)
}

func (s *Accounts) open(a Account) ([]byte, error) {
	return s.config.Seal.Open("mailbox "+a.ID, a.secret)
}
