// Package xmltest checks, for tests, that a document has the structure that others' programs expect.
package xmltest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Element is one that a document has, or may have.
type Element struct {
	Name string
	Min  int // how often; Max 0: any number
	Max  int
	Text string            // pattern of the whole text, of an element without others in it
	In   []Element         // in that order
	Free bool              // in any order
	Attr map[string]string // patterns of the attributes that it has to have
}

// node is an element of a document.
type node struct {
	name string
	attr map[string]string
	text string
	in   []*node
}

// Check tells where a document is not what root says.
func Check(document []byte, root Element) error {
	n, err := parse(document)
	if err != nil {
		return err
	}
	if n.name != root.Name {
		return fmt.Errorf("the root is %s, not %s", n.name, root.Name)
	}
	return n.check(root, "")
}

func parse(document []byte) (*node, error) {
	var open []*node
	var root *node
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && root != nil && len(open) == 0 {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			if len(open) > 0 {
				open[len(open)-1].in = append(open[len(open)-1].in, n)
			} else if root == nil {
				root = n
			}
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		}
	}
}

func (n *node) check(e Element, at string) error {
	at += "/" + e.Name
	for name, pattern := range e.Attr {
		if value, there := n.attr[name]; !there || !whole(pattern, value) {
			return fmt.Errorf("%s: attribute %s is %q, not %s", at, name, value, pattern)
		}
	}
	if len(e.In) == 0 {
		if len(n.in) > 0 || !whole(e.Text, n.text) {
			return fmt.Errorf("%s: %q with %d elements is not %s", at, n.text, len(n.in), e.Text)
		}
		return nil
	}
	if strings.TrimSpace(n.text) != "" {
		return fmt.Errorf("%s: text %q between its elements", at, n.text)
	}
	return n.inside(e, at)
}

func whole(pattern, text string) bool {
	return regexp.MustCompile(`^(?s:` + pattern + `)$`).MatchString(text)
}

func (n *node) inside(e Element, at string) error {
	place, count := 0, map[string]int{}
	for _, child := range n.in {
		i := slices.IndexFunc(e.In, func(x Element) bool { return x.Name == child.name })
		switch {
		case i < 0:
			return fmt.Errorf("%s: there is no %s in it", at, child.name)
		case i < place && !e.Free:
			return fmt.Errorf("%s: %s comes too late", at, child.name)
		}
		place = i
		count[child.name]++
		if err := child.check(e.In[i], at); err != nil {
			return err
		}
	}
	for _, x := range e.In {
		if n := count[x.Name]; n < x.Min || x.Max > 0 && n > x.Max {
			return fmt.Errorf("%s: %d times %s", at, n, x.Name)
		}
	}
	return nil
}
