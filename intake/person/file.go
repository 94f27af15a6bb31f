package person

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Write writes all there is of somebody as a ZIP: what is known of him and what happened as JSON, his mails as they
// came, his recordings and voice messages as sound.
func (p *Persons) Write(ctx context.Context, actor people.User, ref record.Ref, also []record.Ref, to io.Writer) error {
	f, err := p.Find(ctx, actor, ref, also)
	if err != nil {
		return err
	}
	out := zip.NewWriter(to)
	for _, part := range []struct {
		name string
		read func() (any, error)
	}{
		{"person.json", func() (any, error) { return f.Person, nil }},
		{"records.json", func() (any, error) { return p.records(ctx, actor, f) }},
		{"timeline.json", func() (any, error) { return f.Timeline(ctx, p.DB) }},
		{"calls.json", func() (any, error) { return p.calls(ctx, f) }},
		{"offers.json", func() (any, error) { return p.Offers.Written(ctx, f.Papers()) }},
	} {
		if err := addJSON(out, part.name, part.read); err != nil {
			return err
		}
	}
	for _, id := range f.mails {
		if err := add(out, "mails/"+id+".eml", func() (io.ReadCloser, error) {
			return p.Box.Raw(ctx, id)
		}); err != nil {
			return err
		}
	}
	for _, id := range f.recordings {
		if err := add(out, "recordings/"+id+".wav", func() (io.ReadCloser, error) {
			_, sound, err := p.Recordings.Sound(ctx, id)
			return sound, err
		}); err != nil {
			return err
		}
	}
	for _, id := range f.messages {
		if err := add(out, "voicemail/"+id+".wav", func() (io.ReadCloser, error) {
			m, err := p.Voicemail.Message(ctx, id)
			if err != nil {
				return nil, err
			}
			return p.Voicemail.File(ctx, m)
		}); err != nil {
			return err
		}
	}
	return out.Close()
}

// records are his contacts and leads as the API has them.
func (p *Persons) records(ctx context.Context, actor people.User, f Found) (all []any, err error) {
	for _, r := range f.Records {
		var one any
		if r.Kind == record.Contact {
			one, err = p.Core.Contact(ctx, actor, r.ID)
		} else {
			one, err = p.Core.Lead(ctx, actor, r.ID)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

const together = 200

func (p *Persons) calls(ctx context.Context, f Found) (all []any, err error) {
	for some := range slices.Chunk(f.traces.calls, together) {
		records, err := p.Records(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			all = append(all, r)
		}
	}
	return all, nil
}

func addJSON(out *zip.Writer, name string, read func() (any, error)) error {
	value, err := read()
	if err != nil {
		return err
	}
	file, err := out.Create(name)
	if err != nil {
		return err
	}
	w := json.NewEncoder(file)
	w.SetIndent("", "  ")
	return w.Encode(value)
}

// add copies a content; one that is gone meanwhile is left out.
func add(out *zip.Writer, name string, open func() (io.ReadCloser, error)) error {
	content, err := open()
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer content.Close()
	file, err := out.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return err
}
