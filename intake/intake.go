// Package intake stands above the three minds, which don't know each other: it translates what happens on the lines and
// in the mailboxes into touches of the CRM, and the CRM's answers into cards and events.
package intake

import (
	"context"
	"log/slog"
	"sync"

	"frontdesk/crmcore"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/offer"
	"frontdesk/mail"
	"frontdesk/mail/exclusion"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/voicemail"
	"frontdesk/store"
)

// Deps are what intake translates between.
type Deps struct {
	Core       *crmcore.Core
	Directory  *directory.Directory
	Box        *mail.Box
	Voicemail  *voicemail.Messages
	Recordings *recording.Recordings
	Calls      Calls
	Screens    Screens
	DB         *store.DB // where events are told
	// Sort follows the rules of mailboxes for mails that came in; nil: there are none.
	Sort func(ctx context.Context, mails []mail.Arrival) []error
	// Cover tells of mails, by mailbox and who is on their other side, of which the CRM is not to hear; nil: of all.
	Cover func(ctx context.Context, mails []exclusion.Mail) ([]bool, error)
	// Called is told of calls that our people make, for the calling lists; nil: there are none.
	Called func(ctx context.Context, call calling.Call) error
	// Went is told of mails of ours that were sent, by their Message-IDs, for the offers that they take to clients;
	// nil: there are none.
	Went   func(ctx context.Context, message string) (*offer.Gone, error)
	Region string // ISO 3166 country of the company
	Log    *slog.Logger
}

// Calls are what intake asks of the exchange, and tells it.
type Calls struct {
	Runs    func(call string) bool
	Records func(ctx context.Context, calls []string) ([]ledger.Record, error) // of those that have one
	Rang    func(ctx context.Context, call string) ([]string, error)           // users whom it rang
	Written func(ctx context.Context, call string)                             // waits for the record of a running call
	// Tell tells events of a running call, after what is written of it so far; false when it does not run.
	Tell  func(call string, events ...store.Event) bool
	Named func(meeting, call, name string) // under which name the CRM knows who came into a meeting
}

// Screens are the browsers of the house. None of them blocks.
type Screens struct {
	Send func(user, event string, data any) // to all tabs of a user
	Call func(pbx.View)                     // to those in the call
}

// Intake is safe for concurrent use.
type Intake struct {
	core       *crmcore.Core
	directory  *directory.Directory
	box        *mail.Box
	voicemail  *voicemail.Messages
	recordings *recording.Recordings
	calls      Calls
	screens    Screens
	db         *store.DB
	sort       func(ctx context.Context, mails []mail.Arrival) []error
	cover      func(ctx context.Context, mails []exclusion.Mail) ([]bool, error)
	called     func(ctx context.Context, call calling.Call) error
	went       func(ctx context.Context, message string) (*offer.Gone, error)
	region     string
	log        *slog.Logger

	tasks   sync.WaitGroup // what a call does not wait for
	mu      sync.Mutex
	running map[string]*running // by id of the call
}

// running is what intake knows of a call under way.
type running struct {
	card *crmcore.Card          // nil until the CRM answered
	rung []string               // users who were rung before it did
	told string                 // last state told
	legs map[string]pbx.LegView // of a meeting: who is in it or being called in
}

// New makes the intake; the caller closes it when no call runs and no job any more.
func New(d Deps) *Intake {
	if d.Cover == nil {
		d.Cover = func(_ context.Context, mails []exclusion.Mail) ([]bool, error) {
			return make([]bool, len(mails)), nil
		}
	}
	if d.Went == nil {
		d.Went = func(context.Context, string) (*offer.Gone, error) { return nil, nil }
	}
	return &Intake{cover: d.Cover, went: d.Went,
		core: d.Core, directory: d.Directory, box: d.Box, voicemail: d.Voicemail, recordings: d.Recordings,
		calls: d.Calls, screens: d.Screens, db: d.DB, sort: d.Sort, called: d.Called, region: d.Region, log: d.Log,
		running: map[string]*running{}}
}

// Close waits for what the calls left behind, events included.
func (in *Intake) Close() { in.tasks.Wait() }
