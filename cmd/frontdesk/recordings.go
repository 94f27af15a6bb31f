package main

import (
	"context"
	"path/filepath"

	"frontdesk/media/record"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/voicemail"
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
