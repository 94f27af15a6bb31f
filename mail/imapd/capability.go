package imapd

import (
	"strings"

	"frontdesk/mail/imap"
)

// noop only gives the occasion to tell what happened.
func (s *session) noop(c *imap.Command) (string, error) { return "", c.Args.End() }

func (s *session) logout(c *imap.Command) (string, error) {
	if err := c.Args.End(); err != nil {
		return "", err
	}
	s.out.Status("*", &imap.Status{Type: "BYE", Text: "Logging out"})
	s.over = true
	return "", nil
}

// capabilities are those that can be used now.
func (s *session) capabilities() string {
	list := "IMAP4rev2 IMAP4rev1 ID SASL-IR LITERAL+"
	if s.user == "" {
		return list + " AUTH=PLAIN"
	}
	return list + " UNSELECT ENABLE IDLE UTF8=ACCEPT NAMESPACE UIDPLUS ESEARCH SEARCHRES LIST-EXTENDED " +
		"LIST-STATUS MOVE" +
		" STATUS=SIZE BINARY CHILDREN SPECIAL-USE CONDSTORE QRESYNC SORT THREAD=REFERENCES" +
		" THREAD=ORDEREDSUBJECT QUOTA QUOTA=RES-STORAGE APPENDLIMIT=" + s.appendLimit()
}

func (s *session) capability(c *imap.Command) (string, error) {
	if err := c.Args.End(); err != nil {
		return "", err
	}
	s.out.Text("* CAPABILITY ").Text(s.capabilities()).End()
	return "", nil
}

func (s *session) identify(c *imap.Command) (string, error) { return "", identify(s.out, c.Args) }

// identify answers ID (RFC 2971) with the name of the program, without its version.
func identify(out *imap.Writer, a *imap.Args) error {
	if a.Space(); !a.SkipNil() {
		a.List(func() {
			_ = a.String()
			if a.Space(); !a.SkipNil() {
				_ = a.String()
			}
		})
	}
	if err := a.End(); err != nil {
		return err
	}
	out.Text(`* ID ("name" "Frontdesk")`).End()
	return nil
}

// enable switches on what changes answers (RFC 9051 section 6.3.1).
func (s *session) enable(c *imap.Command) (string, error) {
	var enabled []string
	for more := true; more && c.Args.Err() == nil; more = c.Args.More() {
		c.Args.Space()
		name := c.Args.Keyword()
		switch name {
		case "IMAP4REV2":
			s.rev2, s.out.UTF8 = true, true
		case "UTF8=ACCEPT":
			s.out.UTF8 = true
		case "CONDSTORE":
			s.knows.modseq = true
		case "QRESYNC":
			s.knows = knows{modseq: true, vanished: true}
		default:
			continue
		}
		enabled = append(enabled, name)
	}
	if err := c.Args.End(); err != nil {
		return "", err
	}
	s.out.Text(strings.TrimSpace("* ENABLED " + strings.Join(enabled, " "))).End()
	return "", nil
}

// namespace tells where the own and the shared mailboxes are (RFC 2342).
func (s *session) namespace(c *imap.Command) (string, error) {
	if err := c.Args.End(); err != nil {
		return "", err
	}
	s.out.Text(`* NAMESPACE (("" "/")) NIL (("` + shared + `/" "/"))`).End()
	return "", nil
}
