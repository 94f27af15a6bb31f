package main

import (
	"fmt"
	"strings"
	"time"
)

const (
	panelWidth, panelHeight = 760, 110
	panelMargin             = 34
)

// picture shows what the program took, a panel for each measure.
func (w *watched) picture() string {
	var s strings.Builder
	all := measures()
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="#fff"/>
`, panelWidth+2*panelMargin, len(all)*(panelHeight+panelMargin)+panelMargin)
	for i, m := range all {
		top := i*(panelHeight+panelMargin) + panelMargin
		w.panel(&s, i, m.name, top)
	}
	s.WriteString("</svg>\n")
	return s.String()
}

func (w *watched) panel(s *strings.Builder, which int, name string, top int) {
	most, end := 1.0, w.looks[len(w.looks)-1].at
	for _, l := range w.looks {
		most = max(most, l.values[which])
	}
	var line strings.Builder
	for _, l := range w.looks {
		fmt.Fprintf(&line, "%.1f,%.1f ", panelMargin+float64(panelWidth)*float64(l.at)/float64(end),
			float64(top+panelHeight)-float64(panelHeight)*l.values[which]/most)
	}
	first, last := w.looks[0].values[which], w.looks[len(w.looks)-1].values[which]
	fmt.Fprintf(s, `<text x="%d" y="%d" fill="#222">%s: %.0f before, at most %.0f, %.0f after</text>
<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#ccc"/>
<polyline points="%s" fill="none" stroke="#1c7ed6" stroke-width="1.5"/>
<text x="%d" y="%d" fill="#666" text-anchor="end">%s</text>
`, panelMargin, top-6, name, first, most, last, panelMargin, top, panelWidth, panelHeight,
		strings.TrimSpace(line.String()), panelMargin+panelWidth, top+panelHeight+14, end.Round(time.Second))
}
