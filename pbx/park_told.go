package pbx

import (
	"context"
	"strconv"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/prompts"
)

// slotTold is the call to a desk phone that parked a call by transferring it: its own is over by then, and what a
// NOTIFY says of a transfer (RFC 3515) phones don't show. It rings with what fetches the call as the caller, so a look
// is enough and its list of calls has it; who answers hears the number. It is part of no record: nobody misses it.
type slotTold struct {
	board  *call.Switchboard
	device string
	user   string // whose phone it is
	call   string // that is parked
	number string // that fetches it
	slot   int64

	leg    Leg
	codec  chan media.Codec
	gone   chan struct{}
	prompt *media.Prompt
}

// How long the phone rings, and how long who answers may listen.
const (
	slotRings = 20 * time.Second
	slotSaid  = 30 * time.Second
)

// parkedAs is the name of the caller, by language.
func parkedAs(language string) string {
	switch language {
	case "ro":
		return "Parcat: "
	case "ru":
		return "Припаркован: "
	}
	return "Parked: "
}

// run rings the phone, and says the number to who answers, until ctx ends.
func (t *slotTold) run(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, slotRings)
	defer cancel()
	language := t.board.Language(within, t.user)
	leg, err := t.board.Dialers.Phone.Dial(within, Target{Device: t.device}, Request{Call: t.call,
		From:   Party{Kind: Phone, Number: t.number, Name: parkedAs(language) + strconv.FormatInt(t.slot, 10)},
		Number: t.number, Name: parkedAs(language) + strconv.FormatInt(t.slot, 10), Codecs: call.LineCodecs()})
	if err != nil {
		t.board.Log.Info("who parked a call is not told its slot", "call", t.call, "err", err)
		return
	}
	t.leg = leg
	leg.Listen(t.hears)
	select {
	case codec := <-t.codec:
		t.says(ctx, language, codec)
	case <-within.Done():
		leg.Hangup(CauseCancelled)
	case <-t.gone:
	}
	<-t.gone
	if t.prompt != nil {
		t.prompt.Close()
	}
}

func (t *slotTold) hears(e Event) {
	switch e := e.(type) {
	case Answered:
		select {
		case t.codec <- e.Codec:
		default: // again
		}
	case TransferAsked:
		e.Done(CauseForbidden)
	case Gone:
		close(t.gone)
	}
}

// says the number of the slot, digit by digit, again and again.
func (t *slotTold) says(ctx context.Context, language string, codec media.Codec) {
	words := []string{}
	for _, digit := range strconv.FormatInt(t.slot, 10) {
		words = append(words, prompts.System(language, string(digit)))
	}
	pcm, err := t.board.Spoken(ctx, words...)
	if err != nil {
		t.board.Log.Warn("the slot of a parked call is not said", "call", t.call, "err", err)
		t.leg.Hangup(CauseFailed)
		return
	}
	over := make(chan struct{})
	t.prompt = media.NewPrompt(t.leg.ID()+"/prompt", codec, repeated(pcm, slotTimes), func() { close(over) })
	t.leg.Play(t.prompt.Track())
	select {
	case <-over:
	case <-t.gone:
		return
	case <-ctx.Done():
	case <-time.After(slotSaid):
	}
	t.leg.Hangup(CauseNormal)
}

// slotTimes is how often it is said.
const slotTimes = 3

func repeated(pcm []int16, times int) (all []int16) {
	for range times {
		all = append(all, pcm...)
	}
	return all
}
