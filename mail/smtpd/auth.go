package smtpd

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

// auth is AUTH (RFC 4954), inside TLS only: PLAIN (RFC 4616), and LOGIN for old clients.
func (s *session) auth(arg string) reply {
	mechanism, initial, _ := strings.Cut(arg, " ")
	switch {
	case !s.door.gate.logins():
		return answer(502, "5.5.1", "No log-in here: users send through the submission port")
	case s.helo == "" || s.mail.open || s.user != "":
		return answer(503, "5.5.1", "Not now")
	case s.tls() == nil:
		return answer(538, "5.7.11", "STARTTLS first")
	case !s.server.guard.mayLogin(s.ip):
		s.server.metrics.refused.WithLabelValues("login").Inc()
		return answer(454, "4.7.0", "Too many wrong log-ins from your address, come back later").closing()
	}
	var login, password string
	var r reply
	switch strings.ToUpper(mechanism) {
	case "PLAIN":
		login, password, r = s.plain(initial)
	case "LOGIN":
		login, password, r = s.loginSteps(initial)
	default:
		return answer(504, "5.5.4", "PLAIN or LOGIN")
	}
	if !r.ok() {
		return r
	}
	return s.authenticate(login, password)
}

// plain reads "authorization NUL login NUL password".
func (s *session) plain(initial string) (login, password string, r reply) {
	text, r := s.response("", initial)
	parts := strings.Split(text, "\x00")
	if r.ok() && (len(parts) != 3 || parts[0] != "" && parts[0] != parts[1]) {
		r = answer(501, "5.5.2", "Malformed PLAIN response")
	}
	if !r.ok() {
		return "", "", r
	}
	return parts[1], parts[2], r
}

func (s *session) loginSteps(initial string) (login, password string, r reply) {
	if login, r = s.response("Username:", initial); r.ok() {
		password, r = s.response("Password:", "")
	}
	return login, password, r
}

// response is the client's initial response, or its answer to a challenge.
func (s *session) response(challenge, initial string) (string, reply) {
	encoded := initial
	if encoded == "" {
		if err := s.write(reply{code: 334, text: base64.StdEncoding.EncodeToString([]byte(challenge))}); err != nil {
			return "", answer(421, "4.4.2", "Connection lost").closing()
		}
		line, err := s.readLine()
		if err != nil {
			return "", answer(421, "4.4.2", "Connection lost").closing()
		}
		encoded = line
	}
	if encoded == "*" {
		return "", answer(501, "5.7.0", "Cancelled")
	}
	if encoded == "=" {
		encoded = ""
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", answer(501, "5.5.2", "Not base64")
	}
	return string(text), reply{}
}

func (s *session) authenticate(login, password string) reply {
	user, err := s.door.gate.login(s.server.ctx, login, password)
	switch {
	case err == nil && user != "":
		s.user = user
		s.log = s.log.With("user", user)
		s.server.metrics.logins.WithLabelValues("ok").Inc()
		return answer(235, "2.7.0", "Welcome")
	case err == nil || errors.Is(err, ErrLogin):
		s.server.metrics.logins.WithLabelValues("wrong").Inc()
		s.server.guard.wrongLogin(s.ip)
		s.log.Info("wrong log-in")
		s.server.pause(min(s.server.config.Tarpit, time.Second))
		return answer(535, "5.7.8", "Wrong login or password")
	}
	s.server.metrics.logins.WithLabelValues("error").Inc()
	s.log.Error("log-in", "err", err)
	return answer(454, "4.7.0", "Trouble here, please try again later")
}
