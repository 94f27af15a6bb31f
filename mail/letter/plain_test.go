package letter_test

import (
	"slices"
	"testing"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
)

func TestPlain(t *testing.T) {
	for _, test := range [][2]string{
		{"<p>Bună <b>ziua</b>,</p><p>a<br>b</p>",
			"Bună ziua,\n\na\nb"},
		{"<p>Two:</p><ol><li><p>one</p></li><li><p>two<br>lines</p></li></ol><p>End</p>",
			"Two:\n\n1. one\n2. two\n   lines\n\nEnd"},
		{"<ul><li>a<ul><li>b</li></ul></li></ul>",
			"- a\n  - b"},
		{`<p>See <a href="https://x.test/">x.test</a>, <a href="https://y.test/a">here</a></p>`,
			"See x.test, here <https://y.test/a>"},
		{`<p><a href="mailto:a@x.test">a@x.test</a></p>`,
			"a@x.test"},
		{`<p>Hi</p><div class="frontdesk_signature"><p>Ana<br>Acme</p></div>`,
			"Hi\n\n\n-- \nAna\nAcme"},
		{`<p>Yes</p><div class="frontdesk_quote"><p>Ion:</p><blockquote><p>A?</p><p>B?</p></blockquote></div>`,
			"Yes\n\nIon:\n\n> A?\n> \n> B?"},
		{`<p>x <img src="cid:1" alt="plan.png"></p>`,
			"x [plan.png]"},
		{`<div style="white-space: pre-wrap">a  b` + "\n" + `c</div>`,
			"a  b\nc"},
		{"<script>x</script><p></p>",
			""},
		{"no tags < at all &amp;",
			"no tags < at all &"},
	} {
		if got := letter.Plain(test[0]); got != test[1] {
			t.Errorf("%s\nreads %q\nwant  %q", test[0], got, test[1])
		}
	}
}

// A picture within the text is a part beside the HTML; one that it shows no more doesn't go.
func TestPicturesWithinTheText(t *testing.T) {
	h := letter.Begin("1@acme.test", gomail.Address{Address: "ana@acme.test"}, "x")
	png := []byte("\x89PNG")
	files := []letter.File{{Name: "plan.png", Type: "image/png", ID: "p1@acme.test", Data: png},
		{Name: "gone.png", Type: "image/png", ID: "p2@acme.test", Data: png},
		{Name: "evil.html", Type: "text/html", ID: "p3@acme.test", Data: png}, {Name: "a.txt", Type: "text/plain",
			Data: png}}
	raw, err := letter.Write(h, "", `<p>Plan <img src="cid:p1@acme.test"> <img src="cid:p3@acme.test"></p>`, files)
	if err != nil {
		t.Fatal(err)
	}
	m := mime.ParseBytes(raw)
	var types []string
	for n := m.Root; n != nil; {
		types = append(types, n.Type)
		next := n.Parts
		if n = nil; len(next) > 0 {
			n = next[min(1, len(next)-1)]
			if types[len(types)-1] == "multipart/mixed" {
				n = next[0]
			}
		}
	}
	if want := []string{"multipart/mixed", "multipart/alternative", "multipart/related",
		"image/png"}; !slices.Equal(types, want) {
		t.Errorf("parts %v", types)
	}
	kept := letter.Files(raw, m, nil)
	if len(kept) != 3 || kept[0].ID != "p1@acme.test" || kept[1].ID != "" || kept[1].Name != "evil.html" ||
		kept[2].Name != "a.txt" {
		t.Errorf("kept %+v", kept)
	}
	if one := letter.Files(raw, m, []string{kept[0].Key()}); len(one) != 1 || string(one[0].Data) != string(png) {
		t.Errorf("kept of one: %+v", one)
	}
}
