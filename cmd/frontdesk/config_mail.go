package main

import (
	"context"
	"io"

	"frontdesk/mail/virus"
)

type MailConfig struct {
	Hostname    string `yaml:"hostname"`
	SMTP        string `yaml:"smtp"`
	Submission  string `yaml:"submission"`
	Submissions string `yaml:"submissions"`
	IMAP        string `yaml:"imap"`
	IMAPS       string `yaml:"imaps"`
	Resolver    string `yaml:"resolver"`
	Deliver     string `yaml:"deliver"` // mx, smarthost, none
	SmartHost   string `yaml:"smarthost"`
	SmartUser   string `yaml:"smarthost_user"`
	SmartPass   string `yaml:"smarthost_password"`
	SmartTLS    string `yaml:"smarthost_tls"` // "", starttls, tls
	MaxSize     int64  `yaml:"max_size"`

	Blocklists []string `yaml:"blocklists"` // zones of DNS lists that are asked whether they name us
	DNSBL      []string `yaml:"dnsbl"`      // zones of DNS lists that are asked about who brings mail
	Clamd      string   `yaml:"clamd"`      // host:port or the path of a socket of a clamd that scans mail

	Elsewhere ElsewhereConfig `yaml:"elsewhere"`
}

// ElsewhereConfig is for mailboxes kept elsewhere.
type ElsewhereConfig struct {
	Allow []string               `yaml:"allow"` // addresses or CIDRs of servers in private networks
	OAuth map[string]OAuthConfig `yaml:"oauth"` // by provider: google, microsoft, or a name of one's own
}

// OAuthConfig is the company's registration at a provider. Of google and microsoft all but the client is known.
type OAuthConfig struct {
	ClientID     string   `yaml:"client_id"`
	ClientSecret string   `yaml:"client_secret"`
	AuthURL      string   `yaml:"auth_url"`
	TokenURL     string   `yaml:"token_url"`
	Scopes       []string `yaml:"scopes"`
	Domains      []string `yaml:"domains"`
	IMAP         string   `yaml:"imap"`
	IMAPTLS      string   `yaml:"imap_tls"`
	SMTP         string   `yaml:"smtp"`
	SMTPTLS      string   `yaml:"smtp_tls"`
}

// scan is the virus scanner; nil where there is none.
func (c MailConfig) scan() func(context.Context, io.Reader) (string, error) {
	if c.Clamd == "" {
		return nil
	}
	return virus.New(c.Clamd).Scan
}
