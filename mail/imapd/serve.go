package imapd

import (
	"errors"
	"runtime/debug"
	"time"

	"frontdesk/mail/imap"
)

// serve answers commands until one side ends it.
func (s *session) serve(greet bool) {
	defer s.close()
	if greet {
		s.out.Status("*", &imap.Status{Type: "OK", Code: "CAPABILITY " + s.capabilities(), Text: "IMAP server ready"})
	}
	for !s.over && s.out.Flush() == nil {
		s.deadline()
		c, err := s.in.Next()
		if c != nil && c.Bad != nil {
			s.refuse(c)
		} else if err == nil {
			err = s.perform(c)
		}
		if err != nil {
			s.ended(err)
			return
		}
	}
}

// deadline gives a client time for its next command.
func (s *session) deadline() {
	timeout := readTimeout
	if s.user != "" {
		timeout = idleTimeout
	}
	s.conn.SetReadDeadline(time.Now().Add(timeout))
}

// ended notes why a connection ends that the client didn't end.
func (s *session) ended(err error) {
	s.out.Flush()
	if errors.Is(err, imap.ErrLiteral) {
		s.core.metrics.desynced.Inc()
	}
	s.log.Debug("imap connection", "err", err)
}

// maxBad is how many commands that can't be read a connection may send: other protocols end here.
const maxBad = 10

func (s *session) refuse(c *imap.Command) {
	s.out.Status(c.Tag, c.Bad)
	s.bad++
	s.over = s.over || s.bad > maxBad
}

// perform does a command and tells how it ended. An error ends the connection.
func (s *session) perform(c *imap.Command) (err error) {
	do, state := commandOf(c.Name)
	if err := s.permits(c, state); err != nil {
		s.out.Status(c.Tag, status(err))
		if c.Message != nil {
			return s.in.Refuse(c.Message)
		}
		return nil
	}
	if !s.refresh() {
		return nil
	}
	code, err := s.try(do, c)
	var end *lost
	switch {
	case errors.As(err, &end):
		s.out.Status(c.Tag, end.told)
		return end.err
	case errors.Is(err, errConn):
		return err
	}
	if err == nil && c.Name != "LOGOUT" { // after BYE nothing is told of the mailbox any more
		err = s.tell(c.Name)
	}
	if s.over && c.Name != "LOGOUT" { // what it was told is its end
		return nil
	}
	if err != nil {
		s.out.Status(c.Tag, status(err))
		return nil
	}
	s.out.Status(c.Tag, &imap.Status{Type: "OK", Code: code, Text: c.Name + " completed"})
	return nil
}

// try does a command; a panic ends that command only.
func (s *session) try(do command, c *imap.Command) (code string, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Error("imap "+c.Name, "panic", v, "stack", string(debug.Stack()))
			if err = errBug; !s.out.Drop() {
				err = errConn
			}
		}
	}()
	return do(s, c)
}

// permits tells why a command can't be given now.
func (s *session) permits(c *imap.Command, when state) error {
	do, _ := commandOf(c.Name)
	switch {
	case do == nil:
		if s.user == "" { // other protocols end here
			s.over = true
		}
		return imap.Bad("Unknown command")
	case when == notLoggedIn && s.user != "":
		return imap.Bad("You are logged in already")
	case when >= loggedIn && s.user == "":
		return imap.Bad("Log in first")
	case when == selected && s.view == nil:
		return imap.Bad("Select a mailbox first")
	}
	return nil
}
