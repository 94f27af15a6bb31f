package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// NoNulls makes empty lists of the nil ones in v, which is copied where it has to be.
func NoNulls(v any) any {
	if v == nil {
		return nil
	}
	p := reflect.New(reflect.TypeOf(v)).Elem()
	p.Set(reflect.ValueOf(v))
	fill(p)
	return p.Interface()
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		fillSlice(v)
	}
}

func fillSlice(v reflect.Value) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer {
		for i := range v.Len() {
			fill(v.Index(i))
		}
	}
}

// denull removes null from the types of all lists of the document, as noNulls does from the answers.
func denull(schemas map[string]*huma.Schema) {
	for _, schema := range schemas {
		denullOne(schema)
	}
}

func denullOne(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	denullOne(s.Items)
	if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
		denullOne(values)
	}
	denull(s.Properties)
}
