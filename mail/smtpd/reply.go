package smtpd

import (
	"errors"
	"fmt"
	"io/fs"

	"frontdesk/mail"
)

// reply is an answer to a command: code, enhanced code (RFC 3463) and text. After a final one the connection closes.
type reply struct {
	code     int
	enhanced string
	text     string
	final    bool
}

func answer(code int, enhanced, format string, args ...any) reply {
	return reply{code: code, enhanced: enhanced, text: fmt.Sprintf(format, args...)}
}

func (r reply) ok() bool { return r.code < 400 }

func (r reply) closing() reply {
	r.final = true
	return r
}

func (r reply) String() string {
	if r.enhanced == "" {
		return fmt.Sprintf("%d %s", r.code, r.text)
	}
	return fmt.Sprintf("%d %s %s", r.code, r.enhanced, r.text)
}

// failure is the answer to an error of ours: what the sender can mend as 5xx, what may pass as 4xx, and whatever else as
// 451, so that no trouble here ever loses a mail.
func failure(err error) reply {
	switch {
	case errors.Is(err, mail.ErrNoMailbox):
		return answer(550, "5.1.1", "No such mailbox here")
	case errors.Is(err, mail.ErrRelay):
		return answer(550, "5.7.1", "We don't relay to that domain")
	case errors.Is(err, mail.ErrQuota):
		return answer(452, "4.2.2", "The mailbox is full")
	case errors.Is(err, mail.ErrNotOurs):
		return answer(553, "5.7.1", "You may not send as that address")
	case errors.Is(err, mail.ErrInvalid):
		return answer(553, "5.1.3", "That is not a mail address")
	case errors.Is(err, fs.ErrPermission):
		return answer(550, "5.7.1", "Not allowed")
	}
	return answer(451, "4.3.0", "Trouble here, please try again later")
}
