package mailapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/store"
	"frontdesk/web/api"
)

// Mails with files are read into memory: these bound them.
const (
	maxParcels     = 8 // at a time
	maxUserParcels = 2 // at a time, of one user
	maxFiles       = 100
	maxWords       = 1 << 20          // bytes of the mail without its files
	parcelTime     = 15 * time.Minute // for its upload
)

// MailLimits is how big a mail may be.
type MailLimits struct {
	MaxSize  int64 `json:"max_size" doc:"Bytes of the whole mail; files grow by 37 % on their way"`
	MaxFiles int   `json:"max_files"`
}

func (o *Operations) mailLimits(context.Context, *api.None) (MailLimits, error) {
	return MailLimits{MaxSize: o.maxMail, MaxFiles: maxFiles}, nil
}

// parcel is a request whose body its handler reads part by part.
type parcel struct {
	r *http.Request
	w http.ResponseWriter
}

// Resolve keeps the request. It is part of how huma makes inputs.
func (p *parcel) Resolve(ctx huma.Context) []error {
	p.r, p.w = humago.Unwrap(ctx)
	return nil
}

func parcelForm() *huma.Schema { return form("Draft") }

// form is a mail of that type, and its files.
func form(schema string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Required: []string{"mail"}, Properties: map[string]*huma.Schema{
		"mail": {Ref: "#/components/schemas/" + schema},
		"file": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}
}

func (o *Operations) sendParcel(ctx context.Context, in *parcel) (sent Sent, err error) {
	var draft mail.Draft
	err = o.carry(ctx, in, &draft, func(files []letter.File) error {
		draft.Files = files
		sent, err = o.sendMail(ctx, &mailSend{Body: draft})
		return err
	})
	return sent, err
}

// carry reads a mail into words, and its files, for do.
func (o *Operations) carry(ctx context.Context, in *parcel, words any, do func(files []letter.File) error) error {
	user := api.UserOf(ctx).ID
	if !o.parcels.Enter(user) {
		return huma.Error429TooManyRequests("Other mails with files are on their way; wait for them, then send again.")
	}
	defer o.parcels.Leave(user)
	files, err := in.read(o.maxMail, words)
	if err != nil {
		return err
	}
	return do(files)
}

// read reads the mail and its files. mail.ErrTooBig when they can't become a mail of at most so many bytes.
func (p *parcel) read(most int64, words any) ([]letter.File, error) {
	if err := http.NewResponseController(p.w).SetReadDeadline(time.Now().Add(parcelTime)); err != nil {
		return nil, err
	}
	p.r.Body = http.MaxBytesReader(p.w, p.r.Body, most+maxWords)
	parts, err := p.r.MultipartReader()
	if err != nil {
		return nil, huma.Error415UnsupportedMediaType("send multipart/form-data: first the part mail, then a part " +
			"file for each file")
	}
	if err := readWords(parts, words); err != nil {
		return nil, readable(err)
	}
	files, err := readFiles(parts)
	return files, readable(err)
}

// readWords reads the first part: the mail as JSON.
func readWords(parts *multipart.Reader, words any) error {
	part, err := parts.NextPart()
	if err != nil {
		return err
	}
	if part.FormName() != "mail" {
		return huma.Error422UnprocessableEntity("the first part must be mail")
	}
	text, err := io.ReadAll(io.LimitReader(part, maxWords+1))
	if err != nil {
		return err
	}
	if len(text) > maxWords {
		return mail.ErrTooBig
	}
	if field, bad := api.BadJSON("mail", text); bad {
		return huma.Error422UnprocessableEntity(field + " " + api.NotText)
	}
	if err := json.Unmarshal(text, words); err != nil {
		return huma.Error422UnprocessableEntity("mail: " + err.Error())
	}
	return nil
}

func readFiles(parts *multipart.Reader) (files []letter.File, err error) {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() != "file" || len(files) == maxFiles {
			return nil, huma.Error422UnprocessableEntity("after the mail come at most 100 parts, each named file")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		if !store.IsText(part.FileName()) || !store.IsText(part.Header.Get("Content-Type")) {
			return nil, huma.Error422UnprocessableEntity("file: its name or type " + api.NotText)
		}
		files = append(files, letter.File{Name: part.FileName(), Type: part.Header.Get("Content-Type"), Data: data})
	}
}

// readable tells what was wrong with a body that could not be read to its end.
func readable(err error) error {
	var status huma.StatusError
	var long *http.MaxBytesError
	switch {
	case err == nil || errors.As(err, &status) || errors.Is(err, mail.ErrTooBig):
		return err
	case errors.As(err, &long):
		return mail.ErrTooBig
	}
	return huma.Error400BadRequest("the mail did not come in whole: send it again")
}
