package pbx

import (
	"context"
	"errors"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/pbx/prompts"
	"frontdesk/store/blob"
)

// Who waits hears the company's music where it has some, and in a queue that queue's; so does who is on hold.
func TestHoldMusic(t *testing.T) {
	playEach(t, func(w *world) {
		ctx := context.Background()
		blobs, err := blob.Open(t.TempDir())
		must(t, err)
		kept := prompts.New(prompts.Config{}, w.db, blobs)
		w.x.board.Config.Prompt = kept.Sound
		add := func(name string) string {
			p, err := kept.Add(ctx, name, "upload", audio.WAV(make([]int16, media.Rate), media.Rate))
			must(t, err)
			return p.ID
		}
		company, own := add("Piano"), add("Jazz")
		var wrong *input.Invalid
		if err := w.dir.SaveMusic(ctx, "none"); !errors.As(err, &wrong) || wrong.Field != "music" {
			t.Errorf("music that is not there: %v", err)
		}
		w.queues(nil)
		w.agent("ana", true)
		first := w.calls("0722000001")
		w.expectHears(first, "music/PCMA")
		w.say(first, Gone{Cause: CauseNormal})

		must(t, w.dir.SaveMusic(ctx, company))
		second := w.calls("0722000002")
		w.expectHears(second, "music/"+company+"/PCMA")
		w.say(second, Gone{Cause: CauseNormal})
		all, err := w.dir.Queues(ctx)
		must(t, err)
		all[0].Music = own
		must(t, w.dir.SaveQueue(ctx, &all[0]))
		w.sleep(time.Minute)
		third := w.calls("0722000003")
		w.expectHears(third, "music/"+own+"/PCMA")
		ana := w.rung()
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()}, Held{On: true})
		w.expectHears(third, "music/"+company+"/PCMA")
		w.say(third, Gone{Cause: CauseNormal})
		if list, err := kept.List(ctx); err != nil || len(list) != 2 || !list[1].Music || len(list[1].UsedBy) > 0 ||
			list[0].Music || len(list[0].UsedBy) != 1 || list[0].UsedBy[0] != "Support" {
			t.Errorf("%+v, %v", list, err)
		}
		if kept.Delete(ctx, company) == nil || kept.Delete(ctx, own) == nil {
			t.Error("deleted while it is heard")
		}
		must(t, w.dir.SaveMusic(ctx, ""))
		must(t, kept.Delete(ctx, company))
	})
}

// A colleague on his mobile is asked in his own language.
func TestAskedInHisLanguage(t *testing.T) {
	play(t, func(w *world) {
		w.x.board.Hooks.Language = func(_ context.Context, user string) string {
			return map[string]string{"ana": "ro"}[user]
		}
		said := w.spoken()
		w.handles("ana", dialplan.Handling{Always: mobile(true)})
		w.outsider("+40311000001")
		line := w.rung()
		w.say(line, Answered{Codec: media.PCMA()})
		w.expectHears(line, "question/ro/PCMA")
		w.x.board.Sounds.QuestionIn(media.PCMA(), "ro").Attach(line)
		w.sleep(3 * time.Second)
		if now := said(); len(now) != 1 || now[0] != "ro/accept" {
			t.Errorf("said %q", now)
		}
		w.say(line, Digit{Key: '1'})
		w.expectHears(line)
	})
}
