package dialplan

import (
	"reflect"
	"slices"
)

// Node is a step of a program, drawn: each outcome leads to a node of the same chart, or ends the program.
type Node struct {
	Step Step
	Next map[Outcome]int // position in the chart; an outcome that ends the program is not in it
}

// Chart draws a program: its steps, the first one first, and where each outcome leads.
func Chart(first Step) []Node {
	nodes := []Node{{Step: first}}
	for i := 0; i < len(nodes); i++ {
		next := map[Outcome]int{}
		for _, o := range nodes[i].Step.Outcomes() {
			step := nodes[i].Step.After(o)
			if step == nil || step == Step(HangUp{}) {
				continue
			}
			at := place(nodes, step)
			if at < 0 {
				nodes, at = append(nodes, Node{Step: step}), len(nodes)
			}
			next[o] = at
		}
		nodes[i].Next = next
	}
	return nodes
}

// place is where a step stands in a chart, -1 where it does not. Steps are values: two that are equal are the same,
// with all that follows.
func place(nodes []Node, s Step) int {
	return slices.IndexFunc(nodes, func(n Node) bool { return reflect.DeepEqual(n.Step, s) })
}

// Visit is a step that a walk comes to, and what came of it there.
type Visit struct {
	Node    int // in the chart
	Outcome Outcome
}

// Rehearse walks a program as a call does, with what each step would come to but those that are decided, until it is
// over.
func Rehearse(first Step, come func(Step) Outcome) (chart []Node, way []Visit) {
	chart = Chart(first)
	walk := NewWalk(first)
	for step, more := walk.Next(""); more; {
		o := comes(step, come)
		way = append(way, Visit{place(chart, step), o})
		step, more = walk.Next(o)
	}
	return chart, way
}

// comes is what comes of a step; some have decided, and a prompt is heard.
func comes(s Step, come func(Step) Outcome) Outcome {
	switch s := s.(type) {
	case Choice:
		return s.Decides()
	case Announce:
		return Done
	case Ask: // nobody presses a key
		return s.Outcomes()[max(len(s.Outcomes())-2, 0)]
	case Voicemail:
		return Recorded
	}
	return come(s)
}
