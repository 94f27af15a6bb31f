package crmapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/offer/paper"
	"frontdesk/store"
	"frontdesk/web/api"
)

// routeOffers registers products, offers and invoices.
func (o *Operations) routeOffers(f *api.Frame) {
	add := func(pattern, summary string) api.Route {
		return api.Route{Tag: "Offers", Access: api.Users, Pattern: pattern, Summary: summary}
	}
	made := func(r api.Route) api.Route { r.Status = 201; return r }
	admins := func(r api.Route) api.Route { r.Access = api.Admins; return r }
	api.Add(f, add("GET /products", "What the company sells, by name"), o.listProducts)
	api.Add(f, admins(made(add("POST /products", "Add a product"))), o.createProduct)
	api.Add(f, admins(add("PUT /products/{id}", "Change a product; what stands on offers stays so")), o.updateProduct)
	api.Do(f, admins(add("DELETE /products/{id}", "Remove a product; lines of offers keep what they say")),
		o.deleteProduct)
	api.Add(f, add("GET /offers",
		"Offers and invoices of a deal, or all that one sees, the latest first, without lines"),
		o.listOffers)
	api.Add(f, made(add("POST /offers", "Begin an offer or invoice on a deal")), o.createOffer)
	api.Add(f, add("POST /offers/totals", "What lines come to, as a document would have it"), o.offerTotals)
	api.Add(f, add("GET /offer-settings", "The company as documents name it, and what new ones begin with"),
		o.offerSettings)
	api.Add(f, admins(add("PUT /offer-settings", "Change that")), o.putOfferSettings)
	logo := admins(add("PUT /offer-settings/logo",
		"Set the logo, a PNG or JPEG of at most 512 kB and 2000 pixels; empty: none"))
	logo.Body = offer.MaxLogo + 1
	api.Add(f, logo, o.putLogo)
	picture := add("GET /offer-settings/logo/{hash}", "A logo")
	picture.Streams = "image/png"
	api.Raw(f, picture, o.logo)
	api.Add(f, add("GET /offers/{id}", "One offer or invoice"), o.getOffer)
	api.Add(f, add("PUT /offers/{id}", "Change a draft"), o.updateOffer)
	api.Do(f, add("DELETE /offers/{id}", "Remove a draft"), o.deleteOffer)
	api.Add(f, add("POST /offers/{id}/state",
		"An offer is sent by hand, accepted or declined; an invoice issued, paid or cancelled. "+
			" Sent and issued also take the next step back"), o.putOfferState)
	api.Add(f, made(add("POST /offers/{id}/copy", "Begin an invoice of an offer, or another one of the kind")),
		o.copyOffer)
	pdf := add("GET /offers/{id}/pdf", "An offer or invoice as PDF")
	pdf.Streams = "application/pdf"
	api.Raw(f, pdf, o.offerPDF)
}

type (
	productList struct {
		api.Paging
		Search string `query:"q" maxLength:"200" doc:"Words of the name or SKU, any part of them"`
		All    bool   `query:"all" doc:"Also those that are not sold any more"`
	}
	productCreate struct{ Body offer.Product }
	productUpdate struct {
		api.ByID
		Body offer.Product
	}
	offerList struct {
		api.Paging
		Deal  string      `query:"deal" maxLength:"100" doc:"Id"`
		Kind  offer.Kind  `query:"kind" enum:"offer,invoice"`
		State offer.State `query:"state" enum:"draft,sent,accepted,declined,issued,paid,cancelled"`
	}
	offerCreate struct{ Body offer.Offer }
	offerUpdate struct {
		api.ByID
		Body offer.Offer
	}
	offerTotals struct{ Body OfferLines }
	// OfferLines are lines of a document that somebody writes.
	OfferLines struct {
		Currency string       `json:"currency" maxLength:"3"`
		Lines    []offer.Line `json:"lines" maxItems:"300" doc:"Names may be missing"`
	}
	// ReckonedLines are they with what each comes to.
	ReckonedLines struct {
		Lines  []offer.Line `json:"lines"`
		Totals offer.Totals `json:"totals"`
	}
	offerState struct {
		api.ByID
		Body struct {
			State offer.State `json:"state" enum:"sent,accepted,declined,issued,paid,cancelled"`
			Day   string      `json:"day,omitempty" maxLength:"10" doc:"When it was paid, such as 2026-01-31; today when left out"`
		}
	}
	offerCopy struct {
		api.ByID
		Body struct {
			Kind offer.Kind `json:"kind" enum:"offer,invoice"`
		}
	}
	offerSettingsPut struct{ Body offer.Settings }
	logoPut          struct {
		RawBody []byte `contentType:"application/octet-stream"`
	}
	logoGet struct {
		Hash string `path:"hash" maxLength:"64"`
	}
)

func (o *Operations) listProducts(ctx context.Context, in *productList) (p api.Page[offer.Product], err error) {
	p.Items, p.Next, err = o.offers.Products(ctx, offer.ProductFilter{Search: in.Search, All: in.All, After: in.After,
		Limit: in.Limit})
	return p, err
}

func (o *Operations) createProduct(ctx context.Context, in *productCreate) (offer.Product, error) {
	in.Body.ID = ""
	return o.offers.SaveProduct(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) updateProduct(ctx context.Context, in *productUpdate) (offer.Product, error) {
	in.Body.ID = in.ID
	return o.offers.SaveProduct(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteProduct(ctx context.Context, in *api.ByID) error {
	return o.offers.DeleteProduct(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) listOffers(ctx context.Context, in *offerList) (p api.Page[offer.Offer], err error) {
	p.Items, p.Next, err = o.offers.List(ctx, api.UserOf(ctx), offer.Filter{Deal: in.Deal, Kind: in.Kind,
		State: in.State, After: in.After, Limit: in.Limit})
	return p, err
}

func (o *Operations) createOffer(ctx context.Context, in *offerCreate) (offer.Offer, error) {
	in.Body.From = ""
	return o.offers.Create(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) offerTotals(_ context.Context, in *offerTotals) (out ReckonedLines, err error) {
	out.Lines = in.Body.Lines
	out.Totals, err = offer.Reckon(in.Body.Currency, out.Lines)
	return out, err
}

func (o *Operations) getOffer(ctx context.Context, in *api.ByID) (offer.Offer, error) {
	return o.offers.Offer(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) updateOffer(ctx context.Context, in *offerUpdate) (offer.Offer, error) {
	in.Body.ID = in.ID
	return o.offers.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteOffer(ctx context.Context, in *api.ByID) error {
	return o.offers.Delete(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) putOfferState(ctx context.Context, in *offerState) (offer.Offer, error) {
	return o.offers.Put(ctx, api.UserOf(ctx), in.ID, in.Body.State, in.Body.Day)
}

func (o *Operations) copyOffer(ctx context.Context, in *offerCopy) (offer.Offer, error) {
	return o.offers.Copy(ctx, api.UserOf(ctx), in.ID, in.Body.Kind)
}

func (o *Operations) offerSettings(ctx context.Context, _ *api.None) (offer.Settings, error) {
	return o.offers.Settings(ctx)
}

func (o *Operations) putOfferSettings(ctx context.Context, in *offerSettingsPut) (offer.Settings, error) {
	return o.offers.SaveSettings(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) putLogo(ctx context.Context, in *logoPut) (offer.Settings, error) {
	return o.offers.SaveLogo(ctx, api.UserOf(ctx), in.RawBody)
}

func (o *Operations) logo(ctx context.Context, in *logoGet) (*api.StreamOutput, error) {
	l, err := o.offers.Logo(ctx, in.Hash)
	if err != nil {
		return nil, err
	}
	return file(l.Type, "", l.Content), nil
}

func (o *Operations) offerPDF(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	one, err := o.offers.Offer(ctx, api.UserOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	var logo *offer.Logo
	if hash := one.Issuer.Logo; hash != "" {
		l, err := o.offers.Logo(ctx, hash)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		logo = &l
	}
	pdf, err := paper.Write(one, logo)
	return file("application/pdf", strings.Trim(string(one.Kind)+" "+one.Number, " ")+".pdf", pdf), err
}

// file answers with a content that a browser shows; name is what it is saved as.
func file(kind, name string, content []byte) *api.StreamOutput {
	return &api.StreamOutput{Body: func(to huma.Context) {
		to.SetHeader("Content-Type", kind)
		to.SetHeader("Cache-Control", "private, no-cache")
		if name != "" {
			to.SetHeader("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
		}
		io.Copy(to.BodyWriter(), bytes.NewReader(content)) // to a client that may be gone
	}}
}
