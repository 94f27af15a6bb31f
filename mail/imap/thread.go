package imap

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Threaded is a message that THREAD puts among others (RFC 5256 section 3).
type Threaded struct {
	Number     uint32
	ID         string   // Message-ID
	References []string // oldest first
	Sent       time.Time
	Subject    string
}

// thread is a message with those that answer it, or without a message what holds its answers together.
type thread struct {
	message  *Threaded
	parent   *thread
	children []*thread
}

// maxThread is how deep a thread may be, and how many references of a message are looked at.
const maxThread = 1000

// first is the message that a thread is sorted by.
func (t *thread) first() *Threaded {
	for t.message == nil {
		t = t.children[0]
	}
	return t.message
}

// adopt makes a message the parent of another, unless it is below it.
func (t *thread) adopt(child *thread) {
	depth := 0
	for up := t; up != nil; up = up.parent {
		if depth++; up == child || depth > maxThread {
			return
		}
	}
	child.leave()
	child.parent, t.children = t, append(t.children, child)
}

func (t *thread) leave() {
	if t.parent != nil {
		i := slices.Index(t.parent.children, t)
		t.parent.children = slices.Delete(t.parent.children, i, i+1)
		t.parent = nil
	}
}

// AppendByReferences appends the threads of messages, by what they say they answer.
func AppendByReferences(b []byte, list []Threaded) []byte {
	root := &thread{children: bySubject(pruned(linked(list), true))}
	root.sort()
	return root.append(b)
}

// linked makes a thread of each message and of each that is missing, and returns those that answer none.
func linked(list []Threaded) (roots []*thread) {
	byID, all := map[string]*thread{}, []*thread{}
	find := func(id string) *thread {
		if byID[id] == nil {
			byID[id] = &thread{}
			all = append(all, byID[id])
		}
		return byID[id]
	}
	for i := range list {
		m := &list[i]
		t := find(m.ID)
		if m.ID == "" || t.message != nil { // the same once more stands for itself
			t = &thread{}
			all = append(all, t)
		}
		t.message = m
		var last *thread
		for _, id := range m.References[max(0, len(m.References)-maxThread):] {
			next := find(id)
			if last != nil && next.parent == nil {
				last.adopt(next)
			}
			last = next
		}
		if t.leave(); last != nil {
			last.adopt(t)
		}
	}
	for _, t := range all {
		if t.parent == nil {
			roots = append(roots, t)
		}
	}
	return roots
}

// pruned leaves out what holds nothing together.
func pruned(list []*thread, top bool) (out []*thread) {
	for _, t := range list {
		t.children = pruned(t.children, false)
		if t.message != nil || top && len(t.children) > 1 {
			out = append(out, t)
			continue
		}
		out = append(out, t.children...)
	}
	return out
}

// bySubject puts threads together that begin with the same subject.
func bySubject(roots []*thread) (out []*thread) {
	sortThreads(roots)
	bySubject := map[string]*thread{}
	for _, t := range roots {
		subject, reply := BaseSubject(t.first().Subject)
		key := strings.ToUpper(subject)
		earlier := bySubject[key]
		switch {
		case subject == "" || earlier == nil:
			if bySubject[key] = t; subject == "" {
				delete(bySubject, key)
			}
			out = append(out, t)
		case earlier.message == nil && t.message == nil:
			earlier.children = append(earlier.children, t.children...)
		case earlier.message == nil, reply && !answers(earlier):
			earlier.children = append(earlier.children, t)
		default: // neither answers the other
			both := &thread{children: []*thread{earlier, t}}
			out[slices.Index(out, earlier)], bySubject[key] = both, both
		}
	}
	return out
}

func answers(t *thread) bool {
	_, reply := BaseSubject(t.first().Subject)
	return reply
}

func sortThreads(list []*thread) {
	slices.SortStableFunc(list, func(x, y *thread) int {
		if c := x.first().Sent.Compare(y.first().Sent); c != 0 {
			return c
		}
		return int(int64(x.first().Number) - int64(y.first().Number))
	})
}

func (t *thread) sort() {
	for _, child := range t.children {
		child.sort()
	}
	sortThreads(t.children)
}

// append appends a thread's answers: one goes on in its line, several each stand in brackets.
func (t *thread) append(b []byte) []byte {
	for _, child := range t.children {
		if t.message != nil && len(t.children) == 1 {
			return child.appendOne(append(b, ' '))
		}
		b = append(child.appendOne(append(b, '(')), ')')
	}
	return b
}

func (t *thread) appendOne(b []byte) []byte {
	if t.message != nil {
		if b = strconv.AppendUint(b, uint64(t.message.Number), 10); len(t.children) > 1 {
			b = append(b, ' ')
		}
	}
	return t.append(b)
}

// AppendBySubject appends the threads of messages that have a subject in common: the first, and each other as its
// answer (ORDEREDSUBJECT).
func AppendBySubject(b []byte, list []Threaded) []byte {
	root, subjects := &thread{}, map[string]*thread{}
	slices.SortStableFunc(list, func(x, y Threaded) int { return x.Sent.Compare(y.Sent) })
	for i := range list {
		subject, _ := BaseSubject(list[i].Subject)
		t, key := &thread{message: &list[i]}, strings.ToUpper(subject)
		if subjects[key] != nil {
			subjects[key].children = append(subjects[key].children, t)
			continue
		}
		subjects[key] = t
		root.children = append(root.children, t)
	}
	return root.append(b)
}
