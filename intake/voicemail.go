package intake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
)

// voicemailWords are what the mail of a message says, by the language of its box.
var voicemailWords = map[string]struct{ subject, hidden, body, seconds string }{
	"en": {"Voicemail from %s", "a withheld number", "%s left a message of %s on %s, for %s. The recording is attached.", "%d s"},
	"ro": {"Mesaj vocal de la %s", "un număr ascuns", "%s a lăsat un mesaj de %s la %s, pentru %s. Înregistrarea este atașată.", "%d s"},
	"ru": {"Голосовое сообщение от %s", "скрытого номера", "%s: сообщение длиной %s, %s, для «%s». Запись приложена.", "%d с"},
}

// voicemailLeft brings a message to the mailboxes of its box's users, all or none, with the recording.
func (in *Intake) voicemailLeft(ctx context.Context, job store.Job) error {
	var payload struct{ ID string }
	if err := json.Unmarshal(job.Payload, &payload); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	m, err := in.voicemail.Message(ctx, payload.ID)
	if err != nil {
		return err
	}
	boxes, err := in.directory.Boxes(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(boxes, func(b dialplan.VoicemailBox) bool { return b.ID == m.Box })
	if at < 0 {
		return nil // nobody is to get it any more
	}
	recording, err := in.recording(ctx, m)
	if err != nil {
		return err
	}
	return in.mailVoicemail(ctx, job, boxes[at], m, recording)
}

func (in *Intake) recording(ctx context.Context, m voicemail.Message) ([]byte, error) {
	file, err := in.voicemail.File(ctx, m)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// mailVoicemail adds the mail to each user's own mailbox. Who has none, or a full one, gets none: the recording stands
// with the call.
func (in *Intake) mailVoicemail(ctx context.Context, job store.Job, box dialplan.VoicemailBox, m voicemail.Message,
	recording []byte) error {
	var additions []mail.Addition
	for _, user := range box.Users {
		own, err := in.box.Own(ctx, user)
		if errors.Is(err, mail.ErrNoMailbox) || errors.Is(err, mail.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		text, err := voicemailLetter(own, box, m, recording)
		if err != nil {
			return err
		}
		blob, size, err := in.box.PutBlob(ctx, bytes.NewReader(text))
		if err != nil {
			return err
		}
		additions = append(additions, mail.Addition{Mailbox: own.ID, Folder: mail.Inbox, Blob: blob, Size: size})
	}
	err := in.db.Tx(ctx, func(tx *store.Tx) error {
		for _, a := range additions {
			if _, err := in.box.AppendTx(ctx, tx, a); errors.Is(err, mail.ErrQuota) {
				in.log.Warn("a voicemail is not mailed: the mailbox is full", "mailbox", a.Mailbox, "voicemail", m.ID)
			} else if err != nil {
				return err
			}
		}
		return job.Done(ctx, tx)
	})
	if err == nil {
		for _, a := range additions {
			in.box.Changed(a.Mailbox)
		}
	}
	return err
}

func voicemailLetter(own mail.Mailbox, box dialplan.VoicemailBox, m voicemail.Message,
	recording []byte) ([]byte, error) {
	words, known := voicemailWords[box.Language]
	if !known {
		words = voicemailWords["en"]
	}
	who := cmp.Or(m.Name, m.From, words.hidden)
	if m.Name != "" && m.From != "" {
		who = m.Name + " (" + m.From + ")"
	}
	h := letter.Begin(m.ID+"."+own.ID+"@voicemail.invalid", gomail.Address{Name: box.Name, Address: own.Address},
		fmt.Sprintf(words.subject, who))
	h.SetAddressList("To", []*gomail.Address{{Name: own.Name, Address: own.Address}})
	h.Set("Auto-Submitted", "auto-generated")
	h.SetDate(m.At)
	body := fmt.Sprintf(words.body, who, fmt.Sprintf(words.seconds, int(m.Seconds+0.5)),
		m.At.Format(time.RFC1123Z), box.Name)
	return letter.Write(h, body, "", []letter.File{{Name: "voicemail.wav", Type: "audio/wav", Data: recording}})
}
