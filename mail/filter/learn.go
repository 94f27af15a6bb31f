package filter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// lessonsAtOnce are learned from together.
const lessonsAtOnce = 32

// Handle registers the job that learns from the messages which people move into Junk and out of it. Call it before
// jobs.Run.
func (f *Filter) Handle(jobs *store.Jobs, blobs blob.Store) {
	jobs.HandleTogether(mail.TrainJob, lessonsAtOnce, func(ctx context.Context, lessons []store.Job) []error {
		errs := make([]error, len(lessons))
		for i, job := range lessons {
			errs[i] = f.learn(ctx, blobs, job)
		}
		return errs
	})
}

func (f *Filter) learn(ctx context.Context, blobs blob.Store, job store.Job) error {
	var lesson mail.Lesson
	if err := json.Unmarshal(job.Payload, &lesson); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	message, err := blobs.Open(ctx, lesson.Blob)
	if errors.Is(err, fs.ErrNotExist) {
		f.log.Warn("nothing is learned from a mail that is gone", "blob", lesson.Blob)
		return nil
	}
	if err != nil {
		return err
	}
	defer message.Close()
	return f.Train(ctx, message, lesson.Junk)
}
