package pbx

import (
	"context"
	"slices"
	"strconv"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/voicemail"
)

// messages is the act in which one of our people hears what callers left in his boxes, those that nobody heard first.
// His phone says who he is: it asks for no code.
type messages struct {
	program
	language string
	list     []voicemail.Message
	at       int
	speech   *call.Speech
	wait     call.Alarm // for a key
}

const keyWait = 10 * time.Second

// Keys while one hears one's messages.
const (
	keyAgain    = '1'
	keyNext     = '2'
	keyDelete   = '3'
	keyCallBack = '4'
)

func (m *messages) Begin() {
	boxes := m.Plan.BoxesOf(m.who.Party.User)
	if len(boxes) == 0 || m.Board.Config.Voicemail == nil {
		m.End(CauseNotFound)
		return
	}
	if m.language = m.Plan.Box(boxes[0]).Language; !m.answer() {
		return
	}
	off(m, m.Call, func(ctx context.Context) func() {
		list, err := m.Board.Config.Voicemail.List(ctx, m.who.Party.User)
		return func() { m.read(list, err) }
	})
}

// read has the list.
func (m *messages) read(list []voicemail.Message, err error) {
	if err != nil {
		m.Log.Error("voice messages can't be read", "err", err)
		m.End(CauseFailed)
		return
	}
	slices.SortStableFunc(list, func(a, b voicemail.Message) int { // what is new first
		switch {
		case a.Heard == b.Heard:
			return 0
		case b.Heard:
			return -1
		}
		return 1
	})
	m.list = list
	fresh := slices.IndexFunc(list, func(x voicemail.Message) bool { return x.Heard })
	if fresh < 0 {
		fresh = len(list)
	}
	if fresh == 0 {
		m.plays(m.says("no-messages"))
		return
	}
	m.plays(append([]string{m.says("new-messages")}, m.number(fresh)...)...)
}

func (m *messages) says(name string) string { return prompts.System(m.language, name) }

// number is a number by the words of its digits, from eleven on.
func (m *messages) number(n int) (words []string) {
	if n <= 10 {
		return []string{m.says(strconv.Itoa(n))}
	}
	for _, digit := range strconv.Itoa(n) {
		words = append(words, m.says(string(digit)))
	}
	return words
}

// plays the message that is next after some words, then which keys there are.
func (m *messages) plays(before ...string) {
	m.speech.Stop()
	m.Alarms.Off(&m.wait)
	if m.at >= len(m.list) {
		if len(m.list) > 0 {
			before = append(before, m.says("no-more-messages"))
		}
		m.speech = m.Say(m.who, func(bool) { m.End(CauseNormal) }, before...)
		return
	}
	now := m.list[m.at]
	off(m, m.Call, func(ctx context.Context) func() {
		if err := m.Board.Config.Voicemail.Heard(ctx, now, m.who.Party.User); err != nil {
			m.Log.Warn("a message stays new", "err", err)
		}
		return func() {}
	})
	said := append(before, voicemail.Prompt+now.ID, m.says("message-keys"))
	if now.From != "" {
		said = append(said, m.says("call-back-key"))
	}
	m.speech = m.Say(m.who, func(bool) {
		m.Alarms.Set(&m.wait, keyWait, func() { m.End(CauseNormal) })
	}, said...)
}

func (m *messages) Said(x *call.Member, e Event) {
	if d, ok := e.(Digit); ok && x == m.who {
		m.presses(d.Key)
		return
	}
	m.program.Said(x, e)
}

func (m *messages) presses(key rune) {
	if m.at >= len(m.list) {
		return
	}
	switch key {
	case keyAgain:
		m.plays()
	case keyNext:
		m.at++
		m.plays()
	case keyDelete:
		m.deletes(m.list[m.at])
	case keyCallBack:
		m.callsBack(m.list[m.at].From)
	}
}

func (m *messages) deletes(gone voicemail.Message) {
	m.speech.Stop()
	m.Alarms.Off(&m.wait)
	m.at++
	off(m, m.Call, func(ctx context.Context) func() {
		err := m.Board.Config.Voicemail.Delete(ctx, m.who.Party.User, gone.ID)
		return func() {
			if err != nil {
				m.Log.Error("a message stays", "err", err)
				m.plays()
				return
			}
			m.plays(m.says("message-deleted"))
		}
	})
}

// callsBack has the call be one to whoever left the message, by the rules for what he dials.
func (m *messages) callsBack(number string) {
	if number == "" {
		return
	}
	m.speech.Stop()
	m.Alarms.Off(&m.wait)
	m.In = m.Plan.Inbound(m.Record.ID, m.who.Party, number)
	m.Record.To, m.Record.Direction = m.In.To, m.In.Direction
	calls := m.program
	calls.way = hunt.NewWay(m.Call, m.Plan.Route(m.In, m.Board.Facts(dialplan.Hint{}), time.Now()), &m.Record, m.Ledger,
		m.In.Party, m.In.From)
	calls.over("")
}

func (m *messages) Hears(x *call.Member) []*media.Track { return m.speech.Sound(x) }

func (m *messages) Ended(Cause) { m.speech.Stop() }
