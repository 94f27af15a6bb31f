package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// binding is how the request of one operation becomes its input: a struct of parameters with a Body, that of JSON, or a
// RawBody. huma has code for this, which is compiled anew for each type of input: 20 kB of program for each of some
// hundreds of operations. So to huma they all have one of two inputs, with a body and without.
type binding struct {
	api        huma.API
	in         reflect.Type
	parameters []parameter
	body, raw  []int // the fields, or nil
	presets    []preset
}

// preset is what a member of a body is when it is left out, as its tag says.
type preset struct {
	field []int
	value reflect.Value
}

const bindingKey = "binding"

// bare is the input of an operation without a body.
type bare struct{ in any }

// Resolve reads the operation's own input. It is part of how huma makes inputs.
func (b *bare) Resolve(ctx huma.Context) (problems []error) {
	b.in, problems = bindingOf(ctx).read(ctx, nil)
	return problems
}

// bodied is the input of an operation with a body, which huma has read and compared with its schema.
type bodied struct {
	bare
	RawBody []byte
}

// Resolve is bare's.
func (b *bodied) Resolve(ctx huma.Context) (problems []error) {
	b.in, problems = bindingOf(ctx).read(ctx, b.RawBody)
	return problems
}

func bindingOf(ctx huma.Context) *binding { return ctx.Operation().Metadata[bindingKey].(*binding) }

// register registers an operation with an input of that type. handle is given a pointer to one.
func register[O any](f *Frame, op huma.Operation, in reflect.Type, handle func(context.Context, any) (*O, error)) {
	b := bind(f.API, in, &op)
	op.Metadata[bindingKey] = b
	if b.body == nil && b.raw == nil {
		huma.Register(f.API, op, func(ctx context.Context, in *bare) (*O, error) { return handle(ctx, in.in) })
		return
	}
	required := op.RequestBody.Required
	huma.Register(f.API, op, func(ctx context.Context, in *bodied) (*O, error) { return handle(ctx, in.in) })
	op.RequestBody.Required = required
	if b.raw == nil {
		delete(op.RequestBody.Content, rawType)
	}
}

const (
	rawType  = "application/octet-stream"
	jsonType = "application/json"
	bodyTime = 5 * time.Second // for a body of JSON to arrive
)

// bind finds what is to be read for an input, and describes it in op.
func bind(api huma.API, in reflect.Type, op *huma.Operation) *binding {
	registry := api.OpenAPI().Components.Schemas
	b := &binding{api: api, in: in, parameters: parameters(registry, in)}
	for _, p := range b.parameters {
		op.Parameters = append(op.Parameters, &p.Param)
	}
	if f, ok := in.FieldByName("RawBody"); ok {
		b.raw = f.Index
		op.RequestBody = &huma.RequestBody{Required: true}
	}
	if f, ok := in.FieldByName("Body"); ok {
		b.body, b.presets = f.Index, presets(f.Type, f.Index)
		op.RequestBody = describeBody(registry, in, f, op.OperationID)
		op.BodyReadTimeout = bodyTime
		if op.MaxBodyBytes == 0 {
			op.MaxBodyBytes = 1 << 20
		}
	} else if len(b.parameters) > 0 && len(op.Errors) > 0 { // of a body huma knows itself that it can be wrong
		op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
	}
	return b
}

func describeBody(
	registry huma.Registry, in reflect.Type, body reflect.StructField, operation string,
) *huma.RequestBody {
	hint := operation + "Request"
	if in.Name() != "" {
		hint = in.Name() + body.Name
	}
	return &huma.RequestBody{
		Required: body.Type.Kind() != reflect.Pointer,
		Content:  map[string]*huma.MediaType{jsonType: {Schema: huma.SchemaFromField(registry, body, hint)}},
	}
}

// presets are those of a body, and of what it consists of.
func presets(t reflect.Type, path []int) (list []preset) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for _, f := range reflect.VisibleFields(t) {
		field := append(path[:len(path):len(path)], f.Index...)
		if text, ok := f.Tag.Lookup("default"); ok {
			list = append(list, preset{field, valueOf(f.Type, text)})
		} else if !f.Anonymous {
			list = append(list, presets(f.Type, field)...)
		}
	}
	return list
}

// valueOf reads a tag: a text, or JSON of what is none.
func valueOf(t reflect.Type, tag string) reflect.Value {
	value := reflect.New(t).Elem()
	if t.Kind() == reflect.String {
		value.SetString(tag)
	} else if err := json.Unmarshal([]byte(tag), value.Addr().Interface()); err != nil {
		panic(fmt.Sprintf("default of a %s: %v", t, err))
	}
	return value
}

// read makes the input of a request. body is that of the request, of which huma has told already what is wrong with it.
func (b *binding) read(ctx huma.Context, body []byte) (any, []error) {
	var wrong huma.ValidateResult
	in := reflect.New(b.in)
	for _, p := range b.parameters {
		p.read(ctx, b.api.OpenAPI().Components.Schemas, in.Elem(), &wrong)
	}
	switch {
	case b.raw != nil:
		in.Elem().FieldByIndex(b.raw).SetBytes(body)
	case len(body) > 0:
		if err := b.readBody(ctx, in.Elem(), body); err != nil {
			wrong.Errors = append(wrong.Errors, err)
		}
	}
	if r, ok := in.Interface().(huma.Resolver); ok {
		wrong.Errors = append(wrong.Errors, r.Resolve(ctx)...)
	}
	return in.Interface(), wrong.Errors
}

// readBody fails where the schema let something pass that the type can't hold.
func (b *binding) readBody(ctx huma.Context, in reflect.Value, body []byte) error {
	kind := ctx.Header("Content-Type")
	if kind == "" {
		kind = jsonType
	}
	if err := b.api.Unmarshal(kind, body, in.FieldByIndex(b.body).Addr().Interface()); err != nil {
		if b.fits(ctx, kind, body) {
			return &huma.ErrorDetail{Location: "body", Message: err.Error()}
		}
		return nil
	}
	for _, p := range b.presets {
		if f := in.FieldByIndex(p.field); f.IsZero() {
			f.Set(p.value)
		}
	}
	return nil
}

// fits says whether a body is as its schema says.
func (b *binding) fits(ctx huma.Context, kind string, body []byte) bool {
	var parsed any
	var wrong huma.ValidateResult
	if err := b.api.Unmarshal(kind, body, &parsed); err != nil {
		return false
	}
	schema, path := ctx.Operation().RequestBody.Content[jsonType].Schema, huma.NewPathBuffer(nil, 0)
	huma.Validate(b.api.OpenAPI().Components.Schemas, schema, path, huma.ModeWriteToServer, parsed, &wrong)
	return len(wrong.Errors) == 0
}
