package imapd

import (
	"slices"
	"strconv"

	"frontdesk/mail/imap"
)

// open answers SELECT and EXAMINE.
func (s *session) open(c *imap.Command) (string, error) {
	c.Args.Space()
	name := c.Args.Mailbox()
	var old *cached
	if c.Args.More() {
		c.Args.Space()
		c.Args.List(func() { s.selectOption(c.Args, &old) })
	}
	if err := c.Args.End(); err != nil {
		return "", err
	}
	if s.view != nil {
		s.leave()
		s.out.Status("*", &imap.Status{Type: "OK", Code: "CLOSED", Text: "The mailbox before is closed"})
	}
	f, err := s.folder(name)
	if err != nil {
		return "", err
	}
	v, err := openView(s.ctx, s.core.box, f, c.Name == "EXAMINE", !s.rev2)
	if err != nil {
		return "", s.fault("select", err)
	}
	s.view = v
	s.describe(name)
	if err := s.resync(old); err != nil {
		s.leave()
		return "", err
	}
	if v.readOnly {
		return "READ-ONLY", nil
	}
	return "READ-WRITE", nil
}

// selectOption takes a parameter of RFC 7162 section 3.
func (s *session) selectOption(a *imap.Args, old **cached) {
	switch a.Keyword() {
	case "CONDSTORE":
		s.knows.modseq = true
	case "QRESYNC":
		if !s.knows.vanished {
			a.Fail("ENABLE QRESYNC comes first")
		}
		a.Space()
		*old = readCached(a)
	default:
		a.Fail("Unknown parameter of SELECT")
	}
}

// describe tells what is in the folder that was opened.
func (s *session) describe(name string) {
	v := s.view
	s.out.Text("* FLAGS ").List(v.flags).End()
	var permanent []string
	if !v.readOnly {
		permanent = append(slices.Clone(v.flags), `\*`)
	}
	ok := func(code, text string) { s.out.Status("*", &imap.Status{Type: "OK", Code: code, Text: text}) }
	s.out.Text("* OK [PERMANENTFLAGS ").List(permanent).Text("] Permanent flags").End()
	s.out.Text("* ").Number(int64(v.known)).Text(" EXISTS").End()
	if v.withRecent {
		s.out.Text("* ").Number(int64(v.numRecent())).Text(" RECENT").End()
		unseen := slices.IndexFunc(v.entries, func(e entry) bool { return e.marks&seen == 0 })
		if unseen >= 0 {
			ok("UNSEEN "+number(int64(unseen+1)), "First unseen message")
		}
	}
	ok("UIDVALIDITY "+number(int64(v.folder.Validity)), "UIDs are valid")
	ok("UIDNEXT "+number(int64(v.folder.Next)), "The next UID")
	ok("HIGHESTMODSEQ "+number(v.highest()), "The latest change")
	s.out.Text(`* LIST () "/" `).Mailbox(name).End()
}

// highest is the mod-sequence of the latest change that is known here.
func (v *view) highest() int64 { return max(1, v.modseq) }

// unselect answers UNSELECT and CLOSE, which expunges before. On CLOSE of a read-only folder nothing happens (RFC 9051
// section 6.4.1).
func (s *session) unselect(c *imap.Command) (string, error) {
	if err := c.Args.End(); err != nil {
		return "", err
	}
	if c.Name == "CLOSE" && !s.view.readOnly {
		if _, err := s.core.box.Expunge(s.ctx, s.view.folder, nil); err != nil {
			return "", s.fault("close", err)
		}
	}
	s.leave()
	return "", nil
}

func (s *session) leave() {
	s.view.close()
	s.view = nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
