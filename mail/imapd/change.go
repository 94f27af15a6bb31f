package imapd

import (
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// flagChange is what STORE asks for.
type flagChange struct {
	op     mail.FlagOp
	silent bool
	flags  []string
	since  int64 // only where nothing changed since this mod-sequence (RFC 7162 section 3.1.3); -1: in any case
}

func readFlagChange(a *imap.Args) (f flagChange) {
	f.since = -1
	if a.Optional(func() {
		if a.Keyword() != "UNCHANGEDSINCE" {
			a.Fail("Unknown modifier of STORE")
		}
		a.Space()
		f.since = a.Number()
	}) {
		a.Space()
	}
	name := a.Keyword()
	name, f.silent = strings.CutSuffix(name, ".SILENT")
	switch name {
	case "FLAGS":
		f.op = mail.SetFlags
	case "+FLAGS":
		f.op = mail.AddFlags
	case "-FLAGS":
		f.op = mail.RemoveFlags
	default:
		a.Fail("STORE changes FLAGS only")
	}
	a.Space()
	if !a.Optional(func() { f.flags = append(f.flags, a.Flag()) }) {
		for f.flags = append(f.flags, a.Flag()); a.More(); f.flags = append(f.flags, a.Flag()) {
			a.Space()
		}
	}
	return f
}

// store changes flags.
func (s *session) store(c *imap.Command) (string, error) {
	c.Args.Space()
	set := c.Args.Set()
	c.Args.Space()
	change := readFlagChange(c.Args)
	if err := c.Args.End(); err != nil {
		return "", err
	}
	if s.view.readOnly {
		return "", errReadOnly
	}
	s.knows.modseq = s.knows.modseq || change.since >= 0
	list := s.view.pick(set, byUID(c))
	states, stale, err := s.core.box.ChangeFlagsIf(s.ctx, s.view.folder, uidsOf(list), change.op, flagsOf(change.flags),
		change.since)
	if err != nil {
		return "", s.fault("store", err)
	}
	s.tellStored(list, states, change)
	if len(stale) == 0 {
		return "", nil
	}
	return "MODIFIED " + numbersOf(list, stale, byUID(c)).String(), nil
}

// tellStored tells the flags after a change; who keeps mod-sequences is told them at least.
func (s *session) tellStored(list []picked, states []mail.State, change flagChange) {
	after := map[uint32]bool{}
	for _, state := range states {
		s.view.learn(state, 0)
		after[state.UID] = true
	}
	s.tellFlags()
	for _, p := range list {
		if !after[p.uid] {
			continue
		}
		at, there := s.view.index(p.uid)
		switch {
		case !there || change.silent && !s.knows.modseq:
		case change.silent:
			s.out.Text("* ").Number(int64(p.seq)).Text(" FETCH (UID ").Number(int64(p.uid))
			s.writeModSeq(s.view.entries[at])
			s.out.Text(")").End()
		default:
			s.writeFlags(p.seq, s.view.entries[at])
		}
	}
}

// numbersOf messages with these UIDs, as the command counts.
func numbersOf(list []picked, uids []uint32, byUID bool) (set imap.Set) {
	if byUID {
		return imap.SetOf(uids)
	}
	wanted := imap.SetOf(uids)
	for _, p := range list {
		if wanted.Contains(p.uid) {
			set.Add(p.seq)
		}
	}
	return set
}
