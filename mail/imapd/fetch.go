package imapd

import (
	"fmt"
	"runtime/debug"
	"slices"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// fetchBatch is how many rows are read at a time.
const fetchBatch = 500

// fetch answers FETCH. Messages that others expunged meanwhile are left out.
func (s *session) fetch(c *imap.Command) (string, error) {
	c.Args.Space()
	set := c.Args.Set()
	c.Args.Space()
	f := c.Args.Fetch()
	if f.Vanished && (!byUID(c) || !s.knows.vanished) {
		c.Args.Fail("VANISHED goes with UID FETCH, after ENABLE QRESYNC")
	}
	if err := c.Args.End(); err != nil {
		return "", err
	}
	f.UID = f.UID || byUID(c)
	s.knows.modseq = s.knows.modseq || f.ModSeq
	list := s.view.pick(set, byUID(c))
	if f.ChangedSince >= 0 {
		list = slices.DeleteFunc(list, func(p picked) bool { return p.modseq <= f.ChangedSince })
	}
	if f.Vanished {
		if err := s.tellVanished(f.ChangedSince, set); err != nil {
			return "", err
		}
	}
	nowSeen, err := s.markSeen(list, f)
	if err != nil {
		return "", err
	}
	s.tellFlags()
	return "", s.fetchAll(list, f, nowSeen)
}

func (s *session) fetchAll(list []picked, f *imap.Fetch, nowSeen map[uint32]bool) (failed error) {
	if !ofRow(f) {
		for _, p := range list {
			s.writeFetch(p, mail.Stored{}, &answer{}, f, false)
		}
		return nil
	}
	for batch := range slices.Chunk(list, fetchBatch) {
		stored, err := s.stored(batch, f)
		if err != nil {
			return s.fault("fetch", err)
		}
		for i, p := range batch {
			if stored[i] == nil {
				continue
			}
			a, err := s.read(*stored[i], f)
			if err != nil { // the other messages are answered first
				failed = s.fault("fetch", err)
				continue
			}
			if nowSeen[p.uid] {
				at, _ := s.view.index(p.uid)
				p.entry = s.view.entries[at]
			}
			s.writeFetch(p, *stored[i], a, f, nowSeen[p.uid])
		}
	}
	return failed
}

// ofRow tells whether FETCH asks for more than a view knows.
func ofRow(f *imap.Fetch) bool { return f.Received || f.Size || ofContent(f) }

// ofContent tells whether FETCH asks for anything that stands in the message.
func ofContent(f *imap.Fetch) bool { return f.Envelope || f.Structure || f.Body || len(f.Sections) > 0 }

// kept is what of that is kept beside the message; all is false where something isn't.
func kept(f *imap.Fetch) (want mail.Kept, all bool) {
	other := func(item imap.Section) bool {
		return item.Binary || item.SizeOf || len(item.Part) > 0 || item.What != "HEADER" || len(item.Fields) == 0 ||
			item.Not || !mail.InHead(item.Fields...)
	}
	return mail.Kept{Head: len(f.Sections) > 0, Envelope: f.Envelope, Structure: f.Structure},
		!f.Body && !slices.ContainsFunc(f.Sections, other)
}

// stored reads what has to be known of messages beside what the view knows: nil of those that are gone.
func (s *session) stored(list []picked, f *imap.Fetch) ([]*mail.Stored, error) {
	if want, all := kept(f); all && ofContent(f) {
		return s.kept(list, want)
	}
	rows, err := s.core.box.Stored(s.ctx, s.view.folder.ID, uidsOf(list))
	return placed(make([]*mail.Stored, len(list)), uidsOf(list), rows), err
}

// read finds what f asks of a message's content.
func (s *session) read(m mail.Stored, f *imap.Fetch) (_ *answer, err error) {
	if !ofContent(f) {
		return &answer{}, nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("message %s: %v\n%s", m.ID, v, debug.Stack())
		}
	}()
	if a, all := keptAnswer(m, f); all {
		return a, nil
	}
	c, err := s.content(m)
	if err != nil {
		return nil, err
	}
	return c.answer(f), nil
}

// markSeen sets \Seen where a body is read without PEEK, and tells of which messages that changed.
func (s *session) markSeen(list []picked, f *imap.Fetch) (map[uint32]bool, error) {
	reads := slices.ContainsFunc(f.Sections, func(item imap.Section) bool { return !item.Peek })
	if !reads || s.view.readOnly {
		return nil, nil
	}
	unseen := slices.DeleteFunc(slices.Clone(list), func(p picked) bool { return p.marks&seen != 0 })
	if len(unseen) == 0 {
		return nil, nil
	}
	states, err := s.core.box.ChangeFlags(s.ctx, s.view.folder, uidsOf(unseen), mail.AddFlags, mail.Flags{Seen: true})
	if err != nil {
		return nil, s.fault("mark seen", err)
	}
	changed := map[uint32]bool{}
	for _, state := range states {
		s.view.learn(state, 0)
		changed[state.UID] = true
	}
	return changed, nil
}

// writeFetch writes what was asked of a message, in one response.
func (s *session) writeFetch(p picked, m mail.Stored, a *answer, f *imap.Fetch, nowSeen bool) {
	begin := " FETCH ("
	item := func(name string) *imap.Writer {
		s.out.Text(begin).Text(name)
		begin = " "
		return s.out
	}
	s.out.Text("* ").Number(int64(p.seq))
	if f.UID || nowSeen {
		item("UID ").Number(int64(p.uid))
	}
	if f.Flags || nowSeen {
		item("FLAGS ").List(s.view.names(p.entry))
	}
	if f.ModSeq || nowSeen && s.knows.modseq {
		item("MODSEQ (").Number(p.modseq).Text(")")
	}
	if f.Received {
		item("INTERNALDATE ").Text(m.Received.UTC().Format(`"_2-Jan-2006 15:04:05 -0700"`))
	}
	if f.Size {
		item("RFC822.SIZE ").Number(m.Size)
	}
	for _, part := range []struct {
		name string
		text []byte
	}{{"ENVELOPE ", a.envelope}, {"BODYSTRUCTURE ", a.structure}, {"BODY ", a.body}} {
		if part.text != nil {
			item(part.name).Bytes(part.text)
		}
	}
	for i, data := range a.sections {
		s.writeSection(item, f.Sections[i], data)
	}
	s.out.Text(")").End()
}

func (s *session) writeSection(item func(string) *imap.Writer, section imap.Section, data []byte) {
	switch out := item(section.Label).Text(" "); {
	case section.SizeOf:
		out.Number(int64(len(data)))
	case section.Binary:
		out.Text("~").Literal(data)
	default:
		out.Literal(data)
	}
}
