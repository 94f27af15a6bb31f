package imapd

import (
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Select opens a folder.
func (s *session) Select(name string, options *imap.SelectOptions) (_ *imap.SelectData, err error) {
	defer s.rescue("select", &err)
	if s.view != nil {
		s.Unselect()
	}
	f, err := s.folder(name)
	if err != nil {
		return nil, err
	}
	_, rev2 := s.conn.EnabledCaps()[imap.CapIMAP4rev2]
	v, err := openView(s.ctx, s.core.box, f, options.ReadOnly, !rev2)
	if err != nil {
		return nil, s.fault("select", err)
	}
	s.view = v
	return v.selectData(name), nil
}

func (v *view) selectData(name string) *imap.SelectData {
	first := uint32(0)
	for i, e := range v.entries {
		if !e.Flags.Seen && first == 0 {
			first = uint32(i + 1)
		}
	}
	data := &imap.SelectData{
		Flags: v.flags, NumRecent: v.numRecent(), NumMessages: uint32(len(v.entries)), FirstUnseenSeqNum: first, UIDNext: imap.UID(v.folder.Next), UIDValidity: v.folder.Validity,
		List: &imap.ListData{Delim: delimiter, Mailbox: name},
	}
	if !v.readOnly {
		data.PermanentFlags = append(slices.Clone(v.flags), imap.FlagWildcard)
	}
	return data
}

// Unselect closes the folder without expunging.
func (s *session) Unselect() error {
	s.view.close()
	s.view = nil
	return nil
}

// Poll tells the client what happened since the last command.
func (s *session) Poll(w *imapserver.UpdateWriter, allowExpunge bool) error {
	if s.view == nil {
		return nil
	}
	return s.synced(s.view.sync(s.ctx, w, allowExpunge))
}

// synced ends a session whose folder is gone: there is no other way to tell the client.
func (s *session) synced(err error) error {
	if err == nil {
		return nil
	}
	s.log.Info("imap session ends", "err", err)
	s.conn.Bye("The mailbox is gone or can't be read")
	return nil
}

// idleCheck is how often an idling session looks without having been told to, should a hint between nodes get lost.
const idleCheck = time.Minute

// bye ends the session of a client that waits (RFC 3501 section 7.1.5).
func (s *session) bye() {
	s.conn.NetConn().SetWriteDeadline(time.Now().Add(time.Second))
	s.conn.Bye("This server is going away for a while, please connect again")
}

// Idle tells the client at once what happens, until stop.
func (s *session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.idling.Lock()
	defer s.idling.Unlock()
	if s.ctx.Err() != nil {
		return nil
	}
	done, stays := s.core.idles(s.wire(), s.bye)
	defer done()
	if !stays {
		s.bye()
		return nil
	}
	var changed <-chan struct{}
	v := s.view
	if v != nil {
		changed = v.changed
	}
	tick := time.NewTicker(idleCheck)
	defer tick.Stop()
	for {
		if v != nil {
			if err := v.sync(s.ctx, w, true); err != nil {
				return s.synced(err)
			}
		}
		select {
		case <-stop:
			return nil
		case <-s.ctx.Done():
			return nil
		case <-changed:
		case <-tick.C:
		}
	}
}
