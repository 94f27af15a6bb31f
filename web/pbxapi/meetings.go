package pbxapi

import (
	"context"
	"slices"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/web/api"
)

// MeetingInput is a meeting room to be.
type MeetingInput struct {
	Title string       `json:"title" minLength:"1" maxLength:"200"`
	About []record.Ref `json:"about,omitempty" maxItems:"10" doc:"Records it is about: it comes on their timelines"`

	People []string `json:"people,omitempty" maxItems:"500" doc:"Ids of the users who are invited: they see it and come in"`
}

// MeetingPatch changes a meeting room; what is left out stays.
type MeetingPatch struct {
	Title *string      `json:"title,omitempty" minLength:"1" maxLength:"200"`
	About []record.Ref `json:"about,omitempty" maxItems:"10" doc:"Records it is about, all of them; those one may not see stay"`

	People  []string `json:"people,omitempty" maxItems:"500" doc:"Ids of the users who are invited, all of them; who is no longer is put out"`
	Version *int64   `json:"version,omitempty" doc:"Of the room that was edited: 409 when somebody changed it since"`
}

type (
	meetingCreate struct{ Body MeetingInput }
	meetingUpdate struct {
		api.ByID
		Body MeetingPatch
	}
)

// MeetingView is a meeting room with what it is about, as far as the user may see it.
type MeetingView struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Owner   string         `json:"owner"`
	About   []record.Named `json:"about"`
	People  []string       `json:"people" doc:"Ids of the users who are invited, besides the owner"`
	Created time.Time      `json:"created"`
	Version int64          `json:"version" doc:"Grows with each change"`
	Inside  []string       `json:"inside" doc:"Ids of the users who are in it now"`
	Guests  int            `json:"guests" doc:"How many are in it now from outside, by phone"`
}

type meetingList struct {
	api.Paging
	About string `query:"about" maxLength:"100" doc:"Id: only those about this record"`
}

// listMeetings lists those that the user made or is invited to; to administrators, all.
func (o *Operations) listMeetings(ctx context.Context, in *meetingList) (api.Page[MeetingView], error) {
	u := api.UserOf(ctx)
	f := directory.MeetingFilter{User: u.ID, About: in.About, Before: in.After, Limit: in.Limit}
	if api.IsAdmin(u) {
		f.User = ""
	}
	rooms, next, err := o.directory.Meetings(ctx, f)
	if err != nil {
		return api.Page[MeetingView]{}, err
	}
	views, err := o.meetingViews(ctx, rooms)
	return api.Page[MeetingView]{Items: views, Next: next}, err
}

// meetingViews shows rooms to the user.
func (o *Operations) meetingViews(ctx context.Context, rooms []directory.Meeting) ([]MeetingView, error) {
	var refs []record.Ref
	for _, m := range rooms {
		refs = append(refs, refsOf(m.About)...)
	}
	known, err := o.core.Readable(ctx, api.UserOf(ctx), refs)
	if err != nil || len(rooms) == 0 {
		return []MeetingView{}, err
	}
	inside, err := o.live.Inside(ctx, api.UserOf(ctx).ID)
	views := make([]MeetingView, len(rooms))
	for i, m := range rooms {
		now := inside[m.ID]
		views[i] = MeetingView{ID: m.ID, Title: m.Title, Owner: m.Owner, About: []record.Named{}, People: m.People,
			Created: m.Created, Version: m.Version,
			Inside: onceEach(now.People), Guests: now.Guests}
		for _, ref := range refsOf(m.About) {
			if n := slices.IndexFunc(known, func(k record.Named) bool { return k.Ref == ref }); n >= 0 {
				views[i].About = append(views[i].About, known[n])
			}
		}
	}
	return views, err
}

func (o *Operations) meetingView(ctx context.Context, m directory.Meeting, err error) (MeetingView, error) {
	if err != nil {
		return MeetingView{}, err
	}
	views, err := o.meetingViews(ctx, []directory.Meeting{m})
	if err != nil {
		return MeetingView{}, err
	}
	return views[0], nil
}

// onceEach are the ids of users, some of whom are inside by two tabs.
func onceEach(users []string) []string {
	return append([]string{}, slices.Compact(slices.Sorted(slices.Values(users)))...)
}

func refsOf(about []directory.About) []record.Ref {
	refs := []record.Ref{}
	for _, a := range about {
		refs = append(refs, record.Ref{Kind: record.Kind(a.Kind), ID: a.ID})
	}
	return refs
}

// aboutOf checks that the user may see what a meeting shall be about.
func (o *Operations) aboutOf(ctx context.Context, refs []record.Ref) ([]directory.About, error) {
	known, err := o.core.Readable(ctx, api.UserOf(ctx), refs)
	if err != nil {
		return nil, err
	}
	if len(known) < len(refs) {
		return nil, &input.Invalid{Field: "about",
			Problem: "one of these records does not exist or is not yours to see"}
	}
	about := []directory.About{}
	for _, k := range known {
		about = append(about, directory.About{Kind: string(k.Kind), ID: k.ID})
	}
	return about, nil
}

func (o *Operations) createMeeting(ctx context.Context, in *meetingCreate) (MeetingView, error) {
	about, err := o.aboutOf(ctx, in.Body.About)
	if err != nil {
		return MeetingView{}, err
	}
	if err := o.live.MayBeInvited(ctx, in.Body.People); err != nil {
		return MeetingView{}, err
	}
	m := directory.Meeting{Title: in.Body.Title, Owner: api.UserOf(ctx).ID, About: about, People: in.Body.People}
	if err = o.directory.CreateMeeting(ctx, &m); err == nil {
		o.live.TellRoomChanged(m)
	}
	return o.meetingView(ctx, m, err)
}

func (o *Operations) getMeeting(ctx context.Context, in *api.ByID) (MeetingView, error) {
	m, err := o.seenMeeting(ctx, in.ID)
	return o.meetingView(ctx, m, err)
}

// seenMeeting is a room that the user is invited to, or an administrator's; for others it is not there.
func (o *Operations) seenMeeting(ctx context.Context, id string) (directory.Meeting, error) {
	m, err := o.directory.Meeting(ctx, id)
	if u := api.UserOf(ctx); err == nil && !m.Invited(u.ID) && !api.IsAdmin(u) {
		err = api.ErrNotFound
	}
	return m, err
}

// ownMeeting is a room that its owner or an admin may change.
func (o *Operations) ownMeeting(ctx context.Context, id string) (directory.Meeting, error) {
	m, err := o.seenMeeting(ctx, id)
	if u := api.UserOf(ctx); err == nil && m.Owner != u.ID && !api.IsAdmin(u) {
		err = api.ErrNotYours
	}
	return m, err
}

// updateMeeting changes what is given. A title is changed as it stands; what it is about and who is invited are lists,
// which are as they were when read.
func (o *Operations) updateMeeting(ctx context.Context, in *meetingUpdate) (MeetingView, error) {
	m, err := o.ownMeeting(ctx, in.ID)
	if err != nil {
		return MeetingView{}, err
	}
	to := directory.MeetingChange{Title: in.Body.Title, People: in.Body.People, Version: in.Body.Version}
	if in.Body.About != nil {
		if to.About, err = o.changedAbout(ctx, m.About, in.Body.About); err != nil {
			return MeetingView{}, err
		}
	}
	added := slices.DeleteFunc(slices.Clone(in.Body.People), m.Invited)
	if err := o.live.MayBeInvited(ctx, added); err != nil {
		return MeetingView{}, err
	}
	if to.Version == nil && (to.About != nil || to.People != nil) {
		to.Version = &m.Version
	}
	if err := o.directory.ChangeMeeting(ctx, m.ID, to); err != nil {
		return MeetingView{}, err
	}
	if in.Body.People != nil {
		o.live.PutOut(m.ID, slices.DeleteFunc(slices.Clone(m.People),
			func(user string) bool { return slices.Contains(in.Body.People, user) }))
	}
	o.live.TellRoomChanged(m, in.Body.People...)
	return o.getMeeting(ctx, &in.ByID)
}

// changedAbout is what the user wants, and what he can't see of what was there.
func (o *Operations) changedAbout(ctx context.Context, before []directory.About,
	want []record.Ref) ([]directory.About, error) {
	after, err := o.aboutOf(ctx, want)
	if err != nil {
		return nil, err
	}
	seen, err := o.core.Readable(ctx, api.UserOf(ctx), refsOf(before))
	for _, a := range before {
		if !slices.ContainsFunc(seen, func(k record.Named) bool { return string(k.Kind) == a.Kind && k.ID == a.ID }) {
			after = append(after, a)
		}
	}
	return after, err
}

func (o *Operations) deleteMeeting(ctx context.Context, in *api.ByID) error {
	if _, err := o.ownMeeting(ctx, in.ID); err != nil {
		return err
	}
	return o.directory.DeleteMeeting(ctx, in.ID)
}
