package imapd

import (
	"strconv"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// statusItems is what STATUS asks for, in its order.
type statusItems struct{ names []string }

func readStatusItems(a *imap.Args) *statusItems {
	items := &statusItems{}
	a.List(func() {
		name := a.Keyword()
		switch name {
		case "MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "SIZE", "APPENDLIMIT",
			"DELETED-STORAGE", "RECENT",
			"HIGHESTMODSEQ":
		default:
			a.Fail("Unknown data item of STATUS")
		}
		items.names = append(items.names, name)
	})
	return items
}

func (s *session) status(c *imap.Command) (string, error) {
	c.Args.Space()
	name := c.Args.Mailbox()
	c.Args.Space()
	items := readStatusItems(c.Args)
	if err := c.Args.End(); err != nil {
		return "", err
	}
	f, err := s.folder(name)
	if err != nil {
		return "", err
	}
	return "", s.writeStatus(name, f, items)
}

func (s *session) writeStatus(name string, f mail.Folder, items *statusItems) error {
	var usage *mail.Usage
	numbers := make([]int64, len(items.names))
	for i, item := range items.names {
		switch item {
		case "SIZE", "DELETED", "DELETED-STORAGE":
			if usage == nil {
				measured, err := s.core.box.Usage(s.ctx, f.ID)
				if err != nil {
					return s.fault("status", err)
				}
				usage = &measured
			}
		}
		var err error
		if numbers[i], err = s.statusItem(f, item, usage); err != nil {
			return s.fault("status", err)
		}
	}
	s.out.Text("* STATUS ").Mailbox(name).Text(" (")
	for i, item := range items.names {
		if i > 0 {
			s.out.Text(" ")
		}
		s.out.Text(item).Text(" ").Number(numbers[i])
	}
	s.out.Text(")").End()
	return nil
}

func (s *session) statusItem(f mail.Folder, item string, usage *mail.Usage) (int64, error) {
	switch item {
	case "MESSAGES":
		return int64(f.Total), nil
	case "UNSEEN":
		return int64(f.Unseen), nil
	case "UIDNEXT":
		return int64(f.Next), nil
	case "UIDVALIDITY":
		return int64(f.Validity), nil
	case "HIGHESTMODSEQ":
		s.knows.modseq = true
		return max(1, f.ModSeq), nil
	case "RECENT":
		n, err := s.core.box.CountRecent(s.ctx, f)
		return int64(n), err
	case "SIZE":
		return usage.Bytes, nil
	case "DELETED":
		return usage.Deleted, nil
	case "DELETED-STORAGE":
		return usage.DeletedBytes, nil
	}
	return s.maxMessage(), nil // APPENDLIMIT
}

// maxMessage is the largest APPEND in bytes.
func (s *session) maxMessage() int64 { return min(s.core.config.MaxMessage, 1<<31) }

func (s *session) appendLimit() string { return strconv.FormatInt(s.maxMessage(), 10) }
