package filter

import (
	"math"
	"sync"
)

const (
	rate     = 0.004 // of learning, per feature and step
	minJunk  = 5     // messages moved to Junk before anything is called junk
	minClean = 20    // wanted messages seen before that
	steps    = 8     // at most, to learn one lesson
	margin   = 0.05  // a lesson is learned when the score is that close to the truth
	neutral  = 0.5
)

// model is an online logistic regression with one weight per hashed feature: score = 1/(1+e^-sum). It is the company's
// model as it was last read or written here, and what was learned on this node since.
type model struct {
	mu      sync.RWMutex
	weights []float32
	junk    int64 // lessons of each kind
	clean   int64
	taught  int64 // by people, since the last save
	assumed int64 // by assume, since the last save
	company state // what of that is shared
}

// state of a model as it is saved.
type state struct {
	weights []float32
	junk    int64
	clean   int64
}

func newState() state { return state{weights: make([]float32, buckets)} }

func newModel() *model { return &model{weights: make([]float32, buckets), company: newState()} }

// score tells how likely a message is junk: 0 … 1, and neutral until enough was learned to say.
func (m *model) score(features []uint32) float64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.junk < minJunk || m.clean < minClean {
		return neutral
	}
	return m.predict(features)
}

// train learns what a person said, until the model agrees.
func (m *model) train(features []uint32, junk bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	truth := 0.0
	if junk {
		truth = 1
		m.junk++
	} else {
		m.clean++
	}
	m.taught++
	for range steps {
		if math.Abs(truth-m.step(features, truth, rate)) <= margin {
			return
		}
	}
}

// assume learns that a message is wanted, with less weight: nobody has said so. What looks more like junk than not
// teaches nothing, or junk that nobody moved would undo what people taught.
func (m *model) assume(features []uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clean++
	m.assumed++
	if m.predict(features) <= neutral {
		m.step(features, 0, rate/4)
	}
}

// step moves the weights towards the truth and returns the prediction after it.
func (m *model) step(features []uint32, truth, rate float64) float64 {
	delta := float32(rate * (truth - m.predict(features)))
	for _, f := range features {
		m.weights[f] += delta
	}
	return m.predict(features)
}

func (m *model) predict(features []uint32) float64 {
	sum := 0.0
	for _, f := range features {
		sum += float64(m.weights[f])
	}
	return 1 / (1 + math.Exp(-sum))
}
