package pbxapi

import (
	"context"
	"errors"

	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/words"
	"frontdesk/web/api"
)

// wordRoutes registers what was said in recordings, in words, and who writes it down.
func (o *Operations) wordRoutes(f *api.Frame) {
	api.Add(f, users("Recordings", "GET /recordings/{id}/transcript",
		"What was said in a recording that one may hear. That one reads it is written down, as if one listened"),
		o.transcript)
	api.Do(f, users("Recordings", "POST /recordings/{id}/transcript",
		"Have what was said in a recording written down again"),
		o.writeAgain)
	api.Add(f, users("Recordings", "GET /recordings/said",
		"Where words were said, in the recordings that one may hear, the latest first"), o.findSaid)
	api.Add(f, users("Recordings", "GET /recordings/words", "Whether somebody writes down what is said in recordings"),
		o.wordsWritten)
	api.Add(f, admins("Recordings", "GET /telephony/words/old",
		"How far what was recorded before is written down"), o.oldWords)
	api.Do(f, admins("Recordings", "POST /telephony/words/old",
		"Have what was recorded before written down, the latest first"), o.writeOldWords)
	api.Do(f, admins("Recordings", "DELETE /telephony/words/old", "Write down no more of it"), o.stopOldWords)
	api.Add(f, admins("Recordings", "GET /telephony/words",
		"Who writes down what is said in recordings, and who sums it up"),
		o.getWords)
	api.Add(f, admins("Recordings", "PUT /telephony/words",
		"Change who writes down what is said in recordings, and who sums it up"),
		o.putWords)
	api.Add(f, admins("Recordings", "POST /telephony/words/test",
		"Have the recogniser hear a sentence, and the other sum it up"), o.tryWords)
}

func (o *Operations) transcript(ctx context.Context, in *api.ByID) (words.Transcript, error) {
	t, err := o.words.Of(ctx, listener(ctx), in.ID)
	if !api.IsAdmin(api.UserOf(ctx)) {
		t.Trouble = ""
	}
	return t, err
}

func (o *Operations) writeAgain(ctx context.Context, in *api.ByID) error {
	return o.words.Again(ctx, listener(ctx), in.ID)
}

// WordsWritten tells whether anybody writes down what is said.
type WordsWritten struct {
	On bool `json:"on"`
}

func (o *Operations) wordsWritten(ctx context.Context, _ *api.None) (WordsWritten, error) {
	s, err := o.words.Settings(ctx)
	return WordsWritten{s.Recogniser.URL != ""}, err
}

func (o *Operations) oldWords(ctx context.Context, _ *api.None) (words.Old, error) {
	return o.words.OldOnes(ctx)
}

func (o *Operations) writeOldWords(ctx context.Context, _ *api.None) error {
	err := o.words.WriteOld(ctx)
	if errors.Is(err, words.ErrOff) {
		return api.ErrNotFound
	}
	return err
}

func (o *Operations) stopOldWords(ctx context.Context, _ *api.None) error {
	return o.words.StopOld(ctx)
}

type saidQuery struct {
	Text  string `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Beginnings of words, which all were said"`
	Limit int    `query:"limit" default:"6" minimum:"1" maximum:"50"`
}

// Said is a place in a recording where words were said, and the call.
type Said struct {
	words.Hit
	Of ledger.Record `json:"of"`
}

func (o *Operations) findSaid(ctx context.Context, in *saidQuery) (api.Page[Said], error) {
	hits, err := o.words.Find(ctx, listener(ctx), in.Text, in.Limit)
	if err != nil || len(hits) == 0 {
		return api.Page[Said]{Items: []Said{}}, err
	}
	var calls []string
	for _, h := range hits {
		calls = append(calls, h.Call)
	}
	records, err := o.exchange.RecordsOf(ctx, calls)
	if err == nil {
		err = o.dress(ctx, api.UserOf(ctx), records)
	}
	all := make([]Said, 0, len(hits))
	for _, h := range hits {
		for _, r := range records {
			if r.ID == h.Call {
				r.Steps = nil
				all = append(all, Said{h, r})
			}
		}
	}
	return api.List(all, err)
}

// WordsSettings say who writes down what is said in recordings.
type WordsSettings struct {
	Recogniser WordsModel `json:"recogniser" doc:"Writes down what is said: POST …/v1/audio/transcriptions. Without an address nobody does"`
	Summariser WordsModel `json:"summariser" doc:"Sums it up and proposes next steps: POST …/v1/chat/completions. Without an address nobody does"`
	Language   string     `json:"language,omitempty" maxLength:"3" doc:"Of the calls (ISO 639-1); left out: the recogniser finds out"`
}

// WordsModel is a model behind an address that speaks the API of OpenAI.
type WordsModel struct {
	URL    string  `json:"url,omitempty" maxLength:"2000"`
	Model  string  `json:"model,omitempty" maxLength:"200"`
	Key    *string `json:"key,omitempty" maxLength:"1000" doc:"Never told. Left out: it stays, unless the server is another one; empty: none"`
	HasKey bool    `json:"has_key,omitempty" readOnly:"true"`
}

func (o *Operations) getWords(ctx context.Context, _ *api.None) (WordsSettings, error) {
	s, err := o.words.Settings(ctx)
	shown := func(m words.Model) WordsModel { return WordsModel{URL: m.URL, Model: m.Name, HasKey: m.HasKey()} }
	return WordsSettings{shown(s.Recogniser), shown(s.Summariser), s.Language}, err
}

func (o *Operations) putWords(ctx context.Context, in *struct{ Body WordsSettings }) (WordsSettings, error) {
	change := func(m WordsModel) words.Change { return words.Change{URL: m.URL, Name: m.Model, Key: m.Key} }
	if err := o.words.Save(ctx, change(in.Body.Recogniser), change(in.Body.Summariser), in.Body.Language); err != nil {
		return in.Body, err
	}
	return o.getWords(ctx, nil)
}

type wordsTrial struct {
	Body struct {
		Language string `json:"language,omitempty" enum:"en,ro,ru" default:"en" doc:"Of the sentence"`
	}
}

// tryWords has a sentence recognised that the program says to callers.
func (o *Operations) tryWords(ctx context.Context, in *wordsTrial) (words.Tried, error) {
	sound, err := o.prompts.Sound(ctx, prompts.System(in.Body.Language, "recorded"))
	if err != nil {
		return words.Tried{}, err
	}
	trial, err := o.words.Try(ctx, sound)
	if errors.Is(err, words.ErrOff) {
		return trial, api.ErrNotFound
	}
	return trial, err
}
