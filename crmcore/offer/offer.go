// Package offer has what a company sells, and the offers and invoices that it writes on a deal: their lines and totals,
// their numbers, and what becomes of them. Who sees a deal sees its offers, and may write them.
package offer

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Offers keeps them. It is safe for concurrent use, and keeps nothing in memory.
type Offers struct {
	db      *store.DB
	zone    *time.Location
	changed func(ctx context.Context, refs []record.Ref)
	now     func() time.Time
}

// New opens them. Days are those of the company's zone; changed is told, after the commit, of deals whose offers
// changed.
func New(db *store.DB, zone *time.Location, changed func(ctx context.Context, refs []record.Ref)) *Offers {
	return &Offers{db: db, zone: zone, changed: changed, now: time.Now}
}

// ErrOff: the company does without offers.
var ErrOff = errors.New("offers and invoices are switched off: Settings → Offers and invoices")

// ErrFixed: what left the house stays as it is.
var ErrFixed = errors.New("it left the house and stays as it is: make another one, or cancel an invoice")

// Kind of a document.
type Kind string

const (
	Quote   Kind = "offer"
	Invoice Kind = "invoice"
)

// State is what became of a document.
type State string

const (
	Draft     State = "draft"
	Sent      State = "sent"      // an offer, by mail or otherwise
	Accepted  State = "accepted"  // by the client
	Declined  State = "declined"  // likewise
	Issued    State = "issued"    // an invoice: it has a number, and is never changed
	Paid      State = "paid"      // likewise
	Cancelled State = "cancelled" // likewise; its number stays taken
)

// Line of an offer. All numbers are whole: nothing is lost on the way.
type Line struct {
	Product  string `json:"product,omitempty" maxLength:"100" doc:"Id; empty for free text"`
	Name     string `json:"name" maxLength:"500" doc:"As the document has it"`
	Unit     string `json:"unit,omitempty" maxLength:"30" doc:"Such as pcs or h"`
	Quantity int64  `json:"quantity" minimum:"1" maximum:"1000000000" doc:"In thousandths: 1500 is one and a half"`
	Price    int64  `json:"price" minimum:"-1000000000000" maximum:"1000000000000" doc:"Of a unit, without tax, in hundredths of the currency's unit"`
	Discount int64  `json:"discount,omitempty" minimum:"0" maximum:"10000" doc:"In hundredths of a percent: 1000 is 10 %"`
	Tax      int64  `json:"tax" minimum:"0" maximum:"10000" doc:"Rate, in hundredths of a percent: 2100 is 21 %"`
	Net      int64  `json:"net" readOnly:"true" doc:"Quantity × price, less the discount, rounded to the currency's smallest unit"`
}

// Offer is an offer or invoice.
type Offer struct {
	ID       string    `json:"id" readOnly:"true"`
	Kind     Kind      `json:"kind" enum:"offer,invoice"`
	Deal     string    `json:"deal" maxLength:"100" doc:"Id; it stays"`
	State    State     `json:"state" readOnly:"true" enum:"draft,sent,accepted,declined,issued,paid,cancelled"`
	Number   string    `json:"number" readOnly:"true" doc:"Of an invoice: empty until it is issued"`
	From     string    `json:"from,omitempty" readOnly:"true" doc:"Of an invoice: id of the offer that it was made of"`
	Language string    `json:"language" required:"false" enum:"en,ro,ru" doc:"Of the document"`
	Currency string    `json:"currency" required:"false" maxLength:"3" doc:"ISO 4217"`
	Client   string    `json:"client" required:"false" maxLength:"1000" doc:"Name and address, a line each; of a new one, when left out, what is known of the deal's company or contact"`
	Email    string    `json:"email" required:"false" maxLength:"320" doc:"Where it goes"`
	Intro    string    `json:"intro" required:"false" maxLength:"4000" doc:"Above the lines"`
	Note     string    `json:"note" required:"false" maxLength:"4000" doc:"Below the totals"`
	Date     string    `json:"date" required:"false" maxLength:"10" doc:"Such as 2026-01-31; today when left out. An invoice's is the day it is issued on"`
	Until    string    `json:"until" required:"false" maxLength:"10" doc:"An offer is valid, an invoice due until then; when left out, as the settings say"`
	Lines    []Line    `json:"lines" required:"false" maxItems:"300"`
	Totals   Totals    `json:"totals" readOnly:"true"`
	By       string    `json:"by" readOnly:"true" doc:"Id of who made it"`
	SentAt   time.Time `json:"sent_at" readOnly:"true"`
	Decided  time.Time `json:"decided" readOnly:"true" doc:"When it was accepted, declined or cancelled"`
	PaidOn   string    `json:"paid_on" readOnly:"true"`
	Created  time.Time `json:"created" readOnly:"true"`
	Updated  time.Time `json:"updated" required:"false" doc:"Of a change: as it was read; another's change in between is not lost"`
	// Issuer is the company as the document names it: as it was when that left the house, until then as it is.
	Issuer *Company `json:"-"`
}

// Company is who writes offers and invoices, as their heads and feet say it.
type Company struct {
	Name         string `json:"name" maxLength:"200"`
	Address      string `json:"address" required:"false" maxLength:"500" doc:"A line each"`
	VAT          string `json:"vat" required:"false" maxLength:"60" doc:"VAT number"`
	Registration string `json:"registration" required:"false" maxLength:"60" doc:"Number in the register of companies"`
	Phone        string `json:"phone" required:"false" maxLength:"60"`
	Email        string `json:"email" required:"false" maxLength:"320"`
	Website      string `json:"website" required:"false" maxLength:"200"`
	Bank         string `json:"bank" required:"false" maxLength:"500" doc:"Where invoices are paid, a line each"`
	Footer       string `json:"footer" required:"false" maxLength:"1000"`
	Logo         string `json:"logo,omitempty" readOnly:"true" doc:"Of its picture: PUT /offer-settings/logo"`
}

// Totals of a document. Each line is rounded to the currency's smallest unit; the tax is that of the sum of all lines
// of one rate, rounded once: as electronic invoices want it (EN 16931, BR-CO-10 and BR-CO-17). Halves go away from
// zero.
type Totals struct {
	Net   int64   `json:"net" doc:"Of all lines, in hundredths"`
	Tax   int64   `json:"tax"`
	Total int64   `json:"total"`
	Rates []Taxed `json:"rates" doc:"By rate, the lowest first"`
}

// Taxed is what the lines of one rate come to.
type Taxed struct {
	Rate int64 `json:"rate" doc:"In hundredths of a percent"`
	Net  int64 `json:"net"`
	Tax  int64 `json:"tax"`
}

// micros is a moment as it is kept: 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return store.Time(micros)
}
