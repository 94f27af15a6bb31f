package main

import (
	"context"
	"path/filepath"

	"frontdesk/crmcore/fold"
	"frontdesk/guard"
	"frontdesk/media/record"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/voicemail"
	"frontdesk/pbx/words"
)

// openRecordings makes what keeps the sound of calls, and of messages. While a call goes on it is in a folder of this
// node, which the next process of the node begins with.
func (n *node) openRecordings(context.Context) (err error) {
	n.recordings, n.supervision = recording.New(n.db, n.blobs), supervision.New(n.db)
	if n.recorder, err = record.Open(filepath.Join(n.config.Data, "recordings", n.config.Node), n.log,
		n.metrics); err != nil {
		return err
	}
	n.onClose(n.recorder.Close)
	n.recorder.Handle(recording.Kind, n.recordings.Keep)
	n.recorder.Handle(voicemail.Kind, n.voicemail.Finish)
	return n.openWords()
}

// openWords makes what writes down what is said in recordings.
func (n *node) openWords() error {
	seal, err := n.config.seal()
	if err != nil {
		return err
	}
	egress, err := guard.NewEgress(n.config.Calls.Words.Allow)
	if err != nil {
		return err
	}
	n.words = words.New(words.Config{Egress: egress, Seal: seal, Split: fold.Words, Agent: "Frontdesk/" + version()},
		n.db,
		n.recordings, n.log)
	n.onClose(n.words.Close)
	n.recordings.Follow(n.words.Kept)
	return nil
}

// expireRecordings removes those whose time is over.
func (n *node) expireRecordings(ctx context.Context) {
	gone, err := n.recordings.Expire(ctx)
	if err != nil && ctx.Err() == nil {
		n.log.Error("recordings whose time is over stay", "err", err)
	} else if gone > 0 {
		n.log.Info("recordings whose time is over are gone", "recordings", gone)
	}
}
