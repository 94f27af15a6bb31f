package filter

import (
	"math"
	"sync"
)

const (
	gramRate = 0.008 // of learning, per 4-gram and step
	wordRate = 0.02  // the same of words, of which a message has fewer
	minJunk  = 5     // messages moved to Junk before anything is called junk
	minClean = 20    // wanted messages seen before that
	steps    = 8     // at most, to learn one lesson
	margin   = 0.05  // a lesson is learned when the score is that close to the truth
	assumed  = 4     // a step where nobody has said what a message is counts a fourth
	neutral  = 0.5
)

// model is two online logistic regressions with one weight per hashed feature, one over 4-grams and one over words:
// each says 1/(1+e^-sum) and learns by itself, and the score is what the mean of the two sums says. The mean errs less
// than either, as they err about different messages. It is the company's model as it was last read or written here, and
// what was learned on this node since.
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

func newState(bits int) state { return state{weights: make([]float32, 2<<bits)} }

func newModel(bits int) *model {
	return &model{weights: make([]float32, 2<<bits), company: newState(bits)}
}

// score tells how likely a message is junk: 0 … 1, and neutral until enough was learned to say.
func (m *model) score(f features) float64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.junk < minJunk || m.clean < minClean {
		return neutral
	}
	return m.predict(f)
}

// train learns what a person said, until the model agrees.
func (m *model) train(f features, junk bool) {
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
	m.learn(f.grams, truth, gramRate)
	m.learn(f.words, truth, wordRate)
}

// assume learns that a message is wanted, in one small step: nobody has said so. What looks more like junk than not
// teaches nothing, or junk that nobody moved would undo what people taught.
func (m *model) assume(f features) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clean++
	m.assumed++
	if m.predict(f) <= neutral {
		m.step(f.grams, 0, gramRate/assumed)
		m.step(f.words, 0, wordRate/assumed)
	}
}

func (m *model) learn(list []uint32, truth, rate float64) {
	for range steps {
		if math.Abs(truth-m.step(list, truth, rate)) <= margin {
			return
		}
	}
}

// step moves the weights of one list towards the truth and returns what it says after that.
func (m *model) step(list []uint32, truth, rate float64) float64 {
	delta := float32(rate * (truth - logistic(m.sum(list))))
	for _, feature := range list {
		m.weights[feature] += delta
	}
	return logistic(m.sum(list))
}

func (m *model) predict(f features) float64 { return logistic((m.sum(f.grams) + m.sum(f.words)) / 2) }

func (m *model) sum(list []uint32) float64 {
	sum := 0.0
	for _, feature := range list {
		sum += float64(m.weights[feature])
	}
	return sum
}

func logistic(sum float64) float64 { return 1 / (1 + math.Exp(-sum)) }
