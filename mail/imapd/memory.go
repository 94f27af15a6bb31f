package imapd

import (
	"sync"

	"frontdesk/mail"
)

// memory keeps what was read beside messages of folders that are looked at, for all sessions: mail programs ask for the
// same lists, and search the same headers, again and again. Nothing of it ever changes: a UID always names the same
// message (RFC 9051 section 2.3.1.1). What was asked for lately stays, the rest is forgotten.
type memory struct {
	most int // bytes of each of the two

	mu        sync.Mutex
	late, old map[messageKey]*mail.Stored // old is what was late before
	size      int                         // of late
}

// messageKey names a message; a folder's id is one of its life, which has one UIDVALIDITY.
type messageKey struct {
	folder string
	uid    uint32
}

// maxMemory of all sessions together, in bytes: lists of some 30,000 mails.
const maxMemory = 32 << 20

func newMemory(most int) *memory {
	return &memory{most: most / 2, late: map[messageKey]*mail.Stored{}, old: map[messageKey]*mail.Stored{}}
}

// find is what is known of messages, nil where that is not all that is wanted.
func (m *memory) find(folder string, uids []uint32, want mail.Kept) []*mail.Stored {
	found := make([]*mail.Stored, len(uids))
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, uid := range uids {
		key := messageKey{folder, uid}
		known := m.late[key]
		if known == nil {
			if known = m.old[key]; known != nil {
				m.add(key, known)
			}
		}
		if known != nil && has(known, want) {
			found[i] = known
		}
	}
	return found
}

// has tells whether all that is wanted is there.
func has(s *mail.Stored, want mail.Kept) bool {
	return (!want.Head || s.Head != nil) && (!want.Envelope || s.Envelope != nil) &&
		(!want.Structure || s.Structure != nil)
}

// learn keeps what was read of a message, with what was known of it, unless there is nothing to keep.
func (m *memory) learn(folder string, s *mail.Stored) {
	if s.Head == nil && s.Envelope == nil && s.Structure == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key, both := messageKey{folder, s.UID}, *s
	if known := m.late[key]; known != nil {
		both = merged(both, known)
		m.size -= weight(known)
	}
	m.add(key, &both)
}

func merged(s mail.Stored, known *mail.Stored) mail.Stored {
	if s.Head == nil {
		s.Head = known.Head
	}
	if s.Envelope == nil {
		s.Envelope = known.Envelope
	}
	if s.Structure == nil {
		s.Structure = known.Structure
	}
	return s
}

func (m *memory) add(key messageKey, s *mail.Stored) {
	if m.late[key] = s; m.size+weight(s) > m.most {
		m.old, m.late, m.size = m.late, map[messageKey]*mail.Stored{}, 0
		return
	}
	m.size += weight(s)
}

// weight is how much memory a message takes, about: the maps and texts of its row with it.
func weight(s *mail.Stored) int { return 400 + len(s.Head) + len(s.Envelope) + len(s.Structure) }
