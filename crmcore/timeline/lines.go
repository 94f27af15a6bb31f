package timeline

import "context"

// Lines tells how the lines of ours, mailboxes now and extensions later, let people read what came over them. It is
// asked where an entry is read, never when it is written: who joins or leaves a mailbox sees more or less at once.
type Lines interface {
	// Open are those of the lines whose entries the user may read whole: those he reads himself, and those that file
	// into the timelines which all share. For the user "" it is the latter alone.
	Open(ctx context.Context, user string, lines []string) ([]string, error)
	// Own are the lines that the user reads himself.
	Own(ctx context.Context, user string) ([]string, error)
}

// openLines is a house in which every line is open.
type openLines struct{}

func (openLines) Open(_ context.Context, _ string, lines []string) ([]string, error) {
	return lines, nil
}

func (openLines) Own(context.Context, string) ([]string, error) { return nil, nil }

// Meetings tells who is, or was, invited to a meeting. It is asked where an entry is read.
type Meetings interface {
	// OpenTo are those of the meetings, and of the calls into meetings, whose titles a user may read; by the sources of
	// their activities.
	OpenTo(ctx context.Context, user string, sources []string) (map[string]bool, error)
}
