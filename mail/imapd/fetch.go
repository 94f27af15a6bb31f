package imapd

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
)

// fetchBatch is how many rows are read at a time.
const fetchBatch = 200

// Fetch answers FETCH. Messages that others expunged meanwhile are left out.
func (s *session) Fetch(w *imapserver.FetchWriter, set imap.NumSet, o *imap.FetchOptions) error {
	list := s.view.pick(set)
	nowSeen, err := s.markSeen(list, o)
	if err != nil {
		return err
	}
	var failed error
	for batch := range slices.Chunk(list, fetchBatch) {
		stored, err := s.stored(batch, o)
		if err != nil {
			return s.fault("fetch", err)
		}
		for _, p := range batch {
			i, there := slices.BinarySearchFunc(stored, p.state.UID,
				func(m mail.Stored, uid uint32) int { return cmp.Compare(m.UID, uid) })
			if !there {
				continue
			}
			if state, ok := nowSeen[p.state.UID]; ok {
				p.state = state
			}
			_, tell := nowSeen[p.state.UID]
			switch err := s.fetchOne(w, p, stored[i], o, tell); {
			case errors.Is(err, errBug): // the other messages are answered first
				failed = err
			case err != nil:
				return err
			}
		}
	}
	return failed
}

// stored reads what has to be known of messages beside what the view knows.
func (s *session) stored(list []picked, o *imap.FetchOptions) (rows []mail.Stored, err error) {
	switch {
	case inHead(o):
		return s.core.box.WithHeads(s.ctx, s.view.folder.ID, uidsOf(list))
	case o.InternalDate || o.RFC822Size || ofContent(o):
		return s.core.box.Stored(s.ctx, s.view.folder.ID, uidsOf(list))
	}
	gone, err := s.view.gone(s.ctx)
	for _, p := range list {
		if !gone[p.state.UID] {
			rows = append(rows, mail.Stored{UID: p.state.UID})
		}
	}
	return rows, err
}

// ofContent tells whether FETCH asks for anything that stands in the message.
func ofContent(o *imap.FetchOptions) bool {
	return o.Envelope || o.BodyStructure != nil || len(o.BodySection)+len(o.BinarySection)+len(o.BinarySectionSize) > 0
}

// inHead tells whether all of that is kept beside the message.
func inHead(o *imap.FetchOptions) bool {
	other := func(item *imap.FetchItemBodySection) bool {
		return len(item.Part) > 0 || item.Specifier != imap.PartSpecifierHeader || len(item.HeaderFields) == 0 ||
			!mail.InHead(item.HeaderFields...)
	}
	return ofContent(o) && o.BodyStructure == nil && len(o.BinarySection)+len(o.BinarySectionSize) == 0 &&
		!slices.ContainsFunc(o.BodySection, other)
}

// markSeen sets \Seen where a body is read without PEEK, and returns the states that changed by it.
func (s *session) markSeen(list []picked, o *imap.FetchOptions) (map[uint32]mail.State, error) {
	reads := slices.ContainsFunc(o.BodySection, func(b *imap.FetchItemBodySection) bool { return !b.Peek }) ||
		slices.ContainsFunc(o.BinarySection, func(b *imap.FetchItemBinarySection) bool { return !b.Peek })
	if !reads || s.view.readOnly {
		return nil, nil
	}
	var unseen []uint32
	for _, p := range list {
		if !p.state.Flags.Seen {
			unseen = append(unseen, p.state.UID)
		}
	}
	if len(unseen) == 0 {
		return nil, nil
	}
	states, err := s.core.box.ChangeFlags(s.ctx, s.view.folder, unseen, mail.AddFlags, mail.Flags{Seen: true})
	if err != nil {
		return nil, s.fault("mark seen", err)
	}
	s.view.learn(states)
	byUID := map[uint32]mail.State{}
	for _, state := range states {
		byUID[state.UID] = state
	}
	return byUID, nil
}

func (s *session) fetchOne(w *imapserver.FetchWriter, p picked, m mail.Stored, o *imap.FetchOptions,
	tellFlags bool) error {
	a := &answer{}
	if ofContent(o) {
		var err error
		if a, err = s.read(m, o); err != nil {
			return s.fault("fetch", err)
		}
	}
	out := w.CreateMessage(p.seq)
	s.wire().replaceNext(a.routes...)
	out.WriteUID(imap.UID(m.UID))
	if o.Flags || tellFlags {
		out.WriteFlags(flagsTold(p.state.Flags, p.recent))
	}
	if o.InternalDate {
		out.WriteInternalDate(m.Received)
	}
	if o.RFC822Size {
		out.WriteRFC822Size(m.Size)
	}
	if err := errors.Join(a.write(out, o), out.Close()); err != nil {
		return err
	}
	return s.writePartials(w, p.seq, a, o)
}

// writePartials writes each part of a BINARY section in a response of its own: go-imap doesn't say where such a part
// begins (RFC 3516 section 4.2), and only the head of a response can be amended.
func (s *session) writePartials(w *imapserver.FetchWriter, seq uint32, a *answer, o *imap.FetchOptions) error {
	for i, item := range o.BinarySection {
		if item.Partial == nil {
			continue
		}
		out := w.CreateMessage(seq)
		s.wire().replaceNext(replacement{"] ~{", fmt.Sprintf("]<%d> ~{", item.Partial.Offset)})
		if err := errors.Join(writeLiteral(out.WriteBinarySection(item, int64(len(a.binary[i]))), a.binary[i]),
			out.Close()); err != nil {
			return err
		}
	}
	return nil
}

// content is a message in memory with its tree.
type content struct {
	raw  []byte
	root *mime.Node
}

// read opens a message and finds what o asks of its content.
func (s *session) read(m mail.Stored, o *imap.FetchOptions) (_ *answer, err error) {
	defer s.rescue("fetch", &err)
	if m.Head != nil {
		return ofHead(m.Head).answer(o), nil
	}
	r, err := s.core.box.Open(s.ctx, m)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, mime.MaxMessage))
	if err != nil {
		return nil, err
	}
	return newContent(raw).answer(o), nil
}

func newContent(raw []byte) *content {
	root, _ := mime.Scan(raw)
	return &content{raw: raw, root: root}
}

// ofHead is a message of which only the kept fields are looked at.
func ofHead(head []byte) *content {
	size := int64(len(head))
	return &content{raw: head, root: &mime.Node{Header: mime.ParseHeader(head), Body: size, End: size}}
}

// answer is all that FETCH says of a message's content: whole before its first byte is written, for a line that was
// begun must be ended.
type answer struct {
	envelope  *imap.Envelope
	routes    []replacement // in what go-imap writes of it
	structure imap.BodyStructure
	body      [][]byte // as o.BodySection
	binary    [][]byte // as o.BinarySection
	sizes     []uint32 // as o.BinarySectionSize
}

func (c *content) answer(o *imap.FetchOptions) *answer {
	a := &answer{}
	if o.Envelope {
		a.envelope, a.routes = routedEnvelope(c.root)
	}
	if o.BodyStructure != nil {
		a.structure = structure(c.root)
	}
	for _, item := range o.BodySection {
		a.body = append(a.body, partial(c.section(item), item.Partial))
	}
	for _, item := range o.BinarySection {
		a.binary = append(a.binary, partial(c.decoded(item.Part), item.Partial))
	}
	for _, item := range o.BinarySectionSize {
		a.sizes = append(a.sizes, uint32(len(c.decoded(item.Part))))
	}
	return a
}

func (a *answer) write(out *imapserver.FetchResponseWriter, o *imap.FetchOptions) error {
	if a.envelope != nil {
		out.WriteEnvelope(a.envelope)
	}
	if a.structure != nil {
		out.WriteBodyStructure(a.structure)
	}
	for i, data := range a.body {
		if err := writeLiteral(out.WriteBodySection(o.BodySection[i], int64(len(data))), data); err != nil {
			return err
		}
	}
	for i, data := range a.binary {
		if o.BinarySection[i].Partial != nil {
			continue // see writePartials
		}
		if err := writeLiteral(out.WriteBinarySection(o.BinarySection[i], int64(len(data))), data); err != nil {
			return err
		}
	}
	for i, size := range a.sizes {
		out.WriteBinarySectionSize(o.BinarySectionSize[i], size)
	}
	return nil
}

func writeLiteral(w io.WriteCloser, data []byte) error {
	_, err := w.Write(data)
	return errors.Join(err, w.Close())
}

func partial(data []byte, p *imap.SectionPartial) []byte {
	if p == nil {
		return data
	}
	size := int64(len(data))
	from := min(max(p.Offset, 0), size)
	return data[from:min(from+min(max(p.Size, 0), size), size)]
}

// section cuts what BODY[…] names (RFC 9051 section 6.4.5) out of the message, byte for byte; nothing where there is
// none.
func (c *content) section(item *imap.FetchItemBodySection) []byte {
	n := c.root.Find(item.Part)
	if n == nil {
		return nil
	}
	switch item.Specifier {
	case imap.PartSpecifierNone:
		if len(item.Part) == 0 {
			return c.raw
		}
		return c.raw[n.Body:n.End]
	case imap.PartSpecifierMIME:
		return c.raw[n.Start:n.Body]
	}
	if len(item.Part) > 0 { // HEADER and TEXT are of the message inside the part
		if n.Multipart() || len(n.Parts) == 0 {
			return nil
		}
		n = n.Parts[0]
	}
	if item.Specifier == imap.PartSpecifierText {
		return c.raw[n.Body:n.End]
	}
	return headerFields(c.raw[n.Start:n.Body], item.HeaderFields, item.HeaderFieldsNot)
}

// headerFields keeps the fields of a raw header that are asked for, with its empty line.
func headerFields(raw []byte, only, not []string) []byte {
	if len(only)+len(not) == 0 {
		return raw
	}
	has := func(list []string, name string) bool {
		return slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, name) })
	}
	var out []byte
	keep := false
	for line := range bytes.Lines(raw) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(string(line), ":")
			name = strings.TrimRight(name, " \t\r\n")
			keep = name != "" && has(only, name) == (len(only) > 0) && !has(not, name)
		}
		if keep {
			out = append(out, line...)
		}
	}
	return append(out, "\r\n"...)
}

func (c *content) decoded(path []int) []byte {
	n := c.root.Find(path)
	if n == nil {
		return nil
	}
	if len(path) == 0 {
		return c.raw
	}
	data, _ := io.ReadAll(coding.Decode(bytes.NewReader(c.raw[n.Body:n.End]), n.Encoding))
	return data
}
