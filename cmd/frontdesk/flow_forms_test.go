package main

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"frontdesk/mail/smtpd"
)

// What the form of our own web site sends as us, which nothing proves, makes the client who filled it in a lead and
// stands in the Inbox; a forged colleague never does, and makes nobody a lead. On both databases.
func TestFormsAndForgedColleagues(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		forms := map[string]string{
			"webform":  "From: Website <web@acme.example>\nReply-To: Client Form <p@webform.example>",
			"noreply":  "From: noreply@acme.example\nReply-To: p@noreply.example",
			"itself":   "From: Contact <maria@acme.example>\nReply-To: p@itself.example",
			"customer": "From: \"Dana Pop\" <wordpress@acme.example>\nReply-To: Dana Pop <p@customer.example>",
			"hoster":   "From: Website <wordpress@crm-hoster.example>\nReply-To: Client Form <p@hoster.example>",
		}
		forged := map[string]string{
			"colleague": "From: Andrei Rusu <andrei@acme.example>",
			"reply-to":  "From: Andrei Rusu <andrei@acme.example>\nReply-To: p@reply-to.example",
			"named":     "From: ANDREI RUSU <web@acme.example>\nReply-To: p@named.example",
			"turned":    "From: \"Rusu, Andrei\" <noreply@acme.example>\nReply-To: p@turned.example",
			"herself":   "From: Andrei Rusu <maria@acme.example>\nReply-To: p@herself.example",
			"ghost":     "From: ghost@acme.example\nReply-To: p@ghost.example",
		}
		for subject, head := range merged(forms, forged) {
			message := head + "\nTo: maria@acme.example\nSubject: " + subject + "\n\nHello"
			o := smtpd.PostOptions{Server: c.SMTP, From: "bounces@hoster.example", To: "maria@" + c.Domain,
				Message: []byte(strings.ReplaceAll(message, "\n", "\r\n"))}
			if err := smtpd.Post(t.Context(), o, func(string) {}); err != nil {
				t.Fatalf("%s: %v", subject, err)
			}
		}
		for subject := range forms {
			c.message("maria", "INBOX", subject)
			client := "p@" + subject + ".example"
			await(t, client+" to be a lead", func() bool { return len(c.leadsOf(client)) == 1 })
		}
		for subject := range forged {
			c.message("maria", "Junk", subject)
			if found.MatchString(c.imap("maria", "INBOX?SUBJECT%20%22"+url.PathEscape(subject)+"%22")) {
				t.Errorf("%s stands in the Inbox", subject)
			}
		}
		for _, address := range c.leadsOf("") {
			client, isForm := strings.CutPrefix(address, "p@")
			if _, of := forms[strings.TrimSuffix(client, ".example")]; isForm && !of {
				t.Errorf("%s is a lead", address)
			}
		}
	})
}

func merged(all ...map[string]string) map[string]string {
	m := map[string]string{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}

// leadsOf are the numbers and addresses of the leads that a search finds.
func (c *company) leadsOf(search string) (list []string) {
	c.t.Helper()
	var all items[struct{ Points []struct{ Value string } }]
	c.api("GET", "/leads?q="+url.QueryEscape(search), nil, &all)
	for _, lead := range all.Items {
		for _, p := range lead.Points {
			list = append(list, p.Value)
		}
	}
	return list
}
