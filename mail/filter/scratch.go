package filter

const (
	headBytes   = 64 << 10 // of a message that the classifier looks at to find
	textBytes   = 3 << 10  // of text that it reads, of which
	fieldBytes  = textBytes / 2
	modelBits   = 20 // each view has so many weights: 1 << 20
	signalVotes = 16 // a signal counts as much as that many 4-grams
)

// quiet are fields that say nothing about whether a message is wanted, or that differ for every message.
var quiet = map[string]bool{
	"authentication-results": true, "dkim-signature": true, "arc-seal": true, "arc-message-signature": true,
	"arc-authentication-results": true, "received-spf": true, "date": true, "message-id": true, "return-path": true,
	"delivered-to": true, "x-google-dkim-signature": true, "x-gm-message-state": true,
}

// features are what the model knows of a message, seen in two ways: the byte 4-grams of its beginning as it came, and
// the words of what a person reads. Each is a list of distinct places among the weights.
type features struct {
	grams, words []uint32
}

// scratch is the memory for one message's features, reused.
type scratch struct {
	features
	bits int      // of a model's size
	seen []uint64 // a bit per feature in the lists
	text []byte
}

func newScratch(bits int) *scratch { return &scratch{bits: bits, seen: make([]uint64, 2<<bits/64)} }

func (s *scratch) clear() {
	for _, list := range [][]uint32{s.grams, s.words} {
		for _, feature := range list {
			s.seen[feature/64] = 0
		}
	}
	s.grams, s.words, s.text = s.grams[:0], s.words[:0], s.text[:0]
}

func (s *scratch) addGram(value uint32) { s.grams = s.add(s.grams, s.spread(value)) }

// addWord notes a word or pair of words; their weights stand behind those of the 4-grams.
func (s *scratch) addWord(value uint32) { s.words = s.add(s.words, 1<<s.bits+s.spread(value)) }

func (s *scratch) add(list []uint32, feature uint32) []uint32 {
	if word, bit := feature/64, uint64(1)<<(feature%64); s.seen[word]&bit == 0 {
		s.seen[word] |= bit
		list = append(list, feature)
	}
	return list
}

// spread is Fibonacci hashing, so that neighbouring values do not stand together.
func (s *scratch) spread(value uint32) uint32 { return value * 2654435761 >> (32 - s.bits) }

// hash is FNV-1a.
func hash(text string) uint32 {
	sum := uint32(2166136261)
	for i := range len(text) {
		sum = (sum ^ uint32(text[i])) * 16777619
	}
	return sum
}
