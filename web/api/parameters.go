package api

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// parameter is a field of an operation's input that stands in the path, the query or a header of its request.
type parameter struct {
	huma.Param
	field  []int
	preset string // what an absent one is
	list   bool   // given again for each value; without it, values have commas between
}

// parameters are the fields of a type that are tagged as such, those of embedded types, too.
func parameters(registry huma.Registry, in reflect.Type) (list []parameter) {
	for _, f := range reflect.VisibleFields(in) {
		if p, ok := newParameter(registry, f); ok {
			list = append(list, p)
		}
	}
	return list
}

func newParameter(registry huma.Registry, f reflect.StructField) (p parameter, ok bool) {
	for _, place := range []string{"path", "query", "header"} {
		tag, found := f.Tag.Lookup(place)
		if !found {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		schema := huma.SchemaFromField(registry, f, "")
		p = parameter{field: f.Index, preset: f.Tag.Get("default"), list: options == "explode"}
		p.Param = huma.Param{Name: name, In: place, Description: schema.Description, Schema: schema,
			Required: place == "path" || f.Tag.Get("required") == "true"}
		if place == "query" {
			p.Explode = &p.list
		}
		return p, true
	}
	return parameter{}, false
}

// read puts what a request says into its field of in. What is wrong with it is added to the result.
func (p parameter) read(ctx huma.Context, registry huma.Registry, in reflect.Value, result *huma.ValidateResult) {
	path := huma.NewPathBuffer(nil, 0)
	path.Push(p.In)
	path.Push(p.Name)
	text := cmp.Or(p.text(ctx), p.preset)
	if text == "" {
		if p.Required {
			result.Add(path, "", "required "+p.In+" parameter is missing")
		}
		return
	}
	value, err := p.set(ctx, in.FieldByIndex(p.field), text)
	if err != nil {
		result.Add(path, text, err.Error())
		return
	}
	huma.Validate(registry, p.Schema, path, huma.ModeWriteToServer, value, result)
}

func (p parameter) text(ctx huma.Context) string {
	switch p.In {
	case "path":
		return ctx.Param(p.Name)
	case "query":
		return ctx.Query(p.Name)
	}
	return ctx.Header(p.Name)
}

// set gives a field its value, and that value as its schema knows it.
func (p parameter) set(ctx huma.Context, field reflect.Value, text string) (any, error) {
	if _, ok := field.Interface().(time.Time); ok {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, errors.New("invalid date/time for format " + time.RFC3339Nano)
		}
		field.Set(reflect.ValueOf(t))
		return text, nil
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(text)
		return text, nil
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		field.SetBool(v)
		return v, nil
	case reflect.Int:
		v, err := strconv.ParseInt(text, 10, strconv.IntSize)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		field.SetInt(v)
		return v, nil
	case reflect.Slice:
		values := strings.Split(text, ",")
		if u := ctx.URL(); p.list {
			values = u.Query()[p.Name]
		}
		field.Set(reflect.ValueOf(values).Convert(field.Type()))
		return values, nil
	}
	panic(fmt.Sprintf("%s: a parameter can't be a %s", p.Name, field.Type()))
}
