package pbxapi

import (
	"context"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/web/api"
)

// machineRoutes registers what calls may lead to besides people.
func (o *Operations) machineRoutes(f *api.Frame) {
	api.Add(f, admins("Telephony", "GET /prompts", "What machines say to callers, by name, and who says it"),
		o.listPrompts)
	upload := admins("Telephony", "POST /prompts",
		"Add a prompt: the body is a sound file, WAV, MP3 or Ogg with Opus, of at most 10 minutes")
	upload.Status, upload.Body = 201, prompts.MaxFile
	api.Add(f, upload, o.createPrompt)
	api.Add(f, created(admins("Telephony", "POST /prompts/speech",
		"Add a prompt that is spoken from a text, where espeak-ng is configured")), o.speakPrompt)
	api.Do(f, admins("Telephony", "PATCH /prompts/{id}", "Rename a prompt"), o.renamePrompt)
	api.Do(f, admins("Telephony", "DELETE /prompts/{id}", "Remove a prompt; refused while something says it"),
		o.deletePrompt)
	sound := admins("Telephony", "GET /prompts/{id}/sound", "The sound of a prompt")
	sound.Streams = "audio/wav"
	api.Raw(f, sound, o.promptSound)

	api.Add(f, admins("Telephony", "GET /menus", "Voice menus and announcements, by name"), o.listMenus)
	api.Add(f, created(admins("Telephony", "POST /menus", "Add a voice menu or announcement")), o.createMenu)
	api.Add(f, admins("Telephony", "PUT /menus/{id}", "Change a voice menu or announcement"), o.putMenu)
	api.Do(f, admins("Telephony", "DELETE /menus/{id}",
		"Remove a voice menu or announcement; refused while something leads to it"), o.deleteMenu)

	api.Raw(f, api.Route{Tag: "Calls", Access: api.Users, Pattern: "GET /calls/{id}/voicemail", Streams: "audio/wav",
		Summary: "The message that the caller left; for the users of its voicemail box"}, o.callVoicemail)
	api.Add(f, admins("Telephony", "GET /voicemail-boxes", "Where callers leave messages, by name"), o.listBoxes)
	api.Add(f, created(admins("Telephony", "POST /voicemail-boxes", "Add a voicemail box")), o.createBox)
	api.Add(f, admins("Telephony", "PUT /voicemail-boxes/{id}", "Change a voicemail box"), o.putBox)
	api.Do(f, admins("Telephony", "DELETE /voicemail-boxes/{id}",
		"Remove a voicemail box; refused while something leads to it. Its messages stay"), o.deleteBox)
}

// PromptList is what machines say.
type PromptList struct {
	Items  []prompts.Prompt `json:"items"`
	Speaks bool             `json:"speaks" doc:"Texts can be spoken"`
}

func (o *Operations) listPrompts(ctx context.Context, _ *api.None) (PromptList, error) {
	all, err := o.prompts.List(ctx)
	return PromptList{all, o.prompts.Speaks()}, err
}

type promptCreate struct {
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"100"`
	Source  string `query:"source" enum:"upload,record" default:"upload" doc:"record: made in the browser"`
	RawBody []byte `contentType:"application/octet-stream"`
}

func (o *Operations) createPrompt(ctx context.Context, in *promptCreate) (prompts.Prompt, error) {
	return o.prompts.Add(ctx, in.Name, in.Source, in.RawBody)
}

// SpeechInput is a text to be spoken.
type SpeechInput struct {
	Name     string `json:"name" minLength:"1" maxLength:"100"`
	Language string `json:"language" enum:"en,ro,ru"`
	Text     string `json:"text" minLength:"1" maxLength:"4000"`
}

func (o *Operations) speakPrompt(ctx context.Context, in *struct{ Body SpeechInput }) (prompts.Prompt, error) {
	return o.prompts.Speak(ctx, in.Body.Name, in.Body.Language, in.Body.Text)
}

type promptRename struct {
	api.ByID
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"100"`
	}
}

func (o *Operations) renamePrompt(ctx context.Context, in *promptRename) error {
	return o.prompts.Rename(ctx, in.ID, in.Body.Name)
}

func (o *Operations) deletePrompt(ctx context.Context, in *api.ByID) error {
	return o.prompts.Delete(ctx, in.ID)
}

func (o *Operations) promptSound(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	file, err := o.prompts.File(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return sound(file), nil
}

// sound answers with a WAV file of ours.
func sound(file io.ReadCloser) *api.StreamOutput {
	return &api.StreamOutput{Body: func(ctx huma.Context) {
		defer file.Close()
		ctx.SetHeader("Content-Type", "audio/wav")
		ctx.SetHeader("Cache-Control", "private, max-age=3600")
		ctx.SetStatus(200)
		io.Copy(ctx.BodyWriter(), file) // to a client that may be gone
	}}
}

// callVoicemail is a message's sound for whose box it is in: as private as mail.
func (o *Operations) callVoicemail(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	m, err := o.voicemail.For(ctx, api.UserOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	file, err := o.voicemail.File(ctx, m)
	if err == nil {
		err = o.voicemail.Heard(ctx, m, api.UserOf(ctx).ID)
	}
	if err != nil {
		return nil, err
	}
	return sound(file), nil
}

// MenuInput is a voice menu, or without keys an announcement.
type MenuInput struct {
	Name      string         `json:"name" minLength:"1" maxLength:"100"`
	Prompt    string         `json:"prompt" minLength:"1" maxLength:"40" doc:"Id"`
	Language  string         `json:"language" enum:"en,ro,ru" doc:"Of what else it says"`
	Keys      []MenuKeyInput `json:"keys,omitempty" maxItems:"12" doc:"Left out: an announcement"`
	Wait      int            `json:"wait,omitempty" minimum:"0" maximum:"60" doc:"Seconds for a key, after the prompt; 5 when left out"`
	Repeats   int            `json:"repeats,omitempty" minimum:"0" maximum:"9" doc:"How often it asks again"`
	Direct    bool           `json:"direct,omitempty" doc:"Extensions may be dialled, too"`
	Otherwise *OnwardInput   `json:"otherwise,omitempty" doc:"Where it leads without a key, or after an announcement; left out: hung up"`
}

// MenuKeyInput is where a key leads.
type MenuKeyInput struct {
	Key string      `json:"key" minLength:"1" maxLength:"1" pattern:"^[0-9*#]$"`
	To  OnwardInput `json:"to"`
}

func (in MenuInput) menu(id string) dialplan.Menu {
	m := dialplan.Menu{ID: id, Name: in.Name, Prompt: in.Prompt, Language: in.Language, Wait: in.Wait,
		Repeats: in.Repeats, Direct: in.Direct}
	for _, k := range in.Keys {
		m.Keys = append(m.Keys, dialplan.MenuKey{Key: k.Key, To: k.To.destination()})
	}
	if in.Otherwise != nil {
		m.Otherwise = new(in.Otherwise.destination())
	}
	return m
}

type (
	menuCreate struct{ Body MenuInput }
	menuPut    struct {
		api.ByID
		Body MenuInput
	}
)

func (o *Operations) listMenus(ctx context.Context, _ *api.None) (api.Page[dialplan.Menu], error) {
	return api.List(o.directory.Menus(ctx))
}

func (o *Operations) createMenu(ctx context.Context, in *menuCreate) (dialplan.Menu, error) {
	m := in.Body.menu("")
	return m, o.saveMenu(ctx, &m)
}

func (o *Operations) putMenu(ctx context.Context, in *menuPut) (dialplan.Menu, error) {
	m := in.Body.menu(in.ID)
	return m, o.saveMenu(ctx, &m)
}

func (o *Operations) saveMenu(ctx context.Context, m *dialplan.Menu) error {
	for _, k := range m.Keys {
		if err := o.checkActive(ctx, "keys", k.To); err != nil {
			return err
		}
	}
	if m.Otherwise != nil {
		if err := o.checkActive(ctx, "otherwise", *m.Otherwise); err != nil {
			return err
		}
	}
	return o.directory.SaveMenu(ctx, m)
}

func (o *Operations) deleteMenu(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteMenu(ctx, in.ID)
}

// BoxInput is a voicemail box.
type BoxInput struct {
	Name     string   `json:"name" minLength:"1" maxLength:"100"`
	Users    []string `json:"users" minItems:"1" maxItems:"50" doc:"Who gets the messages"`
	Greeting string   `json:"greeting,omitempty" maxLength:"40" doc:"Id of a prompt; left out: the one that ships with the program"`
	Language string   `json:"language" enum:"en,ro,ru" doc:"Of what else it says"`
	Seconds  int      `json:"seconds,omitempty" minimum:"0" maximum:"600" doc:"Longest message; 180 when left out"`
	Keeper   string   `json:"keeper,omitempty" maxLength:"40" doc:"Id of who of several users may record the greeting by phone; left out: none of them. Whose alone the box is always may"`
}

func (in BoxInput) box(id string) dialplan.VoicemailBox {
	return dialplan.VoicemailBox{ID: id, Name: in.Name, Users: in.Users, Greeting: in.Greeting,
		Language: in.Language, Seconds: in.Seconds, Keeper: in.Keeper}
}

type (
	boxCreate struct{ Body BoxInput }
	boxPut    struct {
		api.ByID
		Body BoxInput
	}
)

func (o *Operations) listBoxes(ctx context.Context, _ *api.None) (api.Page[dialplan.VoicemailBox], error) {
	return api.List(o.directory.Boxes(ctx))
}

func (o *Operations) createBox(ctx context.Context, in *boxCreate) (dialplan.VoicemailBox, error) {
	b := in.Body.box("")
	return b, o.saveBox(ctx, &b)
}

func (o *Operations) putBox(ctx context.Context, in *boxPut) (dialplan.VoicemailBox, error) {
	b := in.Body.box(in.ID)
	return b, o.saveBox(ctx, &b)
}

func (o *Operations) saveBox(ctx context.Context, b *dialplan.VoicemailBox) error {
	if err := api.CheckActive(ctx, o.core, "users", b.Users...); err != nil {
		return err
	}
	return o.directory.SaveBox(ctx, b)
}

func (o *Operations) deleteBox(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteBox(ctx, in.ID)
}
