package offer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Settings of offers and invoices.
type Settings struct {
	Company
	Off           bool   `json:"off" required:"false" doc:"The company does without: they are nowhere"`
	Language      string `json:"language" enum:"en,ro,ru" doc:"Of new documents"`
	Currency      string `json:"currency" maxLength:"3" doc:"Of products, and of deals that have none"`
	Tax           int64  `json:"tax" minimum:"0" maximum:"10000" doc:"Usual rate, in hundredths of a percent"`
	ValidDays     int    `json:"valid_days" minimum:"0" maximum:"3650" doc:"Of offers"`
	DueDays       int    `json:"due_days" minimum:"0" maximum:"3650" doc:"Of invoices"`
	OfferPrefix   string `json:"offer_prefix" required:"false" maxLength:"20" doc:"Before year and number"`
	InvoicePrefix string `json:"invoice_prefix" required:"false" maxLength:"20"`
}

const settingName = "crm.offers"

func fresh() Settings {
	return Settings{Language: "en", Currency: "EUR", ValidDays: 30, DueDays: 14, OfferPrefix: "O-", InvoicePrefix: "I-"}
}

// Settings are those of the company.
func (o *Offers) Settings(ctx context.Context) (Settings, error) { return settings(ctx, o.db) }

func settings(ctx context.Context, db store.Queries) (Settings, error) {
	s := fresh()
	return s, query.ReadSetting(ctx, db, settingName, &s)
}

// on is ErrOff for a company that does without offers.
func (o *Offers) on(ctx context.Context) error {
	s, err := o.Settings(ctx)
	if err == nil && s.Off {
		err = ErrOff
	}
	return err
}

// SaveSettings changes all but the logo. Administrators only.
func (o *Offers) SaveSettings(ctx context.Context, actor people.User, s Settings) (Settings, error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return s, err
	}
	if err := s.check(); err != nil {
		return s, err
	}
	err := o.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := settings(ctx, tx)
		if err != nil {
			return err
		}
		s.Logo = old.Logo
		return query.SaveSetting(ctx, tx, settingName, s)
	})
	return s, err
}

func (s *Settings) check() error {
	err := input.Texts(input.Bound("name", &s.Name, 0, 200), input.Bound("address", &s.Address, 0, 500),
		input.Bound("vat", &s.VAT, 0, 60), input.Bound("registration", &s.Registration, 0, 60),
		input.Bound("phone", &s.Phone, 0, 60), input.Bound("email", &s.Email, 0, 320),
		input.Bound("website", &s.Website, 0, 200), input.Bound("bank", &s.Bank, 0, 500),
		input.Bound("footer", &s.Footer, 0, 1000), input.Bound("offer_prefix", &s.OfferPrefix, 0, 20),
		input.Bound("invoice_prefix", &s.InvoicePrefix, 0, 20))
	return query.Steps(func() error { return err }, func() error { return checkLanguage(s.Language) },
		func() error { return checkCurrency(s.Currency) }, func() error { return within("tax", s.Tax, 0, whole) },
		func() error { return within("valid_days", int64(s.ValidDays), 0, maxDays) },
		func() error { return within("due_days", int64(s.DueDays), 0, maxDays) })
}

const maxDays = 3650

// MaxLogo is how many bytes a logo may have, and maxPixels how wide and high it may be.
const (
	MaxLogo   = 512 << 10
	maxPixels = 2000
)

// Logo is a picture on the head of documents.
type Logo struct {
	Type    string // image/png, image/jpeg
	Content []byte
}

// SaveLogo sets the company's; none takes it away. Documents that left the house keep theirs. Administrators only.
func (o *Offers) SaveLogo(ctx context.Context, actor people.User, content []byte) (s Settings, err error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return s, err
	}
	var l Logo
	if len(content) > 0 {
		if l, err = drawn(content); err != nil {
			return s, err
		}
	}
	err = o.db.Tx(ctx, func(tx *store.Tx) error {
		if s, err = settings(ctx, tx); err != nil {
			return err
		}
		s.Logo = ""
		if len(content) > 0 {
			sum := sha256.Sum256(l.Content)
			s.Logo = hex.EncodeToString(sum[:])
			if _, err := tx.Exec(ctx, `INSERT INTO offer_logo (hash, type, content) VALUES ($1, $2, $3)
				ON CONFLICT DO NOTHING`, s.Logo, l.Type, l.Content); err != nil {
				return err
			}
		}
		return query.SaveSetting(ctx, tx, settingName, s)
	})
	return s, err
}

// drawn is a picture as documents show it, written anew: whatever else its file had is left out.
func drawn(file []byte) (l Logo, err error) {
	if len(file) > MaxLogo {
		return l, input.Refuse("logo", "is larger than 512 kB: make it smaller")
	}
	c, format, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return l, input.Refuse("logo", "is no PNG or JPEG")
	}
	if c.Width > maxPixels || c.Height > maxPixels || c.Width < 1 || c.Height < 1 {
		return l, input.Refuse("logo", "is more than 2000 pixels wide or high: make it smaller")
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return l, input.Refuse("logo", "is damaged: save it anew as PNG or JPEG")
	}
	var out bytes.Buffer
	l.Type = "image/" + format
	if format == "jpeg" {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: 92})
	} else {
		plain := image.NewNRGBA(image.Rect(0, 0, c.Width, c.Height))
		draw.Draw(plain, plain.Bounds(), picture, picture.Bounds().Min, draw.Src)
		err = png.Encode(&out, plain)
	}
	l.Content = out.Bytes()
	return l, err
}

// Logo is a picture that documents have had, by its hash: store.ErrNotFound.
func (o *Offers) Logo(ctx context.Context, hash string) (Logo, error) {
	return query.One(ctx, o.db, func(r store.Row) (l Logo, err error) { return l, r.Scan(&l.Type, &l.Content) },
		query.New("SELECT type, content FROM offer_logo WHERE hash = ?", hash))
}
