package intake

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/mail"
	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A message comes to the mailbox of each user of its box, once, with the recording.
func TestVoicemailIsMailed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c, ctx := newMailCompany(t, db), t.Context()
		c.directory, c.voicemail = directory.New(directory.Config{}, db, nil), voicemail.New(db, c.blobs)
		nobody := "7d2a66a2-0000-7000-8000-000000000000" // without a mailbox
		box := dialplan.VoicemailBox{Name: "Sales", Users: []string{c.elena.Users[0], nobody}, Language: "ru"}
		must(t, c.directory.SaveBox(ctx, &box))
		done := make(chan error, 1)
		jobs := store.NewJobs(db, store.JobsConfig{Holder: "voicemail"}, slog.New(slog.DiscardHandler))
		jobs.Handle(voicemail.Job, 1, func(ctx context.Context, job store.Job) error {
			err := c.voicemailLeft(ctx, job)
			done <- err
			return err
		})
		must(t, c.voicemail.Keep(ctx, voicemail.Message{ID: "message", Box: box.ID, Call: "call", From: "+40722123456",
			Name: "Ion Pop", At: time.Now(), Seconds: 3},
			bytes.NewReader(audio.WAV(make([]int16, 3*media.Rate), media.Rate))))
		running, stop := context.WithCancel(ctx)
		over := make(chan struct{})
		go func() { jobs.Run(running); close(over) }()
		must(t, <-done)
		stop()
		<-over
		folders, err := c.box.Folders(ctx, c.elena.ID)
		must(t, err)
		list, err := c.box.Stored(ctx, folders[0].ID, []uint32{1, 2})
		if err != nil || len(list) != 1 || folders[0].Name != mail.Inbox {
			t.Fatalf("%d mails in %s, %v", len(list), folders[0].Name, err)
		}
		files, err := c.box.Open(ctx, list[0])
		must(t, err)
		defer files.Close()
		raw := make([]byte, 4000)
		n, _ := files.Read(raw)
		for _, want := range []string{"audio/wav", "voicemail.wav", "Auto-Submitted: auto-generated", "To: "} {
			if !strings.Contains(string(raw[:n]), want) {
				t.Errorf("no %q in %s", want, raw[:n])
			}
		}
	})
}
