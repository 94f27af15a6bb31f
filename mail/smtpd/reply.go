package smtpd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/emersion/go-smtp"

	"frontdesk/mail"
	"frontdesk/mail/limit"
)

// status is an enhanced status code (RFC 3463).
type status = smtp.EnhancedCode

// reply is an answer as go-smtp wants it: an error, be it good news.
func reply(code int, enhanced status, format string, args ...any) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: fmt.Sprintf(format, args...)}
}

// codeOf is the code of an answer.
func codeOf(err error) int {
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

// wire is an answer as the client reads it.
func wire(err error) string {
	var a *smtp.SMTPError
	if !errors.As(err, &a) {
		return ""
	}
	return fmt.Sprintf("%d %d.%d.%d %s\r\n", a.Code, a.EnhancedCode[0], a.EnhancedCode[1], a.EnhancedCode[2], a.Message)
}

// conform corrects answers of go-smtp's where RFC 5321 section 4.3.2 and RFC 4954 section 4 want another code.
func conform(answer string) string {
	switch strings.TrimSuffix(answer, "\r\n") {
	case "502 5.5.1 Please introduce yourself first.", "502 5.5.1 Missing MAIL FROM command.",
		"502 5.5.1 Missing RCPT TO command.":
		return "503" + answer[3:]
	case "500 5.5.4 Unknown MAIL FROM argument", "500 5.5.4 Unknown RCPT TO argument":
		return "555" + answer[3:]
	case "454 4.7.0 Invalid base64 data":
		return "501 5.5.2" + answer[9:]
	}
	return answer
}

// failure is the answer to an error of ours: what the sender can mend as 5xx, what may pass as 4xx, and whatever else
// as 451, so that no trouble here ever loses a mail.
func failure(err error) error {
	switch over := new(limit.Over); {
	case errors.As(err, &over):
		return reply(450, status{4, 7, 1}, "%v", over)
	case errors.Is(err, mail.ErrNoMailbox):
		return reply(550, status{5, 1, 1}, "No such mailbox here")
	case errors.Is(err, mail.ErrRelay):
		return reply(550, status{5, 7, 1}, "We don't relay to that domain")
	case errors.Is(err, mail.ErrQuota):
		return reply(452, status{4, 2, 2}, "The mailbox is full")
	case errors.Is(err, mail.ErrNotOurs):
		return reply(553, status{5, 7, 1}, "You may not send as that address")
	case errors.Is(err, mail.ErrInvalid):
		return reply(553, status{5, 1, 3}, "That is not a mail address")
	case errors.Is(err, fs.ErrPermission):
		return reply(550, status{5, 7, 1}, "Not allowed")
	}
	return reply(451, status{4, 3, 0}, "Trouble here, please try again later")
}
