package imapd

import (
	"errors"
	"time"

	"frontdesk/mail/imap"
)

// idle tells the client at once what happens, until it says DONE (RFC 9051 section 6.3.13).
func (s *session) idle(c *imap.Command) (string, error) {
	if err := c.Args.End(); err != nil {
		return "", err
	}
	me, done, stays := s.core.idles(s.conn)
	defer done()
	if !stays {
		s.bye(goingAway)
		return "", nil
	}
	s.out.Continue("idling")
	if err := s.out.Flush(); err != nil {
		return "", errors.Join(errConn, err)
	}
	s.conn.SetReadDeadline(time.Now().Add(idleTimeout))
	said := make(chan error, 1)
	go func() { said <- s.readDone() }()
	if answered, err := s.wait(me, said); answered {
		return "", err
	}
	s.out.Flush()
	s.conn.SetReadDeadline(time.Now()) // ends the reading
	<-said
	return "", nil
}

const goingAway = "This server is going away for a while, please connect again"

func (s *session) readDone() error {
	line, err := s.in.Line()
	if err != nil {
		return errors.Join(errConn, err)
	}
	if line != "DONE" && line != "done" {
		return imap.Bad("IDLE ends with DONE")
	}
	return nil
}

// wait tells what happens until the client has said something, or the session ends from here.
func (s *session) wait(me *idler, said <-chan error) (answered bool, err error) {
	var changed <-chan struct{}
	if s.view != nil {
		changed = s.view.changed
	}
	tick := time.NewTicker(idleCheck)
	defer tick.Stop()
	for {
		select {
		case err := <-said:
			return true, err
		case <-s.ctx.Done():
			s.over = true
			return false, nil
		case <-me.leave:
			s.pace.patience = time.Second
			s.bye(goingAway)
			return false, nil
		case <-changed:
			s.view.hinted = true
		case <-tick.C:
		}
		if err := s.tell("IDLE"); err != nil || s.over {
			return false, err
		}
		if err := s.out.Flush(); err != nil {
			s.over = true
			return false, err
		}
	}
}

// idleCheck is how often an idling session looks without having been told to, should a hint between nodes get lost.
const idleCheck = time.Minute
